// The official client and ours call every method in a page each, against one server that records: the requests are the same, apart from
// the headers that carry telemetry, and so is what is kept afterwards.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after, before } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { StytchB2BClient as Official } from '@stytch/vanilla-js/b2b/headless';
import { methods } from '@vestibule/core';
import { StytchB2BClient as Ours } from '@vestibule/js/b2b';
import { page } from './page.js';
import { rows } from './rows.js';

interface Asked {
  request: string;
  credentials: string;
  type: string | undefined;
  body: unknown;
}

const asked: Asked[] = [];
const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const member = { member_id: 'member-test-1', organization_id: 'organization-test-1', email_address: 'a@acme.example', roles: [] };
const organization = { organization_id: 'organization-test-1', organization_name: 'n', custom_roles: [] };
const signedIn = {
  member_authenticated: true,
  member_session: {
    member_session_id: 'session-test-1', member_id: 'member-test-1', organization_id: 'organization-test-1', organization_slug: 'acme',
    started_at: at(0), last_accessed_at: at(0), expires_at: at(60), authentication_factors: [], roles: ['stytch_member'],
  },
  session_token: 'next', session_jwt: 'jwt', intermediate_session_token: '', member, organization,
};
const found = { intermediate_session_token: 'found', email_address: 'a@acme.example', discovered_organizations: [] };
const project = {
  vertical: 'B2B', captcha_settings: { enabled: false }, password_config: null, email_domains: [], pkce_required_for_sso: true,
  pkce_required_for_oauth: false, pkce_required_for_email_magic_links: false, pkce_required_for_password_resets: false,
  rbac_policy: {
    roles: [{ role_id: 'stytch_member', permissions: [{ resource_id: 'stytch.self', actions: ['*'] }] }],
    resources: [{ resource_id: 'stytch.self', actions: ['update.info.name', 'delete'] }, { resource_id: 'stytch.sso', actions: ['get'] }],
    scopes: [],
  },
};

/** What a server would say, by the last words of the path. */
function answer({ url = '' }: IncomingMessage): object {
  if (/bootstrap/.test(url)) return project;
  if (/discovery\/(authenticate|reset)$/.test(url)) return found;
  if (/(authenticate|exchange|exchange_access_token|attest|recover|reset|organizations\/create)$/.test(url)) return signedIn;
  // As they are after this call, so that it shows who takes them over.
  return { member: { ...member, name: url }, organization: { ...organization, organization_name: url } };
}

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-allow-headers', 'authorization,content-type,x-sdk-client,x-sdk-parent-host');
    response.setHeader('access-control-allow-methods', 'GET,POST,PUT,DELETE');
    response.setHeader('content-type', 'application/json');
    const credentials = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString();
    const known = { request: `${request.method} ${request.url}`, credentials, type: request.headers['content-type'] };
    if (request.method !== 'OPTIONS' && !/events$|bootstrap/.test(request.url ?? '')) asked.push({ ...known, body: text && JSON.parse(text) });
    response.end(JSON.stringify({ data: { request_id: 'request-id-test-1', status_code: 200, ...answer(request) } }));
  });
});
let base: string;
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  // The official client never ends: its timers outlive the page.
  setTimeout(() => process.exit(), 500).unref();
});

type Client = Record<string, unknown>;
type Made = new (token: string, options: object) => object;

/** What one client asks for, method by method, and what it keeps after each. */
async function played(Client: Made, publicToken: string, cookie: string) {
  const { window, leave } = page('http://localhost:3000/');
  try {
    const client = new Client(publicToken, { baseUrl: base, endpoints: { testAPIURL: base, liveAPIURL: base } }) as Client;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const rbac = client['rbac'] as { allPermissions(): Promise<unknown> };
    let permissions: unknown;
    const played: { method: string; requests: Asked[]; keeps: object }[] = [];
    for (const [method, ...args] of rows) {
      const parts = method.split('.');
      const owner = parts.slice(0, -1).reduce((object, name) => object[name] as Client, client);
      const session = client['session'] as { getSync(): unknown; exchange(options: object): Promise<unknown> };
      if (!session.getSync()) {
        window.document.cookie = 'stytch_session=current; path=/';
        await session.exchange({});
      }
      for (const name of ['stytch_session', 'stytch_intermediate_session_token']) window.document.cookie = `${name}=; expires=${new Date(0).toUTCString()}; path=/`;
      window.document.cookie = `${cookie}; path=/`;
      asked.length = 0;
      await (owner[parts.at(-1)!] as (...args: unknown[]) => Promise<unknown>).apply(owner, args);
      permissions ??= JSON.stringify(await rbac.allPermissions());
      const read = (name: string) => (client[name] as { getSync(): unknown }).getSync();
      played.push({
        method,
        requests: asked.map((one) => ({ ...one, credentials: one.credentials.replaceAll(publicToken, 'public') })),
        keeps: { known: ['session', 'self', 'organization'].map(read), cookies: window.document.cookie.split('; ').sort() },
      });
    }
    (client['destroy'] as (() => void) | undefined)?.();
    return { played, permissions };
  } finally {
    await leave();
  }
}

/** What the official client does that ours does not imitate, each with its reason. */
const known = (request: string) => request.replace('/sdk/v1b2b/', '/sdk/v1/b2b/'); // it leaves out a slash here

for (const cookie of ['stytch_session=current', 'stytch_intermediate_session_token=between']) {
  test(`every method asks for the same, with ${cookie}`, async () => {
    const warn = console.warn;
    console.warn = () => undefined;
    const official = await played(Official as unknown as Made, 'public-token-test-official', cookie);
    const ours = await played(Ours as unknown as Made, 'public-token-test-ours', cookie);
    console.warn = warn;
    const expected = official.played.map((one) => ({ ...one, requests: one.requests.map((asked) => ({ ...asked, request: known(asked.request) })) }));
    const differs = expected.filter((one, index) => !isDeepStrictEqual(one, ours.played[index]));
    assert.deepEqual(ours.played.filter(({ method }) => differs.some((one) => one.method === method)), differs);
    assert.deepEqual(ours.permissions, official.permissions);
  });
}

test('no method of the table is left out', () => {
  const named = (tree: object, prefix: string): string[] =>
    Object.entries(tree).flatMap(([name, row]) => (typeof row === 'string' ? [`${prefix}${name}`] : named(row as object, `${prefix}${name}.`)));
  const played = new Set(rows.map(([method]) => method));
  assert.deepEqual(named(methods, '').filter((name) => !played.has(name) && !name.startsWith('member.')), []);
});
