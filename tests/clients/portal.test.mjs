// The set-up portal in Chromium: a customer's administrator connects foreign identity providers by its pages alone, with scripts and
// without; then somebody signs in by the official client. And how each page looks, in every language.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { freshPage, launch, marked } from './support/chromium.mjs';
import { customerProvider, signInAtCustomer } from './support/customer.mjs';
import { look as looks } from './support/looks.mjs';
import { published, stage } from './support/saml/journey.mjs';
import { logIn } from './support/saml/people.mjs';
import { samlpProvider } from './support/saml/samlp.mjs';
import { startUrl } from './support/walk.mjs';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'];
/** Words that are the same in two languages. */
const ALIKE = ['Test', 'Code', 'Client ID', '(', ')'];

/** What a page says, without names of things and what is English everywhere. */
function said() {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const texts = new Set();
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const apart = walker.currentNode.parentElement.closest('[translate=no], main [lang=en], code, time, .brand, textarea');
    if (!apart && /\p{L}{2}/u.test(text)) texts.add(text);
  }
  return [...texts];
}

describe('the set-up portal', { concurrency: 1 }, () => {
  let scene, browser;
  /** What each page says, by language and page. */
  const texts = Object.fromEntries(LANGUAGES.map((locale) => [locale, {}]));

  before(async () => {
    [scene, browser] = await Promise.all([stage(), launch()]);
  });
  after(async () => {
    await browser?.close();
    await scene?.stop();
  });

  /** A link for a new customer. */
  async function link(name, more = {}) {
    const { organization } = await scene.client.organizations.create({ organization_name: name, sso_jit_provisioning: 'ALL_ALLOWED' });
    const body = { organization_id: organization.organization_id, intents: ['sso'], ...more };
    const made = await call(scene.server, 'POST', '/v1/vestibule/setup_links', { body });
    assert.equal(made.status, 200, made.text);
    return { ...made.body.setup_link, url: made.body.url };
  }

  const seen = async ({ setup_link_id }) =>
    (await call(scene.server, 'GET', `/v1/vestibule/setup_links/${setup_link_id}`)).body.setup_link;

  /** A page that keeps whom it has asked for something. */
  async function visitor({ url }, settings) {
    const page = await freshPage(browser, settings);
    page.asked = new Set();
    page.on('request', (request) => request.url().startsWith('data:') || page.asked.add(new URL(request.url()).origin));
    await page.goto(url);
    await page.getByTestId('begin').click();
    return page;
  }

  /** Chooses a provider, and goes on to where its values are entered. Answers the connection's id. */
  async function chosen(page, provider, protocol) {
    await page.getByTestId('choose').click();
    await page.getByRole('link', { name: provider, exact: true }).click();
    await page.locator(`input[value=${protocol}]`).check();
    await page.getByTestId('go-on').click();
    const id = page.url().match(/\/connections\/([^/]+)\//)[1];
    return id;
  }

  /** Leaves the pages at which only something at the provider is done. */
  async function doneThere(page, ...steps) {
    for (const step of steps) {
      assert.ok(page.url().endsWith(`/${step}`), `${page.url()} is not ${step}`);
      await page.getByTestId('done').click();
    }
  }

  /** Tests, in the tab that opens. */
  async function tested(page, signIn) {
    const [tab] = await Promise.all([page.context().waitForEvent('page'), page.getByTestId('begin-test').click()]);
    await signIn(tab);
    await tab.getByTestId('test-back').click();
    await tab.getByTestId('person-email').waitFor();
    const email = await marked(tab, 'person-email');
    await tab.close();
    return email;
  }

  async function enabled(page) {
    await page.reload();
    await page.getByTestId('go-on').click();
    await page.getByTestId('enable').click();
    await page.getByTestId('active').waitFor();
  }

  async function signsIn(connection_id, signIn, email) {
    const page = await freshPage(browser);
    await page.goto(startUrl(scene.server, { connection_id }).href);
    await signIn(page);
    await page.locator('#landed').waitFor();
    assert.equal(await page.locator('#landed').innerText(), email);
    await page.context().close();
  }

  for (const javaScriptEnabled of [false, true]) {
    const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

    test(`SAML by another vendor's provider, ${how}`, async () => {
      const provider = await samlpProvider();
      const begun = Date.now();
      const made = await link(`Samlp ${how}`);
      const page = await visitor(made, { javaScriptEnabled });
      const connection_id = await chosen(page, 'Okta', 'saml');
      await doneThere(page, 'create', 'ours');
      await page.locator('#metadata_url').fill(provider.metadataUrl);
      await page.getByTestId('read').click();
      assert.equal(await marked(page, 'preview-entity'), provider.entityId);
      await page.getByTestId('use').click();
      for (const [name, value] of Object.entries({ email: provider.mapping.email, first_name: provider.mapping.first_name, last_name: provider.mapping.last_name })) {
        if (value) await page.locator(`input[name=${name}]`).fill(value);
      }
      await page.locator('input[name=id]').fill('');
      await page.getByTestId('save').click();
      await doneThere(page, 'assign');
      const { body } = await call(scene.server, 'GET', `/v1/b2b/sso/${made.organization_id}`);
      provider.trust(await published(body.saml_connections[0]));
      const signIn = (tab) => logIn(tab, 'ada');
      const signInForTest = async (tab) => {
        await signIn(tab);
        // Without scripts the provider's form that posts itself has a button for that.
        if (!javaScriptEnabled) await tab.locator('noscript [type=submit], noscript button').first().click();
      };
      assert.equal(await tested(page, signInForTest), 'ada@customer.test');
      await enabled(page);
      const seconds = (Date.now() - begun) / 1000;
      console.log(`SAML ${how}: ${seconds.toFixed(1)} s from the link to an active connection`);
      assert.ok(seconds < 90, `${seconds} s`);
      assert.equal((await seen(made)).status, 'completed');
      assert.deepEqual(page.problems, []);
      assert.deepEqual([...page.asked], [scene.server.baseUrl], 'nobody else is asked for anything');
      await signsIn(connection_id, signIn, 'ada@customer.test');
      await page.context().close();
      await provider.stop();
    });

    test(`OpenID Connect by a certified provider, ${how}`, async () => {
      const customer = await customerProvider();
      const made = await link(`OpenID ${how}`);
      const page = await visitor(made, { javaScriptEnabled });
      const connection_id = await chosen(page, 'Keycloak', 'oidc');
      await doneThere(page, 'create');
      const redirect = await page.locator('#value-0').inputValue();
      customer.serve([{ client_id: 'vestibule', client_secret: 'a long secret of the client', redirect_uris: [redirect] }]);
      await doneThere(page, 'ours');
      await page.locator('#issuer').fill(customer.issuer);
      await page.locator('#client_id').fill('vestibule');
      await page.locator('#client_secret').fill('a long secret of the client');
      await page.getByTestId('save').click();
      await page.getByTestId('save').click();
      await doneThere(page, 'assign');
      const signIn = (tab) => signInAtCustomer(tab, customer.issuer, 'zoe');
      assert.equal(await tested(page, signIn), 'zoe@customer.test');
      await enabled(page);
      assert.deepEqual(page.problems, []);
      assert.deepEqual([...page.asked], [scene.server.baseUrl]);
      await signsIn(connection_id, signIn, 'zoe@customer.test');
      await page.context().close();
      await customer.stop();
    });
  }

  test('a mistake is named with the setting and the value, and the open page shows it by itself', async () => {
    const provider = await samlpProvider();
    const made = await link('Mistaken');
    const page = await visitor(made);
    await chosen(page, 'Okta', 'saml');
    await doneThere(page, 'create', 'ours');
    await page.locator('#metadata_url').fill(provider.metadataUrl);
    await page.getByTestId('read').click();
    await page.getByTestId('use').click();
    await page.getByTestId('save').click();
    await doneThere(page, 'assign');
    const { body } = await call(scene.server, 'GET', `/v1/b2b/sso/${made.organization_id}`);
    const sp = await published(body.saml_connections[0]);
    provider.trust(sp, { audience: 'urn:somebody:else' });
    const [tab] = await Promise.all([page.context().waitForEvent('page'), page.getByTestId('begin-test').click()]);
    await logIn(tab, 'ada');
    await tab.getByTestId('refusal-code').waitFor();
    await page.getByTestId('remedy').waitFor();
    assert.match(await marked(page, 'setting'), /Audience URI \(SP Entity ID\)/);
    assert.equal(await page.locator('#has-to-be').inputValue(), sp.entityId);
    assert.match(await marked(page, 'detail'), /urn:somebody:else/);
    await looks(page, 'portal-mistake', [1280, 320]);
    await page.context().close();
    await provider.stop();
  });

  test('values are copied by a button, and by keyboard alone', async () => {
    const page = await visitor(await link('Keyboard'), { permissions: ['clipboard-read', 'clipboard-write'] });
    await chosen(page, 'OneLogin', 'saml');
    await doneThere(page, 'create');
    const value = await page.locator('#value-0').inputValue();
    await page.locator('#value-0').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), value);
    assert.equal(await page.locator('#told').innerText(), 'Copied');
    await page.context().close();
  });

  for (const locale of LANGUAGES) {
    test(`every page looks well in ${locale}`, async () => {
      const widths = [1280, 320];
      const look = async (page, name) => {
        texts[locale][name] = await page.evaluate(said);
        await looks(page, `portal-${locale}-${name}`, widths);
      };
      const made = await link(`Customer with a rather long name, ${locale}`, { locale, contacts: ['administrator@customer.example.com'] });
      const landing = await freshPage(browser);
      await landing.goto(made.url);
      await look(landing, 'contact');
      await landing.context().close();
      const open = await link(`Another customer, ${locale}`, { locale });
      const page = await freshPage(browser);
      await page.goto(open.url);
      assert.equal(await page.evaluate(() => document.documentElement.lang), locale);
      await look(page, 'landing');
      await page.getByTestId('begin').click();
      await look(page, 'overview-empty');
      const home = page.url();
      await page.getByTestId('choose').click();
      await look(page, 'providers');
      for (const [provider, protocol] of [['microsoft-entra', 'saml'], ['microsoft-entra', 'oidc']]) {
        await page.goto(`${home}/providers/${provider}`);
        if (protocol === 'saml') await look(page, 'provider');
        await page.locator(`input[value=${protocol}]`).check();
        await page.getByTestId('go-on').click();
        const at = page.url().replace(/\/[^/]+$/, '');
        for (const step of ['create', 'ours', 'theirs', 'attributes', 'assign', 'test', 'enable']) {
          await page.goto(`${at}/${step}`);
          await look(page, `${protocol}-${step}`);
        }
        await page.goto(`${at}/theirs`);
        await page.getByTestId(protocol === 'saml' ? 'read' : 'save').click();
        await look(page, `${protocol}-theirs-told`);
      }
      await page.goto(home);
      await look(page, 'overview');
      const used = await freshPage(browser);
      await used.goto(open.url);
      await look(used, 'used');
      assert.deepEqual(used.problems.filter((problem) => !/status of 410/.test(problem)), []);
      assert.deepEqual(page.problems.filter((problem) => !/status of 422/.test(problem)), []);
      await used.context().close();
      await page.context().close();
    });
  }

  test('nothing is left in English', () => {
    for (const locale of LANGUAGES.slice(1)) {
      for (const [name, english] of Object.entries(texts.en)) {
        const other = texts[locale][name];
        assert.equal(other.length > 0, english.length > 0, `${locale} ${name}`);
        const same = other.filter((text) => english.includes(text) && !ALIKE.includes(text));
        assert.deepEqual(same, [], `${locale} ${name}`);
      }
    }
  });

  test('what nobody may open says so', async () => {
    const page = await freshPage(browser);
    await page.goto(`${scene.server.baseUrl}/setup/start/nobodys`);
    await looks(page, 'portal-unknown', [1280, 320]);
    await page.goto(`${scene.server.baseUrl}/setup/nobodys`);
    await looks(page, 'portal-ended', [1280, 320]);
    await page.context().close();
  });
});
