// Starts an application of examples/ by the commands that its README prints, beside a running server.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const directory = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** Installing and compiling is part of what README says. */
const PATIENCE = 300_000;

async function freePort() {
  const listener = createServer().listen(0, 'localhost');
  await once(listener, 'listening');
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

/** Passes all that it is asked on to the server; `asked` are the paths. */
export async function listeningIn(server) {
  const asked = [];
  const { host, hostname, port } = new URL(server.baseUrl);
  const between = createHttpServer((request, response) => {
    asked.push(request.url);
    const { method, url, headers } = request;
    const onward = httpRequest({ hostname, port, method, path: url, headers: { ...headers, host } }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  const stop = () => {
    between.closeAllConnections();
    between.close();
  };
  return { asked, baseUrl: `http://127.0.0.1:${between.address().port}`, stop };
}

/** README's blocks in that language, in their order. */
function blocks(name, language) {
  const readme = readFileSync(path.join(directory, name, 'README.md'), 'utf8');
  const found = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, its]) => its === language);
  if (found.length === 0) throw new Error(`the README of ${name} has no ${language} block`);
  return found.map(([, , block]) => block).join('\n');
}

/** What starts it, at another port: the usual one may be taken. */
const commands = (name, port) => `set -eu\n${blocks(name, 'sh')}`.replaceAll(/\b3000\b/g, String(port));

/** Runs what README has typed beside the running application; answers what it prints. */
export function typed(name, server) {
  const script = blocks(name, 'console').replaceAll(/^\$ /gm, '');
  const env = { ...process.env, ...server.exports };
  return execFileSync('bash', ['-c', `set -eu\n${script}`], { encoding: 'utf8', env });
}

/** Answers `url`, `output()` and `stop()` when the application answers. It finds the server at `baseUrl`. */
export async function startExample(name, server, baseUrl = server.baseUrl) {
  const port = await freePort();
  const child = spawn('bash', ['-c', commands(name, port)], {
    cwd: path.join(directory, name),
    // A process group of its own: what a package manager starts ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...server.exports,
      BASE: baseUrl,
      PORT: String(port),
      APP_URL: `http://localhost:${port}`,
      NEXT_TELEMETRY_DISABLED: '1',
    },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');

  const stop = async () => {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    const late = sleep(10_000, 'late', { ref: false });
    if ((await Promise.race([ended, late])) === 'late') process.kill(-child.pid, 'SIGKILL');
  };

  const url = `http://localhost:${port}`;
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answers = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.ok, () => false);
    if (answers) return { url, output: () => output, stop };
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${name} did not start (exit status ${child.exitCode}):\n${output}`);
    }
    await sleep(100);
  }
}
