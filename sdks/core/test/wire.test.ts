import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { endpoint, isVestibuleError, judge, methods, plan, readAddress, serverAddress, ssoAuthenticate, StytchAPIError } from '../src/index.js';
import { sha256 } from '../src/sha256.js';

const TOKEN = 'public-token-test-1';
const res = (status: number, text: string) => ({ status, text, headers: new Headers() });

test('arguments travel in path, query and body as their row says', () => {
  const sent = (row: string, ...args: unknown[]) => {
    const { method, path, body } = plan(row, args);
    return [`${method} ${path}`, body];
  };
  assert.deepEqual(sent(methods.sso.getConnections), ['GET /b2b/sso', undefined]);
  assert.deepEqual(sent(methods.sso.discoverConnections, 'a+b@x.example'), [
    'GET /b2b/sso/discovery/connections?email_address=a%2Bb%40x.example', undefined,
  ]);
  assert.deepEqual(sent(methods.sso.deleteConnection, 'a/b'), ['DELETE /b2b/sso/a%2Fb', undefined]);
  assert.deepEqual(sent(methods.sso.saml.updateConnection, { connection_id: 'c', idp_sso_url: 'u' }), [
    'PUT /b2b/sso/saml/c', { connection_id: 'c', idp_sso_url: 'u' },
  ]);
  assert.deepEqual(sent(methods.sso.saml.deleteVerificationCertificate, { connection_id: 'c', certificate_id: 'k' }), [
    'DELETE /b2b/sso/saml/c/verification_certificates/k', undefined,
  ]);
  assert.deepEqual(sent(methods.session.authenticate), ['POST /b2b/sessions/authenticate', {}]);
  assert.deepEqual(sent(methods.session.revokeForMember, { member_id: 'm' }), ['POST /b2b/sessions/revoke/m', undefined]);
  assert.deepEqual(sent(methods.organization.members.unlinkRetiredEmail, { member_id: 'm', email_id: 'e' }), [
    'POST /b2b/organizations/members/m/unlink_retired_email', { email_id: 'e' },
  ]);
  assert.deepEqual(sent(methods.organization.members.reactivate, 'm'), ['PUT /b2b/organizations/members/m/reactivate', undefined]);
  assert.deepEqual(sent(methods.scim.rotateStart, 's'), ['POST /b2b/scim/rotate/start', { connection_id: 's' }]);
  assert.deepEqual(sent(methods.scim.getConnection, 's'), ['GET /b2b/scim', undefined]);
});

test('an argument is not changed by the call', () => {
  const args = Object.freeze({ member_id: 'm', email_id: 'e' });
  plan(methods.organization.members.unlinkRetiredEmail, [args]);
  assert.deepEqual(args, { member_id: 'm', email_id: 'e' });
});

test('a request and the judge of its answer need no client', () => {
  const { request, response } = endpoint(ssoAuthenticate);
  const req = request('https://auth.example.com', { publicToken: TOKEN, sessionToken: 's' }, { sso_token: 't', session_duration_minutes: 5 });
  assert.equal(req.url, 'https://auth.example.com/sdk/v1/b2b/sso/authenticate');
  assert.equal(atob(req.headers['Authorization']!.slice(6)), `${TOKEN}:s`);
  assert.deepEqual(JSON.parse(req.body!), { sso_token: 't', session_duration_minutes: 5 });
  assert.equal(response(res(200, '{"data":{"member_id":"m"}}')).member_id, 'm');
});

test('a refusal says what the server said', () => {
  const said = { status_code: 403, error_type: 'session_authorization_error', error_message: 'No.', error_url: 'u', request_id: 'r' };
  assert.throws(() => judge(res(403, JSON.stringify(said))), (error) => {
    assert.ok(error instanceof StytchAPIError && isVestibuleError(error, 'api') && error.name === 'StytchAPIError');
    for (const [key, value] of Object.entries(said)) assert.equal((error as unknown as Record<string, unknown>)[key], value);
    return true;
  });
  assert.throws(() => judge(res(502, '<html>')), (error) => isVestibuleError(error, 'network'));
  assert.throws(() => judge(res(200, '')), (error) => isVestibuleError(error, 'network'));
});

test('the server is found by whatever it is named with', () => {
  const of = (given: object) => serverAddress(TOKEN, given);
  assert.deepEqual(of({ baseUrl: 'http://127.0.0.1:8787/' }), { base: 'http://127.0.0.1:8787', hidden: false });
  assert.deepEqual(of({ customBaseUrl: 'auth.example.com' }), { base: 'https://auth.example.com', hidden: true });
  assert.deepEqual(of({ customBaseUrl: 'http://auth.example.com:8787/x' }), { base: 'https://auth.example.com', hidden: true });
  assert.deepEqual(of({ customBaseUrl: 'http://localhost:8787' }), { base: 'http://localhost:8787', hidden: false });
  // What only begins like this machine is another one.
  assert.equal(of({ customBaseUrl: 'http://localhost.example.com' }).base, 'https://localhost.example.com');
  assert.equal(of({ customBaseUrl: 'http://127.0.0.1@evil.example' }).base, 'https://evil.example');
  assert.deepEqual(of({ endpointOptions: { testApiDomain: 'test.example.com' } }).base, 'https://test.example.com');
  assert.deepEqual(of({ endpoints: { testAPIURL: 'http://x.example:1', liveAPIURL: 'y' } }), { base: 'http://x.example:1', hidden: false });
  assert.throws(() => of({}), (error) => isVestibuleError(error, 'usage'));
});

test('an address gives its parameters, and keeps what is not ours', () => {
  const left = (href: string) => readAddress(href)?.rest;
  assert.equal(left('https://a.example/b?slug=acme&stytch_token_type=sso&token=t#h'), 'https://a.example/b?slug=acme#h');
  assert.equal(left('https://a.example/b?token=t&slug=acme&stytch_token_type=sso'), 'https://a.example/b?slug=acme');
  assert.equal(left('my.app://cb?stytch_token_type=sso&token=t'), 'my.app://cb');
  assert.equal(left('https://a.example/b?my_token=1&token=t&stytch_token_type=sso&bad=%E0%A4%A'), 'https://a.example/b?my_token=1&bad=%E0%A4%A');
  assert.equal(left('https://a.example/b?token=t'), undefined);
  assert.equal(left('https://a.example/b#?stytch_token_type=sso&token=t'), undefined);
  assert.deepEqual(readAddress('x:y?stytch_token_type=sso&token=t%2B1+2&slug=acme'), { tokenType: 'sso', token: 't+1 2', slug: 'acme', rest: 'x:y?slug=acme' });
});

test('our SHA-256 is SHA-256', () => {
  for (const length of [0, 1, 43, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) % 256);
    assert.equal(Buffer.from(sha256(bytes)).toString('hex'), createHash('sha256').update(bytes).digest('hex'), `${length} bytes`);
  }
});
