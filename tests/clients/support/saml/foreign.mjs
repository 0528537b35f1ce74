// Runs a provider that is a program of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { selfSigned } from './keys.mjs';

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * Starts `command({ port, home, origin })` with a home directory that has `key.pem` and `certificate.pem`, and waits
 * until the address `ready` answers. The program finds the home in CUSTOMER_HOME and its address in CUSTOMER_ORIGIN.
 */
export async function foreign(name, { command, environment = {}, ready, prepare = () => {} }) {
  const home = mkdtempSync(path.join(tmpdir(), `vestibule-${name}-`));
  const { key, certificate } = selfSigned(name);
  writeFileSync(path.join(home, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(path.join(home, 'certificate.pem'), certificate);
  prepare(home);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const [program, ...words] = command({ port, home, origin });
  const child = spawn(program, words, {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, CUSTOMER_HOME: home, CUSTOMER_ORIGIN: origin },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  let ended = false;
  const end = new Promise((resolve) => {
    child.once('error', (error) => (output += error, ended = true, resolve()));
    child.once('exit', () => (ended = true, resolve()));
  });

  async function stop() {
    if (!ended) child.kill('SIGTERM');
    await Promise.race([end, sleep(5000, null, { ref: false }).then(() => child.kill('SIGKILL'))]);
    rmSync(home, { recursive: true, force: true });
  }

  const deadline = Date.now() + 30_000;
  while (!(await answers(`${origin}${ready}`))) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`${name} did not become ready:\n${output}`);
    }
    await sleep(50);
  }
  const log = path.join(home, `${name}.log`);
  const said = () => output + (existsSync(log) ? readFileSync(log, 'utf8') : '');
  return { origin, home, certificate, output: said, stop };
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status < 400;
  } catch {
    return false;
  }
}
