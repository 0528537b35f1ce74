// What a SAML sign-in costs here and at the nearest open peer, in turn, by the processor time of each server.
//
//   cd bench/peers && npm ci && node run.mjs [BINARY [ROUNDS]]
//
// Both run as they come, on SQLite on this disk, and get the same answers of one provider, whose signing is not in the figures.
// A sign-in is start, answer, and exchange of what the browser brought for the person; one is made after the other. Standard
// output is the table.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Provider } from './provider.js';

const here = dirname(fileURLToPath(import.meta.url));
const binary = resolve(process.argv[2] ?? join(here, '../../target/release/vestibule'));
const rounds = Number(process.argv[3] ?? 7);
const SIGN_INS = 200;
const TICKS_PER_SECOND = 100;

const scratch = mkdtempSync(join(here, '.scratch-'));
const provider = new Provider();

/** User and kernel time of a process, in seconds. */
function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function residentMiB(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+)/m)[1]) / 1024;
}

async function ready(file, child) {
  for (let waited = 0; waited < 600; waited += 1) {
    if (existsSync(file)) {
      try {
        return JSON.parse(readFileSync(file, 'utf8'));
      } catch {
        // It is being written.
      }
    }
    if (child.exitCode !== null) break;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error(`${file} was not written`);
}

async function json(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text);
}

async function redirected(response) {
  if (response.status !== 302 && response.status !== 303) throw new Error(`${response.status}: ${await response.text()}`);
  return new URL(response.headers.get('location'));
}

/** A server with its sign-in: `start` answers where the browser is sent, `answered` takes the form, `exchanged` the person. */
async function vestibule() {
  const file = join(scratch, 'vestibule.json');
  const child = spawn(binary, ['dev', '--quiet', '--listen', '127.0.0.1:0', '--data-dir', join(scratch, 'data'), '--ready-file', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, VESTIBULE_LIMITS_BROWSER_PER_MINUTE: '0' },
  });
  const at = await ready(file, child);
  const headers = {
    authorization: `Basic ${Buffer.from(`${at.project_id}:${at.secret}`).toString('base64')}`,
    'content-type': 'application/json',
  };
  const api = (method, path, body) => fetch(at.base_url + path, { method, headers, body: JSON.stringify(body) }).then(json);
  const { organization } = await api('POST', '/v1/b2b/organizations', { organization_name: 'Peer' });
  const path = `/v1/b2b/sso/saml/${organization.organization_id}`;
  const made = await api('POST', path, { display_name: 'Peer', identity_provider: 'generic' });
  await api('PUT', `${path}/connections/${made.connection.connection_id}`, {
    idp_entity_id: provider.entityId,
    idp_sso_url: provider.url,
    x509_certificate: provider.certificate,
    attribute_mapping: { email: 'email', full_name: 'name' },
  });
  return {
    name: 'Vestibule',
    child,
    audience: made.connection.audience_uri,
    acs: made.connection.acs_url,
    async start(jar) {
      const start = new URL('/v1/public/sso/start', at.base_url);
      start.searchParams.set('public_token', at.public_token);
      start.searchParams.set('connection_id', made.connection.connection_id);
      const response = await fetch(start, { redirect: 'manual' });
      jar.cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
      return redirected(response);
    },
    async answered(jar, form) {
      const there = { method: 'POST', redirect: 'manual', body: form, headers: { cookie: jar.cookie } };
      return redirected(await fetch(made.connection.acs_url, there));
    },
    async exchanged(back) {
      const answer = await api('POST', '/v1/b2b/sso/authenticate', { sso_token: back.searchParams.get('token') });
      return answer.member.email_address;
    },
  };
}

async function jackson() {
  const file = join(scratch, 'jackson.json');
  const args = [join(here, 'jackson.js'), file, join(scratch, 'jackson.db'), provider.metadata()];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const at = await ready(file, child);
  const client = { client_id: at.client_id, client_secret: at.client_secret, redirect_uri: at.redirect_uri };
  return {
    name: 'SAML Jackson',
    child,
    audience: at.audience,
    acs: `${at.base_url}/acs`,
    async start() {
      const start = new URL('/authorize', at.base_url);
      const asked = { response_type: 'code', client_id: client.client_id, redirect_uri: client.redirect_uri, state: 'state-of-the-bench' };
      for (const [name, value] of Object.entries(asked)) start.searchParams.set(name, value);
      return redirected(await fetch(start, { redirect: 'manual' }));
    },
    async answered(_, form) {
      return redirected(await fetch(`${at.base_url}/acs`, { method: 'POST', redirect: 'manual', body: form }));
    },
    async exchanged(back) {
      const body = new URLSearchParams({ ...client, grant_type: 'authorization_code', code: back.searchParams.get('code') });
      const { access_token } = await fetch(`${at.base_url}/token`, { method: 'POST', body }).then(json);
      const person = await fetch(`${at.base_url}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } }).then(json);
      return person.email;
    },
  };
}

async function signIn(server, number) {
  const jar = {};
  const to = await server.start(jar);
  const email = `person-${number % 50}@peer.example`;
  const back = await server.answered(jar, provider.answer(to, server, email));
  const found = await server.exchanged(back);
  if (found !== email) throw new Error(`${server.name} signed ${found} in for ${email}`);
}

/** Processor milliseconds of the server for one sign-in. */
async function measured(server, count) {
  const before = processorTime(server.child.pid);
  for (let number = 0; number < count; number += 1) await signIn(server, number);
  return ((processorTime(server.child.pid) - before) / count) * 1000;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const servers = [await vestibule(), await jackson()];
try {
  const figures = new Map(servers.map((server) => [server, []]));
  for (const server of servers) await measured(server, SIGN_INS);
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) figures.get(server).push(await measured(server, SIGN_INS));
    console.error(`round ${round + 1} of ${rounds}`);
  }
  const ours = median(figures.get(servers[0]));
  console.log(`SAML sign-in, processor time of the server, medians of ${rounds} rounds of ${SIGN_INS}`);
  for (const [server, all] of figures) {
    const cost = median(all);
    const peak = residentMiB(server.child.pid).toFixed(0);
    console.log(`${server.name.padEnd(14)} ${cost.toFixed(2).padStart(8)} ms ${(cost / ours).toFixed(1).padStart(6)} times ours ${peak.padStart(6)} MiB at most`);
  }
} finally {
  for (const { child } of servers) child.kill('SIGTERM');
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(0);
