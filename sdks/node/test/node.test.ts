import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { parseCookies, seedFromCookies, serializeCookie, SessionInvalid, sessionVerifier } from '../src/index.js';

const projectId = 'project-test-1';
const baseUrl = 'https://auth.example.com';
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(claims: object, head: object = {}, key = pair.privateKey): string {
  const input = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'k1', ...head })}.${encode(claims)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key).toString('base64url')}`;
}

const start = Date.parse('2026-01-01T00:00:00Z');
const claims = {
  iss: `stytch.com/${projectId}`,
  aud: [projectId],
  sub: 'member-test-1',
  iat: start / 1000,
  nbf: start / 1000,
  exp: start / 1000 + 300,
  'https://stytch.com/session': {
    id: 'session-test-1', started_at: 's', last_accessed_at: 'l', expires_at: 'e', authentication_factors: [], roles: ['stytch_member'],
  },
  'https://stytch.com/organization': { organization_id: 'organization-test-1', slug: 'acme' },
  plan: 'gold',
};

function server() {
  const it = { now: start, asked: 0, keys: [jwk] as object[], down: false };
  const ask = (async () => {
    it.asked++;
    if (it.down) throw new Error('down');
    return Response.json({ keys: it.keys });
  }) as typeof fetch;
  return Object.assign(it, { verify: sessionVerifier({ projectId, baseUrl, fetch: ask, now: () => it.now }) });
}

const refusal = (reason: string) => (error: unknown) => error instanceof SessionInvalid && error.reason === reason;

test('a session JWT is verified here, with keys that are fetched once', async () => {
  const it = server();
  const [session] = await Promise.all(Array.from({ length: 20 }, () => it.verify(sign(claims))));
  assert.equal(it.asked, 1);
  assert.equal(session!.member_session_id, 'session-test-1');
  assert.equal(session!.member_id, 'member-test-1');
  assert.equal(session!.organization_slug, 'acme');
  assert.deepEqual(session!.custom_claims, { plan: 'gold' });
});

test('what is not a session JWT of this project is refused', async () => {
  const { verify } = server();
  await assert.rejects(verify('x'), refusal('malformed'));
  await assert.rejects(verify('a.b.c'), refusal('malformed'));
  for (const head of ['null', '1', '"x"', '[]', 'true']) {
    await assert.rejects(verify(`${Buffer.from(head).toString('base64url')}.e30.x`), refusal('malformed'), head);
  }
  await assert.rejects(verify(sign(claims, { alg: 'none' })), refusal('algorithm'));
  await assert.rejects(verify(sign(claims, { alg: 'HS256' })), refusal('algorithm'));
  await assert.rejects(verify(sign(claims, { typ: 'oauth-authz-req+jwt' })), refusal('algorithm'));
  await assert.rejects(verify(sign(claims, { kid: 'other' })), refusal('key'));
  await assert.rejects(verify(sign(claims, {}, other.privateKey)), refusal('signature'));
  await assert.rejects(verify(sign({ ...claims, iss: 'stytch.com/other' })), refusal('issuer'));
  await assert.rejects(verify(sign({ ...claims, aud: ['other'] })), refusal('audience'));
  await assert.rejects(verify(sign({ ...claims, exp: start / 1000 })), refusal('expired'));
  await assert.rejects(verify(sign({ ...claims, exp: undefined })), refusal('expired'));
  await assert.rejects(verify(sign({ ...claims, nbf: start / 1000 + 61 })), refusal('not-yet'));
  await verify(sign({ ...claims, iss: baseUrl }));
});

test('keys that nobody knows are asked for once a minute, and old ones serve while the server is away', async () => {
  const it = server();
  await it.verify(sign(claims));
  for (let count = 0; count < 5; count++) await assert.rejects(it.verify(sign(claims, { kid: `made up ${count}` })), refusal('key'));
  assert.equal(it.asked, 1);
  it.now += 61_000;
  await assert.rejects(it.verify(sign(claims, { kid: 'made up' })), refusal('key'));
  assert.equal(it.asked, 2);
  it.down = true;
  it.now += 240_000;
  const later = { ...claims, exp: it.now / 1000 + 300 };
  await it.verify(sign(later));
  it.now += 301_000;
  await it.verify(sign({ ...later, exp: it.now / 1000 + 300 }));
  it.down = false;
  it.now += 61_000;
  it.keys = [{ ...other.publicKey.export({ format: 'jwk' }), kid: 'k2' }];
  await it.verify(sign({ ...later, exp: it.now / 1000 + 300 }, { kid: 'k2' }, other.privateKey));
});

test('cookies are read and written as they are', () => {
  assert.deepEqual(parseCookies('a=1; b=x=y;c=; a=2'), { a: '1', b: 'x=y', c: '' });
  assert.deepEqual(parseCookies(undefined), {});
  assert.equal(serializeCookie('a', 'b', { maxAge: 5 }), 'a=b; Path=/; Max-Age=5; SameSite=Lax; Secure; HttpOnly');
  assert.throws(() => serializeCookie('a', 'b; Domain=x'), TypeError);
  assert.throws(() => serializeCookie('a', 'b', { path: '/; Secure' }), TypeError);
});

test('a page starts from who its cookies say, and from nobody when they do not prove it', async () => {
  const { verify } = server();
  const seed = await seedFromCookies(`stytch_session_jwt=${sign(claims)}`, verify);
  assert.equal(seed?.session.member_id, 'member-test-1');
  assert.equal(seed?.member, null);
  const loaded = await seedFromCookies({ stytch_session_jwt: sign(claims) }, verify, async () => ({ member: { name: 'M' }, organization: {} }) as never);
  assert.deepEqual(loaded?.member, { name: 'M' });
  assert.equal(await seedFromCookies(null, verify), null);
  assert.equal(await seedFromCookies(`stytch_session_jwt=${sign(claims, {}, other.privateKey)}`, verify), null);
});

test('what somebody planted in a cookie ends no page', async () => {
  const { verify } = server();
  for (const head of ['null', '1', '{}', '{"alg":null}']) {
    assert.equal(await seedFromCookies(`stytch_session_jwt=${Buffer.from(head).toString('base64url')}.bnVsbA.x`, verify), null, head);
  }
  const cookies = parseCookies('__proto__=a; constructor=b; x=1; x=2');
  assert.deepEqual([Object.keys(cookies).sort(), cookies['constructor'], cookies['x']], [['__proto__', 'constructor', 'x'], 'b', '1']);
  assert.equal(Object.getPrototypeOf(cookies), Object.prototype);
});
