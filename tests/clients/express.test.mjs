// Web applications with `express-openid-connect`, unmodified, in both of its modes: somebody comes in through a customer's provider, by
// the name of a connection and by the name of an organization, is known, and goes out by either of its ways.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import oidc from 'express-openid-connect';

import { freshPage, launch } from './support/chromium.mjs';
import { application, customers, manager } from './support/management.mjs';
import { secured } from './support/secure.mjs';
import { startServer } from './support/server.mjs';

/** What differs: how the answer comes, and by which address people go out. */
const modes = {
  'id.app.test': { title: 'an ID token by form_post', logout: '/oidc/logout', settings: () => ({}) },
  'code.app.test': {
    title: 'a code, with a secret and a refresh token',
    logout: '/v2/logout',
    settings: ({ client_secret }) => ({
      clientSecret: client_secret,
      auth0Logout: true,
      authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
    }),
  },
};

/** The application, on this machine by plain http; https stands before it. */
async function served(server, client, host, { settings }) {
  const app = express();
  const common = { issuerBaseURL: server.baseUrl, baseURL: `https://${host}`, clientID: client.client_id, authRequired: false, idpLogout: true };
  app.use(oidc.auth({ ...common, secret: 'long enough to be a secret of a test', ...settings(client) }));
  app.get('/enter', (request, response) => response.oidc.login({ returnTo: '/profile', authorizationParams: { ...request.query } }));
  app.get('/profile', (request, response) => response.json(request.oidc.user ?? null));
  app.get('/', (_request, response) => response.send('outside'));
  app.use((error, _request, response, _next) => response.status(error.status ?? 500).send(`${error.error ?? ''} ${error.error_description ?? error}`));
  const listener = app.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return { url: `http://127.0.0.1:${listener.address().port}`, stop: () => (listener.closeAllConnections(), listener.close()) };
}

describe('express-openid-connect', { concurrency: 1 }, () => {
  let server, client, scene, browser, front, organization;
  const applications = [];

  before(async () => {
    server = await startServer({ tls: true });
    const api = manager(server);
    const hosts = Object.keys(modes);
    client = await application(api, {
      name: 'Web application',
      callbacks: hosts.map((host) => `https://${host}/callback`),
      allowed_logout_urls: hosts.map((host) => `https://${host}`),
    });
    scene = await customers(server, api, client.client_id);
    organization = await api.organizations.create({
      name: 'acme',
      display_name: 'Acme',
      enabled_connections: [{ connection_id: scene.all[0].id, assign_membership_on_login: true }],
    });
    for (const host of hosts) applications.push([host, await served(server, client, host, modes[host])]);
    front = await secured(Object.fromEntries(applications.map(([host, { url }]) => [host, url])));
    browser = await launch(front);
  });
  after(async () => {
    await browser?.close();
    front?.stop();
    for (const [, { stop }] of applications) stop();
    await scene?.stop();
    await server?.stop();
  });

  const visitor = (host) => freshPage(browser, { reaches: [host], ignoreHTTPSErrors: true });
  const profile = async (page, host) => {
    await page.waitForURL(`https://${host}/profile`).catch(async (error) => {
      throw new Error(`${error.message}\n${page.url()}\n${await page.locator('body').innerText()}`);
    });
    return JSON.parse(await page.locator('body').innerText());
  };

  for (const [host, { title, logout }] of Object.entries(modes)) {
    describe(title, () => {
      for (const [place, by] of ['OpenID Connect, back channel', 'OpenID Connect, front channel', 'SAML'].entries()) {
        it(`knows who came through the connection of a customer by ${by}`, async () => {
          const customer = scene.all[place];
          const page = await visitor(host);
          await page.goto(`https://${host}/enter?connection=${customer.name}`);
          await customer.signIn(page);
          const user = await profile(page, host);
          for (const [name, value] of Object.entries(customer.expected)) assert.equal(user[name], value, name);
          await page.context().close();
        });
      }

      it('knows for which organization somebody came, and lets them go', async () => {
        const [customer] = scene.all;
        const page = await visitor(host);
        await page.goto(`https://${host}/enter?organization=${organization.id}`);
        await customer.signIn(page, 'grace');
        const user = await profile(page, host);
        assert.equal(user.sub, `oidc|${customer.name}|grace`);
        assert.equal(user.org_id, organization.id);
        // Whoever is signed in here is not asked again.
        await page.goto(`https://${host}/enter?organization=${organization.id}&prompt=none`);
        assert.equal((await profile(page, host)).sub, user.sub);
        const out = page.waitForRequest((request) => new URL(request.url()).pathname === logout);
        await page.goto(`https://${host}/logout`);
        await out;
        await page.waitForURL((url) => url.href.startsWith(`https://${host}`));
        assert.equal(await page.locator('body').innerText(), 'outside');
        await page.goto(`https://${host}/profile`);
        assert.equal(await page.locator('body').innerText(), 'null');
        await page.goto(`https://${host}/enter?organization=${organization.id}&prompt=none`);
        assert.match(await page.locator('body').innerText(), /login_required/);
        await page.context().close();
      });
    });
  }
});
