// Chromium: pages that use the official frontend packages, and the same pages with ours, against a running server. React 18 and 19, always
// in StrictMode, under a policy that allows scripts from one place and no inline style.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createRequire } from 'node:module';

import { seedFromCookies, sessionVerifier } from '../../sdks/node/dist/index.js';
import { freshPage, launch, picture } from './support/chromium.mjs';
import { application, bundle, html, signInAt } from './support/frontend.mjs';
import { startServer } from './support/server.mjs';
import { connected, officialClient } from './support/suite.mjs';

const kinds = [
  { whose: 'official', react: 19 },
  { whose: 'ours', react: 19 },
  { whose: 'official', react: 18 },
  { whose: 'ours', react: 18 },
];
const named = ({ whose, react }) => `${whose}-${react}`;

describe('frontend packages in a browser', { concurrency: 1 }, () => {
  let server, browser, admin, backend, acme;
  let verify;
  const apps = {};
  const requirePkce = (whether) => server.command('project', 'sdk', 'set', server.projectId, '--pkce-for-sso', String(whether));
  const seed = (request) => seedFromCookies(request.headers.cookie, verify);

  before(async () => {
    server = await startServer();
    browser = await launch();
    backend = officialClient(server);
    acme = await connected(backend, server, { email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED', sso_jit_provisioning: 'ALL_ALLOWED' });
    ({ member: admin } = await backend.organizations.members.create({
      organization_id: acme.organization_id, email_address: 'ada@example.com', name: 'Ada', roles: ['stytch_admin'],
    }));
    await backend.organizations.members.create({ organization_id: acme.organization_id, email_address: 'grace@example.com', name: 'Grace' });
    requirePkce(true);
    const settings = { publicToken: server.publicToken, baseUrl: server.baseUrl };
    await Promise.all(
      kinds.map(async (kind) => {
        const pages = { '/app.js': await bundle('app.tsx', kind), '/': html('/app.js', settings) };
        if (kind.react === 19) {
          pages['/headless.js'] = await bundle('headless.ts', kind);
          pages['/headless'] = html('/headless.js', settings);
        }
        if (kind.whose === 'ours') {
          const program = { exports: {} };
          new Function('module', 'exports', 'require', await bundle('rendered.tsx', { ...kind, node: true }))(program, program.exports, createRequire(import.meta.url));
          apps[`auth-${kind.react}`] = await application(server, { '/app.js': await bundle('auth.tsx', kind), '/': html('/app.js', { ...settings, connectionId: acme.connection_id }) });
          pages['/rendered.js'] = await bundle('rendered.tsx', kind);
          const drawn = (given) => html('/rendered.js', given, program.exports.draw(given));
          pages['/rendered'] = () => drawn(settings);
          pages['/seeded'] = async (request) => drawn({ ...settings, initialState: await seed(request) });
        }
        apps[named(kind)] = await application(server, pages);
      }),
    );
    const components = { '/app.js': await bundle('components.tsx', { whose: 'official' }), '/': html('/app.js', { ...settings, slug: acme.organization.organization_slug }) };
    const headless = await bundle('headless.ts');
    apps.memory = await application(server, { '/app.js': headless, '/': html('/app.js', { ...settings, options: { session: 'memory' } }) });
    // They write styles into the page.
    apps.components = await application(server, { ...components, policy: `default-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ${server.baseUrl}` });
    verify = sessionVerifier({ projectId: server.projectId, baseUrl: server.baseUrl });
  });
  after(async () => {
    await browser?.close();
    Object.values(apps).forEach((app) => app.stop());
    await server?.stop();
  });

  const said = (page, name) => page.getByTestId(name).first().innerText();
  const says = (page, name, text) => page.getByTestId(name).filter({ hasText: text }).first().waitFor();
  /** Calls a method of the page's client, and answers what it came to. */
  const call = (page, method, ...args) =>
    page.evaluate(
      async ([method, args]) => {
        const names = method.split('.');
        const owner = names.slice(0, -1).reduce((object, name) => object[name], window.client);
        try {
          return { value: await owner[names.at(-1)](...args) };
        } catch (error) {
          return { error: { name: error.name, error_type: error.error_type, status_code: error.status_code, error_message: error.error_message, error_url: error.error_url, request_id: error.request_id } };
        }
      },
      [method, args],
    );

  /** Begins at the application and comes back as `email`. */
  async function signIn(page, app, email) {
    await page.goto(app.url);
    await says(page, 'email', 'nobody');
    await page.evaluate(
      ([connection_id, redirect]) => void window.client.sso.start({ connection_id, login_redirect_url: redirect, signup_redirect_url: redirect }),
      [acme.connection_id, `${app.url}/callback`],
    );
    await signInAt(page, server, email);
    await page.waitForURL((url) => url.href.startsWith(app.url));
  }

  for (const kind of kinds) {
    test(`${named(kind)}: signs in once in StrictMode, survives a reload, and is signed out with the other tab`, async () => {
      const app = apps[named(kind)];
      const page = await freshPage(browser);
      const redeemed = [];
      page.on('request', (request) => {
        if (request.method() === 'POST' && /\/(sso|oauth)\/authenticate$/.test(request.url())) redeemed.push(request);
      });
      await signIn(page, app, 'ada@example.com');
      await says(page, 'callback', 'done sso');
      await says(page, 'email', 'ada@example.com');
      assert.equal(redeemed.length, 1);
      assert.match(redeemed[0].postDataJSON().pkce_code_verifier, /^[\w-]{43,128}$/);
      assert.doesNotMatch(page.url(), /token/);
      const session = await said(page, 'session');
      assert.match(session, /^session-test-/);
      await says(page, 'may-create', 'true');
      await page.goto(app.url);
      await says(page, 'email', 'ada@example.com');
      assert.equal(await said(page, 'session'), session);
      const other = await page.context().newPage();
      await other.goto(app.url);
      await says(other, 'email', 'ada@example.com');
      assert.ok((await call(other, 'session.revoke')).value);
      await says(other, 'email', 'nobody');
      await page.getByTestId('email').filter({ hasText: 'nobody' }).first().waitFor({ timeout: 1000 });
      assert.deepEqual(page.problems, []);
      await page.context().close();
    });
  }

  /** A page of somebody who is signed in at an application. */
  async function signedIn(kind, email) {
    const page = await freshPage(browser);
    await signIn(page, apps[named(kind)], email);
    await says(page, 'email', email);
    return page;
  }

  /** The samples' page with what is to be handed to each, and what each call came to. */
  async function press(page, app, given) {
    await page.goto(`${app.url}/samples`);
    await page.evaluate((given) => sessionStorage.setItem('given', JSON.stringify(given)), given);
    await page.goto(`${app.url}/samples`);
    await says(page, 'email', '@');
    const outcomes = {};
    for (const name of Object.keys(given)) {
      await page.getByTestId(name).getByRole('button').click();
      outcomes[name] = await page.evaluate((name) => window.outcomes[name], name);
    }
    return outcomes;
  }

  const fields = {
    saml: ['acs_url', 'attribute_mapping', 'audience_uri', 'alternative_audience_uri', 'connection_id', 'display_name', 'idp_entity_id', 'idp_sso_url', 'organization_id', 'signing_certificates', 'status', 'verification_certificates'],
    oidc: ['organization_id', 'connection_id', 'display_name', 'redirect_url', 'status', 'issuer', 'client_id', 'client_secret', 'authorization_url', 'token_url', 'userinfo_url', 'jwks_url', 'identity_provider'],
    refusal: ['status_code', 'request_id', 'error_type', 'error_message', 'error_url'],
  };
  const has = (object, names) => assert.deepEqual(names.filter((name) => !(name in object)), [], JSON.stringify(object));

  for (const whose of ['official', 'ours']) {
    test(`${whose}: the documents' samples, pressed by an administrator`, async () => {
      const kind = { whose, react: 19 };
      const app = apps[named(kind)];
      const page = await signedIn(kind, 'ada@example.com');
      const made = await press(page, app, { CreateSaml: {}, CreateOidc: {}, CreateOidcInReact: {} });
      for (const name of Object.keys(made)) assert.equal(made[name].value?.status_code, 200, JSON.stringify(made[name]));
      const saml = made.CreateSaml.value.connection;
      const oidc = made.CreateOidc.value.connection;
      has(saml, fields.saml);
      has(oidc, fields.oidc);
      assert.equal(saml.status, 'pending');
      const connection_id = saml.connection_id;
      const changed = await press(page, app, {
        UpdateSaml: { connection_id },
        UpdateSamlByUrl: { connection_id, metadata_url: server.idp.samlMetadataUrl },
        UpdateOidc: { connection_id: oidc.connection_id },
        GetConnections: {},
      });
      has(changed.UpdateSaml.value.connection, fields.saml);
      has(changed.UpdateSamlByUrl.value.connection, fields.saml);
      has(changed.UpdateOidc.value.connection, fields.oidc);
      assert.equal(changed.UpdateOidc.value.connection.client_id, 's6BhdRkqt3');
      const all = changed.GetConnections.value;
      assert.ok(all.saml_connections.some((one) => one.connection_id === connection_id) && all.oidc_connections.length >= 3);
      const [certificate] = changed.UpdateSamlByUrl.value.connection.verification_certificates;
      // The last certificate of an active connection stays: there is another one first.
      const [{ certificate: another }] = saml.signing_certificates;
      assert.ok((await call(page, 'sso.saml.updateConnection', { connection_id, x509_certificate: another })).value);
      const gone = await press(page, app, {
        DeleteCertificate: { connection_id, certificate_id: certificate.certificate_id },
        DeleteConnection: { connection_id },
      });
      assert.equal(gone.DeleteCertificate.value?.certificate_id ?? gone.DeleteCertificate.error.error_type, certificate.certificate_id);
      assert.equal(gone.DeleteConnection.value.connection_id, connection_id);
      for (const { connection } of [made.CreateOidc.value, made.CreateOidcInReact.value]) {
        assert.ok((await call(page, 'sso.deleteConnection', connection.connection_id)).value);
      }
      await page.context().close();
    });

    test(`${whose}: a plain member is refused with the documents' words`, async () => {
      const kind = { whose, react: 19 };
      const page = await signedIn(kind, 'grace@example.com');
      assert.equal(await said(page, 'may-create'), 'false');
      const refused = await press(page, apps[named(kind)], { GetConnections: {}, CreateSaml: {}, CreateOidc: {}, DeleteConnection: { connection_id: acme.connection_id } });
      for (const [name, { error }] of Object.entries(refused)) {
        has(error ?? {}, fields.refusal);
        assert.equal(`${error.status_code} ${error.error_type}`, '403 session_authorization_error', name);
      }
      await page.context().close();
    });
  }

  /** Begins by the documents' sample, and comes back to the one that finishes. */
  async function signInBySamples(page, app) {
    await page.goto(`${app.url}/samples`);
    await page.evaluate((given) => sessionStorage.setItem('given', JSON.stringify(given)), { StartSso: { connection_id: acme.connection_id } });
    await page.reload();
    await says(page, 'email', 'nobody');
    await page.getByTestId('StartSso').getByRole('button').click();
    await signInAt(page, server, 'ada@example.com');
    await page.waitForURL(/\/profile$/);
  }

  test("the documents' samples begin and finish a sign-in, once with ours, and with the official package where no challenge is required", async () => {
    const ours = await freshPage(browser);
    const asked = [];
    ours.on('request', (request) => request.method() === 'POST' && /oauth\/authenticate$/.test(request.url()) && asked.push(request.url()));
    await signInBySamples(ours, apps['ours-19']);
    await says(ours, 'email', 'ada@example.com');
    assert.equal(asked.length, 1);
    assert.deepEqual(ours.problems, []);
    await ours.context().close();
    requirePkce(false);
    const official = await freshPage(browser);
    await signInBySamples(official, apps['official-19']);
    await official.context().close();
    requirePkce(true);
  });

  test('ten tabs ask once a period, whoever is closed, and not while nobody looks', async () => {
    const app = apps['ours-19'];
    const page = await signedIn({ whose: 'ours', react: 19 }, 'ada@example.com');
    const context = page.context();
    let asked = 0;
    context.on('request', (request) => request.method() === 'POST' && /sessions\/authenticate$/.test(request.url()) && asked++);
    await page.close();
    const tabs = [];
    // One clock for all of them.
    await context.clock.install({ time: Date.now() });
    for (let count = 0; count < 10; count++) {
      const tab = await context.newPage();
      await tab.goto(`${app.url}/headless`);
      await tab.evaluate(() => window.client.ready());
      tabs.push(tab);
    }
    for (const tab of tabs) await tab.waitForFunction(() => !window.client.session.getInfo().fromCache);
    const pass = async (milliseconds) => {
      await context.clock.fastForward(milliseconds);
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    for (let period = 1; period <= 3; period++) {
      const before = asked;
      await pass(180_000);
      assert.equal(asked - before, 1, `period ${period}`);
    }
    await tabs.shift().close();
    const before = asked;
    await pass(180_000);
    assert.equal(asked - before, 1, 'after one was closed');
    for (const tab of tabs) assert.equal(await tab.evaluate(() => window.client.status.kind), 'authenticated');
    await context.close();
  });

  test('a site can change packages with people signed in, and back', async () => {
    const page = await signedIn({ whose: 'official', react: 19 }, 'ada@example.com');
    const session = await said(page, 'session');
    const kept = await page.evaluate(() => ({ cookie: document.cookie, stored: { ...localStorage } }));
    // Cookies know no port; what is stored belongs to an origin, and is carried over as if the site had been deployed anew.
    const move = async (to) => {
      await page.goto(`${apps[to].url}/headless`);
      await page.evaluate((stored) => Object.entries(stored).forEach(([key, value]) => localStorage.setItem(key, value)), kept.stored);
      await page.goto(apps[to].url);
      await says(page, 'email', 'ada@example.com');
      assert.equal(await said(page, 'session'), session);
      kept.stored = await page.evaluate(() => ({ ...localStorage }));
    };
    await move('ours-19');
    await move('official-19');
    await page.context().close();
  });

  for (const react of [19, 18]) {
    test(`React ${react}: a page that a server drew comes to life without a warning, and with a seed it never says anything else`, async () => {
      const app = apps[`ours-${react}`];
      const page = await signedIn({ whose: 'ours', react }, 'ada@example.com');
      page.problems.length = 0;
      await page.goto(`${app.url}/rendered`);
      await says(page, 'rendered', admin.member_id);
      assert.equal((await page.evaluate(() => window.drawn))[0], 'not known yet');
      await page.goto(`${app.url}/seeded`);
      await says(page, 'rendered', admin.member_id);
      await page.waitForTimeout(300);
      assert.deepEqual([...new Set(await page.evaluate(() => window.drawn))], [admin.member_id]);
      assert.deepEqual(page.problems, []);
      await page.context().close();
    });

    test(`React ${react}: one word says where a person stands, and a callback page finishes once`, async () => {
      const app = apps[`auth-${react}`];
      const page = await freshPage(browser);
      await page.goto(app.url);
      await says(page, 'where', 'anonymous');
      assert.equal(await said(page, 'out'), 'nobody');
      const redeemed = [];
      page.on('request', (request) => request.method() === 'POST' && /sso\/authenticate$/.test(request.url()) && redeemed.push(request));
      await page.evaluate(
        ([connection_id, url]) => void window.startSso({ connection_id, login_redirect_url: url, signup_redirect_url: url, state: { from: '/reports' } }),
        [acme.connection_id, `${app.url}/callback`],
      );
      await signInAt(page, server, 'ada@example.com');
      await says(page, 'finish', 'done');
      await says(page, 'where', 'authenticated');
      assert.equal(await said(page, 'in'), 'in');
      await says(page, 'can', 'yes');
      assert.equal(redeemed.length, 1);
      assert.deepEqual(await page.evaluate(() => window.done), [{ from: '/reports' }]);
      // A token that this browser has not asked for is not taken.
      await page.evaluate(() => window.revoke());
      await says(page, 'where', 'anonymous');
      await page.goto(`${app.url}/callback?stytch_token_type=sso&token=made-up`);
      await says(page, 'finish', 'failed other-browser');
      assert.equal(redeemed.length, 1);
      assert.deepEqual(page.problems, []);
      await page.context().close();
    });
  }

  /** On a page of the client alone, through the provider and back to the same page. */
  async function signedInAt(page, app) {
    await page.goto(app.url);
    await page.evaluate(() => window.client.ready());
    await page.evaluate(
      ([connection_id, url]) => void window.client.sso.start({ connection_id, login_redirect_url: url, signup_redirect_url: url }),
      [acme.connection_id, `${app.url}/callback`],
    );
    await signInAt(page, server, 'ada@example.com');
    await page.waitForURL((url) => url.href.startsWith(app.url));
  }

  test('ours in memory: signed in as long as the page, and nothing is kept', async () => {
    const app = apps.memory;
    const page = await freshPage(browser);
    await signedInAt(page, app);
    await page.evaluate(() => window.client.authenticateByUrl({ session_duration_minutes: 60 }));
    assert.equal(await page.evaluate(() => window.client.status.kind), 'authenticated');
    assert.equal(await page.evaluate(() => document.cookie), '');
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...localStorage })), /session-test-|member-test-/);
    await page.goto(app.url);
    await page.evaluate(() => window.client.ready());
    assert.equal(await page.evaluate(() => window.client.status.kind), 'anonymous');
    await page.context().close();
  });

  test('a window of its own signs its opener in, and one that is closed is told apart', async () => {
    const app = apps['auth-19'];
    const page = await freshPage(browser);
    await page.goto(app.url);
    await says(page, 'where', 'anonymous');
    const open = async () => {
      const [child] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('popup').click()]);
      await child.waitForURL((url) => url.href.startsWith(server.idp.issuer));
      return child;
    };
    const closed = await open();
    await closed.close();
    assert.equal(await page.evaluate(() => window.popup), 'cancelled');
    const child = await open();
    await signInAt(child, server, 'ada@example.com');
    assert.equal(await page.evaluate(() => window.popup), 'ada@example.com');
    await says(page, 'where', 'authenticated');
    assert.equal(new URL(page.url()).pathname, '/');
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('the sample application has a page on which an administrator lists, makes, changes and deletes connections', async () => {
    const page = await freshPage(browser);
    await page.goto(`${server.baseUrl}/sample/admin`);
    await page.getByTestId('sign-in').click();
    await signInAt(page, server, 'ada@example.com');
    // A member as they come: the frontend API says what they may not.
    await page.getByTestId('refusal').waitFor();
    assert.equal(await said(page, 'error-type'), 'session_authorization_error');
    assert.doesNotMatch(page.url(), /token/);
    await page.getByTestId('promote').click();
    await page.getByTestId('who').waitFor();
    assert.match(await said(page, 'who'), /ada@example\.com .*stytch_admin/);
    const all = page.getByTestId('connection');
    const before = await all.count();
    const hostile = `<img src=x onerror="window.hit=1">"'><script>window.hit=1</script>`;
    await page.getByTestId('new').getByTestId('name').fill(hostile);
    await page.getByTestId('create-saml').click();
    await page.waitForFunction((count) => document.querySelectorAll('[data-testid=connection]').length === count, before + 1);
    const made = all.filter({ has: page.getByTestId('delete') }).first();
    assert.equal(await made.getByTestId('name').inputValue(), hostile);
    assert.equal(await page.evaluate(() => window.hit), undefined);
    await made.getByTestId('name').fill('Okta of Acme');
    await made.getByTestId('rename').click();
    await page.waitForFunction(() => [...document.querySelectorAll('[data-testid=name]')].some((input) => input.value === 'Okta of Acme'));
    await picture(page, 'sample-admin');
    await page.setViewportSize({ width: 375, height: 760 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing scrolls sideways');
    await picture(page, 'sample-admin-phone');
    await page.setViewportSize({ width: 1100, height: 860 });
    await page.getByTestId('delete').first().click();
    await page.waitForFunction((count) => document.querySelectorAll('[data-testid=connection]').length === count, before);
    await page.reload();
    await page.getByTestId('who').waitFor();
    await page.getByTestId('sign-out').click();
    await page.getByTestId('nobody').waitFor();
    // The one refusal on the way was asked for.
    assert.deepEqual(page.problems.filter((problem) => !/403/.test(problem)), []);
    await page.context().close();
  });

  test("the official package's own pages: a sign-in is finished, and an administrator sees the connections", async () => {
    const page = await freshPage(browser);
    const app = apps.components;
    await page.goto(app.url);
    await page.evaluate(
      ([connection_id, url]) => void window.client.sso.start({ connection_id, login_redirect_url: url, signup_redirect_url: url }),
      [acme.connection_id, `${app.url}/callback`],
    );
    await signInAt(page, server, 'ada@example.com');
    await page.waitForFunction(() => window.events?.includes('AUTHENTICATE_FLOW_COMPLETE'));
    await page.goto(`${app.url}/admin`);
    await page.getByText('SSO Connections').first().waitFor();
    await page.getByText('Custom OIDC').first().waitFor();
    await picture(page, 'official-admin-portal');
    await page.context().close();
  });
});
