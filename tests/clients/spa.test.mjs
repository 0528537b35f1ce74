// Single-page applications with `@auth0/auth0-spa-js` and `@auth0/auth0-react`, unmodified, in Chromium: PKCE, refresh tokens that are
// replaced at each use, silence, organizations, and the way out. They are on the same site as the server, as browsers want it of who asks
// in a frame: on this machine ports make no other site.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { freshPage, launch, marked } from './support/chromium.mjs';
import { application, customers, manager } from './support/management.mjs';
import { secured } from './support/secure.mjs';
import { startServer } from './support/server.mjs';
import { page as served } from './support/spa.mjs';

describe('single-page applications', { concurrency: 1 }, () => {
  let server, scene, browser, organization, VANILLA, REACT;
  const open = [];

  before(async () => {
    server = await startServer({ tls: true });
    const api = manager(server);
    const settings = { domain: server.auth0.domain };
    const origins = [];
    for (const program of ['vanilla.mjs', 'react.tsx']) {
      const page = await served(program, settings);
      const front = await secured({ '127.0.0.1': page.url });
      open.push(front, page);
      origins.push(`https://127.0.0.1:${front.port}`);
    }
    [VANILLA, REACT] = origins;
    const client = await application(api, {
      name: 'Single page',
      app_type: 'spa',
      token_endpoint_auth_method: 'none',
      callbacks: origins,
      allowed_logout_urls: origins,
      web_origins: origins,
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', leeway: 0 },
    });
    settings.clientId = client.client_id;
    scene = await customers(server, api, client.client_id);
    organization = await api.organizations.create({
      name: 'acme',
      display_name: 'Acme',
      enabled_connections: [{ connection_id: scene.all[0].id, assign_membership_on_login: true }],
    });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    for (const one of open) one.stop();
    await scene?.stop();
    await server?.stop();
  });

  async function visitor() {
    const page = await freshPage(browser, { ignoreHTTPSErrors: true });
    page.exchanges = [];
    page.context().on('request', (request) => {
      if (request.url() === `${server.baseUrl}/oauth/token` && request.method() === 'POST') page.exchanges.push(new URLSearchParams(request.postData()));
    });
    return page;
  }

  async function vanilla(page) {
    await page.goto(VANILLA);
    await ready(page);
  }
  const ready = (page) => page.waitForSelector('body[data-ready=yes]', { state: 'attached' });

  /** Comes in at a customer's, and answers whom the client knows then. */
  async function comesIn(page, customer, options, login = customer.login) {
    await page.evaluate((options) => void window.client(options).loginWithRedirect(), options);
    await customer.signIn(page, login);
    await page.waitForURL((url) => url.origin === VANILLA && url.searchParams.has('code'));
    await ready(page);
    const told = await page.evaluate(async (options) => {
      window.kept = window.client(options);
      return window.outcome(window.kept.handleRedirectCallback().then(() => window.kept.getUser()));
    }, options);
    assert.equal(told.error, undefined, told.message);
    return told.value;
  }
  const silently = (page, options) =>
    page.evaluate((options) => window.outcome((window.kept ?? window.client(options)).getTokenSilently({ cacheMode: 'off', timeoutInSeconds: 10 })), options);

  for (const [place, by] of ['OpenID Connect, back channel', 'OpenID Connect, front channel', 'SAML'].entries()) {
    it(`spa-js: somebody comes in by ${by}, with PKCE and no secret`, async () => {
      const customer = scene.all[place];
      const page = await visitor();
      await vanilla(page);
      const user = await comesIn(page, customer, { authorizationParams: { connection: customer.name } });
      for (const [name, value] of Object.entries(customer.expected)) assert.equal(user[name], value, name);
      const [exchange] = page.exchanges;
      assert.ok(exchange.get('code_verifier') && !exchange.has('client_secret'), `${exchange}`);
      await page.context().close();
    });
  }

  it('spa-js: a refresh token is good once, and the next comes with what it is for', async () => {
    const [customer] = scene.all;
    const options = { useRefreshTokens: true, authorizationParams: { connection: customer.name } };
    const page = await visitor();
    await vanilla(page);
    await comesIn(page, customer, options);
    for (const time of [1, 2]) {
      const told = await silently(page, options);
      assert.equal(typeof told.value, 'string', `${time}: ${told.message}`);
    }
    const used = page.exchanges.filter((one) => one.get('grant_type') === 'refresh_token').map((one) => one.get('refresh_token'));
    assert.equal(used.length, 2);
    assert.notEqual(used[0], used[1]);
    await page.context().close();
  });

  it('spa-js: who is signed in is known silently, and nobody after they went', async () => {
    const [customer] = scene.all;
    const options = { authorizationParams: { connection: customer.name } };
    const page = await visitor();
    await vanilla(page);
    assert.equal((await silently(page, options)).error, 'login_required');
    await comesIn(page, customer, options, 'grace');
    // What was in memory is gone with the page.
    await vanilla(page);
    assert.equal(await page.evaluate(() => window.kept), undefined);
    const told = await silently(page, options);
    assert.equal(typeof told.value, 'string', told.message);
    const out = page.waitForRequest((request) => new URL(request.url()).pathname === '/v2/logout');
    await page.evaluate((options) => void window.client(options).logout({ logoutParams: { returnTo: location.origin } }), options);
    await out;
    await page.waitForURL((url) => url.origin === VANILLA);
    await ready(page);
    assert.equal((await silently(page, options)).error, 'login_required');
    await page.context().close();
  });

  it('spa-js: somebody comes in for an organization', async () => {
    const [customer] = scene.all;
    const page = await visitor();
    await vanilla(page);
    const options = { authorizationParams: { organization: organization.id } };
    assert.equal((await comesIn(page, customer, options, 'hedy')).org_id, organization.id);
    const named = { authorizationParams: { organization: 'acme', prompt: 'login' } };
    assert.equal((await comesIn(await again(page), customer, named, 'hedy')).org_name, 'acme');
    await page.context().close();
  });
  const again = async (page) => {
    await page.context().clearCookies();
    await vanilla(page);
    return page;
  };

  it('auth0-react: comes in, is still in after a reload, goes out', async () => {
    const customer = scene.all[2];
    const page = await visitor();
    const who = (expected) =>
      page.waitForFunction((expected) => document.querySelector('[data-testid=who]')?.textContent === expected, expected).catch(async (error) => {
        throw new Error(`${error.message}\n${page.url()}\n${await page.locator('body').innerText()}\n${page.problems.join('\n')}`);
      });
    await page.goto(`${REACT}/?connection=${customer.name}`);
    await who('nobody');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await customer.signIn(page);
    await page.waitForURL((url) => url.origin === REACT);
    await who(customer.expected.sub);
    await page.reload();
    await who(customer.expected.sub);
    const out = page.waitForRequest((request) => new URL(request.url()).pathname === '/v2/logout');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await out;
    await page.waitForURL((url) => url.origin === REACT);
    await who('nobody');
    assert.equal(await marked(page, 'who'), 'nobody');
    await page.context().close();
  });
});
