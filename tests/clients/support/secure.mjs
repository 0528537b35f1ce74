// A server as the world sees it: https in front of it, on a name of its own. The certificate is made for the run, and the browser is told
// where the name is.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as forward } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';

function certificate(names) {
  const directory = mkdtempSync(path.join(tmpdir(), 'vestibule-https-'));
  const at = (file) => path.join(directory, file);
  try {
    const subject = ['-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join()}`];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', at('key'), '-out', at('cert'), ...subject], { stdio: 'pipe' });
    return { key: readFileSync(at('key')), cert: readFileSync(at('cert')) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Serves each of `names`, from a host name to the http address behind it, by https on one `port`. `rules` are the browser's: it takes the
 * port for that of https.
 */
export async function secured(names) {
  const server = createServer(certificate(Object.keys(names)), (request, response) => {
    const behind = new URL(names[request.headers.host?.split(':')[0]] ?? 'http://127.0.0.1:9');
    const asked = forward({ host: behind.hostname, port: behind.port, method: request.method, path: request.url, headers: { ...request.headers, host: behind.host } }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    asked.on('error', () => response.writeHead(502).end());
    request.pipe(asked);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const rules = Object.keys(names).map((name) => `MAP ${name}:443 127.0.0.1:${port}`).join();
  return {
    port,
    rules,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
