// What bad input gets in the browser leg: a page that says why, never a way in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { startServer } from './support/server.mjs';
import { connected, officialClient, refused } from './support/suite.mjs';
import { Cookies, callback, provider, start, startUrl } from './support/walk.mjs';
import stytch from 'stytch';

const WHO = { email: 'ada@example.com' };

// Each lie of the provider with the row of the catalogue that answers it.
const LIES = {
  wrong_issuer: 'oidc_invalid_id_token',
  wrong_audience: 'oidc_invalid_id_token',
  expired: 'expired_oidc_response',
  wrong_nonce: 'oidc_invalid_id_token',
  bad_signature: 'oidc_invalid_id_token',
  unknown_kid: 'oidc_invalid_id_token',
  alg_none: 'oidc_invalid_id_token',
  hs256_with_public_key: 'oidc_invalid_id_token',
  clock_ahead: 'oidc_invalid_id_token',
  iat_missing: 'oidc_invalid_id_token',
  missing_sub: 'oidc_response_subject_missing',
  missing_email: 'oidc_response_email_missing',
  unverified_email: 'oidc_response_unverified_email',
  userinfo_other_sub: 'oidc_response_subject_mismatch',
  token_error: 'oidc_auth_code_error',
  access_denied: 'oidc_user_not_assigned_to_app_in_idp',
  foreign_state: 'unsolicited_oidc_response',
};

/** The answer is a refusal with this code, says a request id, and hands nothing out. */
async function isRefusal(response, type) {
  const text = await response.text();
  assert.ok(response.status >= 400 && response.status < 500, `${response.status}: ${text}`);
  assert.equal(response.headers.get('location'), null);
  assert.ok(text.includes(type), `expected ${type} in:\n${text}`);
  assert.match(text, /request-id-test-/);
  assert.doesNotMatch(text, /eyJ[\w-]+\.eyJ/, 'the page shows a token');
}

describe('a browser that comes back wrong', { concurrency: 1 }, () => {
  let server, client, organization_id, connection_id;

  before(async () => {
    server = await startServer();
    client = officialClient(server);
    ({ organization_id, connection_id } = await connected(client, server));
  });
  after(() => server?.stop());

  const begin = () => start(startUrl(server, { connection_id }));

  for (const [fault, type] of Object.entries(LIES)) {
    test(`the provider lies: ${fault}`, async () => {
      const { cookies, to } = await begin();
      const back = await provider(to, { ...WHO, fault });
      await isRefusal(await callback(back, cookies), type);
    });
  }

  test('no member came of all that', async () => {
    assert.equal((await client.organizations.metrics({ organization_id })).member_count, 0);
  });

  test('an email that only userinfo knows is found there', async () => {
    const { cookies, to } = await begin();
    const response = await callback(await provider(to, { ...WHO, fault: 'email_in_userinfo' }), cookies);
    assert.equal(response.status, 302, await response.clone().text());
  });

  test('another browser brings the answer', async () => {
    const { to } = await begin();
    const back = await provider(to, WHO);
    await isRefusal(await callback(back, new Cookies()), 'missing_oidc_csrf_cookie');
    const other = await begin();
    await isRefusal(await callback(back, other.cookies), 'missing_oidc_csrf_cookie');
  });

  test('another browser knows the name of the cookie but not its value', async () => {
    const { cookies, to } = await begin();
    const back = await provider(to, WHO);
    const forged = new Cookies();
    forged.keep({ headers: { getSetCookie: () => [cookies.header().replace(/=.*/, `=${'A'.repeat(43)}`)] } });
    await isRefusal(await callback(back, forged), 'oidc_csrf_cookie_mismatch');
  });

  test('the same answer comes twice', async () => {
    const { cookies, to } = await begin();
    const kept = new Cookies();
    kept.keep({ headers: { getSetCookie: () => cookies.header().split('; ') } });
    const back = await provider(to, WHO);
    assert.equal((await callback(back, cookies)).status, 302);
    await isRefusal(await callback(back, kept), 'unsolicited_oidc_response');
  });

  test('the answer goes to another connection', async () => {
    const other = await connected(client, server, { organization_name: 'Other' });
    const { cookies, to } = await begin();
    const back = await provider(to, WHO);
    back.url.pathname = back.url.pathname.replace(connection_id, other.connection_id);
    const response = await callback(back, cookies);
    assert.ok(response.status >= 400 && response.headers.get('location') === null, await response.text());
  });

  test('the state cookie is kept from scripts and from other sites', async () => {
    const { setCookie } = await begin();
    assert.equal(setCookie.length, 1);
    assert.match(setCookie[0], /HttpOnly/i);
    assert.match(setCookie[0], /SameSite=(Lax|None)/i);
    assert.match(setCookie[0], /Max-Age=\d+|Expires=/i);
  });

  test('a start that cannot begin says why', async () => {
    const cases = [
      [{}, 400, 'missing_sso_connection_locator'],
      [{ connection_id, organization_id }, 400, 'too_many_sso_connection_locators'],
      [{ connection_id: 'oidc-connection-test-00000000-0000-4000-8000-000000000000' }, 404, 'sso_connection_not_found'],
      [{ connection_id, public_token: 'public-token-test-00000000-0000-4000-8000-000000000000' }, 404, 'public_token_not_found'],
      [{ connection_id, public_token: 'no-token' }, 400, 'invalid_public_token_id'],
      [{ connection_id, login_redirect_url: 'https://evil.test/' }, 400, 'no_match_for_provided_sso_url'],
      [{ connection_id, pkce_code_challenge: 'short' }, 400, 'invalid_pkce_code_challenge'],
    ];
    for (const [parameters, status, type] of cases) {
      const response = await fetch(startUrl(server, parameters), { redirect: 'manual' });
      const text = await response.text();
      assert.equal(response.status, status, `${type}: ${text}`);
      assert.equal(JSON.parse(text).error_type, type);
    }
  });

  test('both spellings of the start address lead to the provider', async () => {
    const url = startUrl(server, { connection_id });
    url.pathname = '/b2b/public/sso/start';
    const { to } = await start(url);
    assert.ok(to.href.startsWith(server.idp.issuer));
  });

  test('wrong credentials and unknown paths get the envelope', async () => {
    const stranger = new stytch.B2BClient({
      project_id: server.projectId,
      secret: 'secret-test-wrong',
      env: `${server.baseUrl}/`,
    });
    await refused(stranger.organizations.get({ organization_id }), 401, 'unauthorized_credentials');
    const unknown = await call(server, 'GET', '/v1/b2b/no/such/path');
    assert.equal(unknown.status, 404);
    assert.deepEqual(Object.keys(unknown.body).toSorted(), [
      'error_message', 'error_type', 'error_url', 'request_id', 'status_code',
    ]);
    assert.equal(unknown.body.error_type, 'route_not_found');
    const anonymous = await call(server, 'GET', `/v1/b2b/organizations/${organization_id}`, { authorization: '' });
    assert.equal(anonymous.status, 401);
  });
});
