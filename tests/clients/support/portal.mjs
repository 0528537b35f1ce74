// A set-up link, whoever holds it, and the steps that every connection goes through: what the suites of the portal share.
import assert from 'node:assert/strict';

import { call } from './api.mjs';
import { freshPage, launch, marked } from './chromium.mjs';
import { stage } from './saml/journey.mjs';

/** What the browser reports against a page's policy goes to its console, where `page.problems` collects it. */
const reports = () =>
  addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
  );

/** Server, application, official client and browser of one suite, and what is done with a portal. */
export async function portal() {
  const [scene, browser] = await Promise.all([stage(), launch()]);
  return {
    ...scene,
    browser,

    async stop() {
      await browser.close();
      await scene.stop();
    },

    /** A link for a new customer. */
    async link(name, more = {}) {
      const { organization } = await scene.client.organizations.create({ organization_name: name, sso_jit_provisioning: 'ALL_ALLOWED' });
      const body = { organization_id: organization.organization_id, intents: ['sso'], ...more };
      const made = await call(scene.server, 'POST', '/v1/vestibule/setup_links', { body });
      assert.equal(made.status, 200, made.text);
      return { ...made.body.setup_link, url: made.body.url };
    },

    /** The link as the vendor sees it. */
    seen: async ({ setup_link_id }) =>
      (await call(scene.server, 'GET', `/v1/vestibule/setup_links/${setup_link_id}`)).body.setup_link,

    /** The SAML connection that a customer has begun, as the official client sees it. */
    samlOf: async ({ organization_id }) =>
      (await call(scene.server, 'GET', `/v1/b2b/sso/${organization_id}`)).body.saml_connections[0],

    /** A page that keeps whom it has asked for something, and what its policy kept it from. */
    async watched(settings) {
      const page = await freshPage(browser, settings);
      await page.context().addInitScript(reports);
      page.asked = new Set();
      page.on('request', (request) => request.url().startsWith('data:') || page.asked.add(new URL(request.url()).origin));
      return page;
    },

    /** Whoever opens the link. */
    async visitor({ url }, settings) {
      const page = await this.watched(settings);
      await page.goto(url);
      await page.getByTestId('begin').click();
      return page;
    },
  };
}

/** Chooses a provider, and goes on to where its values are entered. Answers the connection's id. */
export async function chosen(page, provider, protocol) {
  await page.getByTestId('choose').click();
  await page.getByRole('link', { name: provider, exact: true }).click();
  await page.locator(`input[value=${protocol}]`).check();
  await page.getByTestId('go-on').click();
  return page.url().match(/\/connections\/([^/]+)\//)[1];
}

/** Leaves the pages at which only something at the provider is done. */
export async function doneThere(page, ...steps) {
  for (const step of steps) {
    assert.ok(page.url().endsWith(`/${step}`), `${page.url()} is not ${step}`);
    await page.getByTestId('done').click();
  }
}

/** Begins a test: answers the tab that opens. */
export async function beginsTest(page) {
  const [tab] = await Promise.all([page.context().waitForEvent('page'), page.getByTestId('begin-test').click()]);
  return tab;
}

/** Tests, in the tab that opens. Answers who would have signed in. */
export async function tested(page, signIn) {
  const tab = await beginsTest(page);
  await signIn(tab);
  await tab.getByTestId('test-back').click();
  await tab.getByTestId('person-email').waitFor();
  const email = await marked(tab, 'person-email');
  await tab.close();
  return email;
}

/** Switches a tested connection on. */
export async function enabled(page) {
  await page.reload();
  await page.getByTestId('go-on').click();
  await page.getByTestId('enable').click();
  await page.getByTestId('active').waitFor();
}
