// Any client of OpenID Connect may have this server as its provider: `openid-client`, unmodified, through customers' providers over
// both channels and SAML, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';

import { freshPage, launch } from './support/chromium.mjs';
import { application, customers, manager } from './support/management.mjs';
import { APP, startServer } from './support/server.mjs';

describe('openid-client', { concurrency: 1 }, () => {
  let server, api, client, scene, browser;

  before(async () => {
    server = await startServer();
    api = manager(server);
    client = await application(api, { name: 'Any client', callbacks: [`${APP}/callback`] });
    [scene, browser] = await Promise.all([customers(server, api, client.client_id), launch()]);
  });
  after(async () => {
    await browser?.close();
    await scene?.stop();
    await server?.stop();
  });

  const discovered = (id = client.client_id, secret = client.client_secret) =>
    oidc.discovery(new URL(server.baseUrl), id, secret, undefined, { execute: [oidc.allowInsecureRequests] });

  /** Goes the whole way, and answers what the client has checked: tokens and the claims of the ID token. */
  async function signedIn(config, customer, more = {}) {
    const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${APP}/callback`,
      scope: 'openid profile email offline_access',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      connection: customer.name,
      state,
      nonce,
      ...more,
    });
    const page = await freshPage(browser);
    const back = page.waitForRequest((request) => request.url().startsWith(`${APP}/callback`));
    await page.goto(address.href);
    await customer.signIn(page);
    const url = new URL((await back).url());
    await page.context().close();
    assert.equal(url.searchParams.get('error_description'), null, url.href);
    return oidc.authorizationCodeGrant(config, url, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce });
  }

  for (const [place, title] of ['OpenID Connect, back channel', 'OpenID Connect, front channel', 'SAML'].entries()) {
    it(`signs somebody in by ${title}, refreshes and revokes`, async () => {
      const customer = scene.all[place];
      assert.equal(customer.title, title);
      const config = await discovered();
      const tokens = await signedIn(config, customer);
      const claims = tokens.claims();
      for (const [name, value] of Object.entries(customer.expected)) assert.equal(claims[name], value, name);
      const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
      assert.equal(person.email, customer.expected.email);
      const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal(again.claims().sub, claims.sub);
      await oidc.tokenRevocation(config, again.refresh_token ?? tokens.refresh_token);
      await assert.rejects(
        oidc.refreshTokenGrant(config, again.refresh_token ?? tokens.refresh_token),
        (error) => error.error === 'invalid_grant',
      );
    });
  }

  it('gets a token on an application\'s own account', async () => {
    const { domain, client_id: id, client_secret: secret } = server.auth0;
    const config = await discovered(id, secret);
    const tokens = await oidc.clientCredentialsGrant(config, { audience: `https://${domain}/api/v2/` });
    assert.ok(tokens.access_token && tokens.expires_in > 0);
  });

  it('refuses an answer that is meant for another state', async () => {
    const config = await discovered();
    const url = new URL(`${APP}/callback?error=access_denied&state=other&iss=${encodeURIComponent(`${server.baseUrl}/`)}`);
    await assert.rejects(oidc.authorizationCodeGrant(config, url, { expectedState: 'mine' }), ({ cause }) => /state/.test(cause.message));
  });
});
