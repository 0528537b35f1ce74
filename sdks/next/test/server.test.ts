import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { NextRequest } from 'next/server.js';
import { createAuth } from '../src/server.js';

const projectId = 'project-test-1';
const baseUrl = 'https://auth.example.com';
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const start = Date.parse('2026-01-01T00:00:00Z');
const hour = new Date(start + 3_600_000).toISOString();
const claims = {
  iss: baseUrl, aud: [projectId], sub: 'member-test-1', iat: start / 1000, nbf: start / 1000, exp: start / 1000 + 300,
  'https://stytch.com/session': { id: 'session-test-1', started_at: 's', last_accessed_at: 'l', expires_at: hour, authentication_factors: [], roles: [] },
  'https://stytch.com/organization': { organization_id: 'organization-test-1', slug: 'acme' },
};

function signed(more: object = {}): string {
  const input = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${encode({ ...claims, ...more })}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(pair.privateKey).toString('base64url')}`;
}

/** A server that knows one session, by the token `live`. */
function world(options: object = {}) {
  const it = { now: start, down: false, asked: [] as string[], jwt: signed() };
  const ask = (async (url: string, { body, headers, cache }: { body?: string; headers?: Record<string, string>; cache?: string }) => {
    it.asked.push(new URL(url).pathname);
    if (it.down) throw new Error('down');
    assert.equal(cache, 'no-store', 'Next keeps what it fetches, unless it is told not to');
    if (/jwks/.test(url)) return Response.json({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1' }] });
    assert.equal(headers?.['authorization'], `Basic ${btoa(`${projectId}:secret`)}`);
    const live = JSON.parse(body ?? '').session_token === 'live';
    return live
      ? Response.json({ session_jwt: it.jwt, member_session: { expires_at: hour }, member: { name: 'Ada' } })
      : Response.json({ error_type: 'session_not_found' }, { status: 404 });
  }) as unknown as typeof fetch;
  return Object.assign(it, { auth: createAuth({ projectId, baseUrl, fetch: ask, now: () => it.now, ...options }) });
}
const request = (cookie: string, url = 'https://app.example.com/account?tab=1') => new NextRequest(url, { headers: { cookie } });
const cookie = () => `stytch_session_jwt=${signed()}`;

test('whose session it is, by cookies in every form that Next has them', async () => {
  const { auth } = world();
  const { cookies } = request(cookie());
  for (const source of [cookies, Promise.resolve(cookies), request(cookie()), { cookies: { stytch_session_jwt: signed() } }, { stytch_session_jwt: signed() }]) {
    assert.equal((await auth.session(source as never))?.member_id, 'member-test-1');
    assert.equal((await auth.seed(source as never))?.session.member_session_id, 'session-test-1');
  }
  assert.equal(await auth.session({ get: 'x', cookies: 'x' } as never), null);
  assert.equal(await auth.session(request('stytch_session_jwt=x')), null);
});

test('cookies may have other names', async () => {
  const { auth } = world({ tokenNames: ['opaque', 'jwt'] });
  assert.equal((await auth.session(request(`jwt=${signed()}`)))?.member_id, 'member-test-1');
  assert.equal(await auth.session(request(cookie())), null);
});

test('without keys nobody gets in, and a page that only wants to know goes on', async () => {
  const it = world();
  it.down = true;
  await assert.rejects(it.auth.session(request(cookie())), /down/);
  assert.equal(await it.auth.seed(request(cookie())), null);
});

test('what an application loads for a seed is taken along, and its own failures are its own', async () => {
  const { auth } = world();
  const seed = await auth.seed(request(cookie()), async ({ member_id }) => ({ member: { member_id }, organization: {} }) as never);
  assert.equal(seed?.member?.member_id, 'member-test-1');
  await assert.rejects(auth.seed(request(cookie()), () => Promise.reject(new Error('database'))), /database/);
});

test('a session is let through without a question, one whose JWT has ended is renewed, anybody else is sent to the sign-in', async () => {
  const it = world({ secret: 'secret' });
  const passed = await it.auth.proxy(request(cookie()), { signIn: '/sign-in' });
  assert.equal(passed.headers.get('x-middleware-next'), '1');
  assert.equal(passed.headers.get('set-cookie'), null);
  assert.deepEqual(it.asked.filter((path) => !/jwks/.test(path)), []);

  it.now += 301_000;
  const ended = request(`${cookie()}; stytch_session=live; theme=dark`);
  it.jwt = signed({ exp: it.now / 1000 + 300 });
  const renewed = await it.auth.proxy(ended, { signIn: '/sign-in' });
  assert.equal(
    renewed.headers.get('set-cookie'),
    `stytch_session_jwt=${it.jwt}; Path=/; Expires=${new Date(hour).toUTCString()}; Secure; SameSite=lax`,
  );
  // The page behind is handed the request as it is now.
  assert.match(renewed.headers.get('x-middleware-request-cookie') ?? '', new RegExp(`stytch_session_jwt=${it.jwt}.*theme=dark`));

  for (const nobody of ['', 'stytch_session=ended', 'stytch_session_jwt=x']) {
    const away = await it.auth.proxy(request(nobody), { signIn: '/sign-in' });
    assert.equal(`${away.status} ${away.headers.get('location')}`, '303 https://app.example.com/sign-in', nobody);
    assert.equal(away.headers.get('set-cookie'), null, 'a form of another site, which comes without cookies, signs nobody out');
  }
});

test('behind a proxy the cookie is for https, whatever Next takes for its own address', async () => {
  const it = world({ secret: 'secret' });
  for (const [name, value] of [['host', 'app.example.com'], ['host', 'app.example.com:3000'], ['x-forwarded-host', 'app.example.com']] as const) {
    const asked = new NextRequest('http://localhost:3000/account', { headers: { host: 'localhost:3000', [name]: value, cookie: 'stytch_session=live' } });
    assert.match((await it.auth.proxy(asked, { signIn: '/' })).headers.get('set-cookie') ?? '', /; Secure;/, value);
  }
});

test('on this machine the cookie is for http too, and it may be one that no script reads', async () => {
  const it = world({ secret: 'secret', cookies: { httpOnly: true, domain: 'example.com' } });
  const renewed = await it.auth.proxy(request('stytch_session=live', 'http://localhost:3000/account'), { signIn: '/' });
  assert.match(renewed.headers.get('set-cookie') ?? '', /; Domain=example\.com; HttpOnly; SameSite=lax$/);
});

test('the server is asked by whoever has its secret, and only then', async () => {
  const it = world({ secret: 'secret' });
  assert.equal((await it.auth.authenticate(request('stytch_session=live')))?.member.name, 'Ada');
  assert.equal(await it.auth.authenticate(request('stytch_session=ended')), null);
  assert.equal(await it.auth.authenticate(request('')), null);
  it.down = true;
  await assert.rejects(it.auth.authenticate(request('stytch_session=live')), /down/);
  await assert.rejects(world().auth.authenticate(request('stytch_session=live')), /expected `secret`/);
  const without = await world().auth.proxy(request('stytch_session=live'), { signIn: '/' });
  assert.equal(without.status, 303, 'what cannot be renewed is not let through');
});
