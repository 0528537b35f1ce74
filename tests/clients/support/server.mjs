// Starts `vestibule dev` for one suite and stops it again.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Where a signed-in browser is sent. Nothing listens there: the suites read the address instead of following it. */
export const APP = 'http://127.0.0.1:39123';

/** The store of the suites that run on one at a time: the embedded one, unless a stage asks for the other. */
const usualEngine = process.env.VESTIBULE_TEST_ENGINE ?? 'sqlite';

/** The stores that a suite has to run on. Without a PostgreSQL that is SQLite alone, which continuous integration refuses. */
export function engines() {
  if (process.env.VESTIBULE_TEST_POSTGRES) return ['sqlite', 'postgres'];
  if (process.env.CI) throw new Error('VESTIBULE_TEST_POSTGRES is not set, and CI does not skip an engine');
  return ['sqlite'];
}

function binary() {
  const named = process.env.VESTIBULE_BIN;
  const found = named ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(repository, 'target'), 'debug/vestibule');
  if (!existsSync(found)) throw new Error(`there is no binary at ${found}: run cargo build, or set VESTIBULE_BIN`);
  return found;
}

/** A port that was free a moment ago. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * Starts `vestibule serve` on an empty store with further `settings`, as an operator would; `beside` another one as a second node
 * of its store. Answers its address, `command()` for the other commands with its settings, and `stop()`.
 */
export async function startServing(settings = {}, { engine = 'sqlite', beside } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'vestibule-serving-'));
  const port = await freePort();
  const own = Object.entries(settings).map(([key, value]) => [`VESTIBULE_${key.toUpperCase()}`, value]);
  const baseUrl = `http://127.0.0.1:${port}`;
  const store = engine === 'postgres' && !beside ? database() : null;
  const env = {
    ...process.env,
    VESTIBULE_DATABASE_URL: store?.url ?? `sqlite:${path.join(directory, 'vestibule.db')}`,
    VESTIBULE_MASTER_KEY_FILE: path.join(directory, 'master.key'),
    ...beside?.env,
    VESTIBULE_LISTEN: `127.0.0.1:${port}`,
    VESTIBULE_BASE_URL: baseUrl,
    VESTIBULE_INSECURE_HTTP: 'true',
    ...Object.fromEntries(own),
  };
  const command = (...words) => execFileSync(binary(), words, { cwd: directory, encoding: 'utf8', env, stdio: 'pipe' });
  if (!beside) {
    command('keys', 'generate', '--out', env.VESTIBULE_MASTER_KEY_FILE);
    command('migrate');
  }
  const child = spawn(binary(), ['serve', '--limits-lame-duck-seconds', '0'], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');
  const end = async (signal) => {
    child.kill(signal);
    await ended;
  };
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) await end('SIGTERM');
    store?.drop();
    rmSync(directory, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 30_000; ; await sleep(20)) {
    const answer = await fetch(`${baseUrl}/healthz`).catch(() => null);
    if (answer?.ok) return { baseUrl, env, command, end, stop, output: () => output };
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`\`vestibule serve\` did not become ready:\n${output}`);
    }
  }
}

function psql(statement) {
  const base = process.env.VESTIBULE_TEST_POSTGRES;
  execFileSync('psql', ['--quiet', '--no-psqlrc', '--dbname', base, '--command', statement], { stdio: 'pipe' });
}

/** An empty database of its own, and how to be rid of it. */
function database() {
  const name = `clients_${process.pid}_${Date.now()}`;
  psql(`CREATE DATABASE ${name}`);
  const url = new URL(process.env.VESTIBULE_TEST_POSTGRES);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => psql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** Gives a server the authority that the clients of this run trust. */
function trusted(dataDir) {
  const authority = process.env.VESTIBULE_TEST_AUTHORITY;
  if (!authority) throw new Error('VESTIBULE_TEST_AUTHORITY is not set: support/authority.mjs says how to make one');
  mkdirSync(dataDir, { mode: 0o700 });
  for (const file of ['ca.pem', 'ca.key']) copyFileSync(path.join(authority, file), path.join(dataDir, file));
}

/**
 * Starts the server on a free port with an empty store. With `redirectUrl: null` browsers end on the sample page; with `tls` it
 * serves https, by the authority that the clients of this run trust.
 *
 * Answers the contents of the ready file in camel case, `output()` with what the server printed, `command()` for the
 * other commands, and `stop()`.
 */
export async function startServer({ engine = usualEngine, redirectUrl = `${APP}/authenticate`, tls = false, dataDir, args = [] } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'vestibule-clients-'));
  const data = dataDir ?? path.join(directory, 'data');
  if (tls) trusted(data);
  const readyFile = path.join(directory, 'ready.json');
  const store = engine === 'postgres' ? database() : null;
  const child = spawn(
    binary(),
    [
      'dev',
      '--listen', '127.0.0.1:0',
      '--data-dir', data,
      '--ready-file', readyFile,
      ...(tls ? ['--tls'] : []),
      ...(redirectUrl ? ['--default-redirect-url', redirectUrl] : []),
      ...args,
    ],
    {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(store ? { VESTIBULE_DATABASE_URL: store.url } : {}) },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));

  const stop = async () => {
    child.kill('SIGTERM');
    const late = sleep(10_000, 'late', { ref: false });
    const how = await Promise.race([ended, late]);
    if (how === 'late') child.kill('SIGKILL');
    store?.drop();
    rmSync(directory, { recursive: true, force: true });
    if (how === 'late') throw new Error(`the server did not stop within ten seconds:\n${output}`);
    return how;
  };

  const deadline = Date.now() + 30_000;
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the server did not become ready (exit status ${child.exitCode}):\n${output}`);
    }
    await sleep(20);
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8'));
  const environment = {
    VESTIBULE_DATABASE_URL: store?.url ?? `sqlite:${path.join(data, 'vestibule.db')}`,
    VESTIBULE_MASTER_KEY_FILE: path.join(data, 'master.key'),
  };
  return {
    baseUrl: ready.base_url,
    projectId: ready.project_id,
    secret: ready.secret,
    publicToken: ready.public_token,
    outboxUrl: ready.outbox_url,
    auth0: ready.auth0,
    caFile: ready.ca_file,
    idp: {
      issuer: ready.test_idp.oidc_issuer,
      clientId: ready.test_idp.oidc_client_id,
      clientSecret: ready.test_idp.oidc_client_secret,
      samlMetadataUrl: ready.test_idp.saml_metadata_url,
      samlIdpInitiatedUrl: ready.test_idp.saml_idp_initiated_url,
    },
    output: () => output,
    /** What the lines that begin with `export` put into a reader's shell, and the program on its path. */
    exports: {
      BASE: ready.base_url,
      PROJECT_ID: ready.project_id,
      SECRET: ready.secret,
      PUBLIC_TOKEN: ready.public_token,
      ...environment,
      PATH: `${path.dirname(binary())}:${process.env.PATH}`,
    },
    /** Runs another command on the same store while the server serves. */
    command: (...words) =>
      execFileSync(binary(), words, {
        cwd: directory,
        encoding: 'utf8',
        env: { ...process.env, ...environment },
      }),
    stop,
  };
}
