// An OpenID-certified provider stands in for a customer's, in a real browser.
//
// Both ends are on 127.0.0.1 with different ports. Ports do not make another site, so the state cookie, which is
// `SameSite=Lax` while development runs on plain http, comes along with the cross-origin POST of form_post.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { freshPage, launch, marked, picture } from './support/chromium.mjs';
import { customerProvider, signInAtCustomer } from './support/customer.mjs';
import { startServer } from './support/server.mjs';
import { officialClient } from './support/suite.mjs';

const SECRET = 'a secret with "odd" characters: %+/&';

describe('a customer with oidc-provider', { concurrency: 1 }, () => {
  let server, client, browser;

  before(async () => {
    server = await startServer({ redirectUrl: null });
    client = officialClient(server);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function pendingConnection(name) {
    const { organization } = await client.organizations.create({ organization_name: name });
    const organization_id = organization.organization_id;
    const { connection } = await client.sso.oidc.createConnection({ organization_id, display_name: name });
    return { organization_id, connection_id: connection.connection_id, redirect_uri: connection.redirect_url };
  }

  // The client library leaves out what it does not know, such as our `type`.
  async function update({ organization_id, connection_id }, body) {
    const path = `/v1/b2b/sso/oidc/${organization_id}/connections/${connection_id}`;
    const answer = await call(server, 'PUT', path, { body });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(`${answer.body.connection.status}${answer.body.warning}`, 'active', answer.text);
    return answer.body.connection;
  }

  async function roundTrip(customer, connection_id, organizationName, login, name) {
    const page = await freshPage(browser);
    const look = (step) => (name ? picture(page, `${name}-${step}`) : undefined);
    await page.goto(`${server.baseUrl}/sample/start?connection_id=${connection_id}`);
    await signInAtCustomer(page, customer.issuer, login, look);
    await page.getByTestId('member-email').first().waitFor().catch(async (error) => {
      await picture(page, `failed-${login}`);
      throw new Error(`${error.message}\n${page.url()}\n${await page.locator('body').innerText()}`);
    });
    await look('signed-in');
    assert.equal(await marked(page, 'member-email'), `${login}@customer.test`);
    assert.equal(await marked(page, 'organization-name'), organizationName);
    const claims = JSON.parse(await marked(page, 'jwt-claims'));
    const [factor] = claims['https://stytch.com/session'].authentication_factors;
    assert.equal(factor.oidc_sso_factor.provider_id, connection_id);
    assert.equal(factor.oidc_sso_factor.external_id, login);
    await page.context().close();
  }

  const backChannel = [
    { alg: 'RS256', clientAuth: 'client_secret_basic', picture: 'oidc-provider-code' },
    { alg: 'ES256', clientAuth: 'client_secret_post' },
    { alg: 'PS256', clientAuth: 'client_secret_basic' },
    { alg: 'ES384', clientAuth: 'client_secret_basic' },
    { alg: 'EdDSA', clientAuth: 'client_secret_post' },
  ];
  for (const { alg, clientAuth, picture: name } of backChannel) {
    test(`code flow, ${alg}, ${clientAuth}`, async () => {
      const customer = await customerProvider({ alg, clientAuth });
      try {
        const title = `Customer ${alg}`;
        const made = await pendingConnection(title);
        customer.serve([{ client_id: 'vestibule', client_secret: SECRET, redirect_uris: [made.redirect_uri] }]);
        const connection = await update(made, {
          issuer: customer.issuer,
          client_id: 'vestibule',
          client_secret: SECRET,
        });
        assert.equal(connection.token_url, `${customer.issuer}/token`);
        await roundTrip(customer, made.connection_id, title, `ada-${alg.toLowerCase()}`, name);
      } finally {
        await customer.stop();
      }
    });
  }

  test('code flow, the server signs its own assertion (private_key_jwt)', async () => {
    const customer = await customerProvider({ clientAuth: 'private_key_jwt' });
    try {
      const made = await pendingConnection('Asymmetric');
      const reads = (jwks) => customer.serve([{ client_id: 'vestibule', jwks, redirect_uris: [made.redirect_uri] }]);
      // The project's own keys sign for no connection.
      reads({ keys: (await client.sessions.getJWKS({ project_id: server.projectId })).keys });
      const connection = await update(made, {
        issuer: customer.issuer,
        client_id: 'vestibule',
        client_secret: 'not used, but a connection is active only with one',
        token_endpoint_auth_method: 'private_key_jwt',
      });
      reads(await (await fetch(connection.client_jwks_url)).json());
      await roundTrip(customer, made.connection_id, 'Asymmetric', 'edsger');
    } finally {
      await customer.stop();
    }
  });

  test('id token by form_post, without a client secret', async () => {
    const customer = await customerProvider({ clientAuth: 'none' });
    try {
      const made = await pendingConnection('Front Channel');
      customer.serve([
        {
          client_id: 'vestibule',
          // The implicit flow may use plain http on loopback only as a native application.
          application_type: 'native',
          grant_types: ['implicit'],
          response_types: ['id_token'],
          redirect_uris: [made.redirect_uri],
        },
      ]);
      await update(made, { type: 'front_channel', issuer: customer.issuer, client_id: 'vestibule' });
      await roundTrip(customer, made.connection_id, 'Front Channel', 'grace', 'oidc-provider-form-post');
    } finally {
      await customer.stop();
    }
  });

  test('the second sign-in is the same member', async () => {
    const customer = await customerProvider();
    try {
      const made = await pendingConnection('Returning');
      customer.serve([{ client_id: 'vestibule', client_secret: SECRET, redirect_uris: [made.redirect_uri] }]);
      await update(made, { issuer: customer.issuer, client_id: 'vestibule', client_secret: SECRET });
      await roundTrip(customer, made.connection_id, 'Returning', 'mary');
      await roundTrip(customer, made.connection_id, 'Returning', 'mary');
      const { member_count } = await client.organizations.metrics({ organization_id: made.organization_id });
      assert.equal(member_count, 1);
    } finally {
      await customer.stop();
    }
  });
});
