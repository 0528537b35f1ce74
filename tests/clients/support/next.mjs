// The sample application of our package for Next.js: built as it is deployed, and served beside a running server.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const sdks = fileURLToPath(new URL('../../../sdks/', import.meta.url));
const program = path.join(sdks, 'node_modules/next/dist/bin/next');
const cwd = path.join(sdks, 'samples/next');
const environment = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
const PATIENCE = 60_000;

/** Builds it, as for production. It knows no server yet. */
export const built = () => promisify(execFile)(process.execPath, [program, 'build'], { cwd, env: environment });

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Serves what was built, beside `server`; answers `url` and `stop()`. The server is told what it has to know of such an application. */
export async function started(server) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  server.command('project', 'sdk', 'set', server.projectId, '--allow-origin', url);
  for (const at of ['/callback', '/callback?stay', '/legacy/callback', '/b2b/official', '/b2b/ours', '/legacy/b2b/official', '/legacy/b2b/ours']) {
    server.command('redirect-url', 'add', server.projectId, `${url}${at}`);
  }
  const { BASE, PROJECT_ID, SECRET, PUBLIC_TOKEN } = server.exports;
  const child = spawn(process.execPath, [program, 'start', '--hostname', '127.0.0.1', '--port', String(port)], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment, BASE, PROJECT_ID, SECRET, PUBLIC_TOKEN },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    if ((await Promise.race([ended, sleep(5_000, 'late', { ref: false })])) === 'late') child.kill('SIGKILL');
  };
  const deadline = Date.now() + PATIENCE;
  while (!(await fetch(url).then(({ ok }) => ok, () => false))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the application did not start (exit status ${child.exitCode}):\n${output}`);
    }
    await sleep(50);
  }
  return { url, output: () => output, stop };
}
