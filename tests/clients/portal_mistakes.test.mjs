// The twelve most frequent mistakes of setting up, each made at a provider: the portal names the setting in that console's words, what was
// found, what it has to be, and the page at which it is changed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { marked } from './support/chromium.mjs';
import { customerProvider, signInAtCustomer } from './support/customer.mjs';
import { look } from './support/looks.mjs';
import { beginsTest, chosen, doneThere, portal } from './support/portal.mjs';
import { published } from './support/saml/journey.mjs';
import { format, logIn } from './support/saml/people.mjs';
import { pysaml2Provider } from './support/saml/pysaml2.mjs';
import { samlpProvider } from './support/saml/samlp.mjs';

const ELSEWHERE = 'https://app.example.com/saml/consume';
const SECRET = 'a long secret of the client';
const ada = (tab) => logIn(tab, 'ada');

describe('the twelve most frequent mistakes', { concurrency: 1 }, () => {
  let scene;

  before(async () => {
    scene = await portal();
  });
  after(() => scene?.stop());

  /** Tests from the page that is open, which shows by itself what came of it; the tab shows a person's words. */
  async function fails(page, signIn) {
    const before = await page.getByTestId('verdict').getAttribute('data-verdict');
    const tab = await beginsTest(page);
    await signIn(tab);
    await tab.getByTestId('refusal-code').waitFor();
    await tab.close();
    await page.locator(`[data-verdict]:not([data-verdict="${before}"])`).waitFor();
    await page.getByTestId('remedy').waitFor();
  }

  /** What the page says, all of it: the setting, both values, and where it is changed. */
  async function says(page, name, { setting, found, expected, screen }) {
    const remedy = page.getByTestId('remedy');
    if (setting) assert.match(await marked(page, 'setting'), setting, name);
    assert.match(await marked(page, 'found'), found, name);
    const shown = (await remedy.locator('#has-to-be').count()) ? await remedy.locator('#has-to-be').inputValue() : await marked(page, 'expected');
    if (expected instanceof RegExp) assert.match(shown, expected, name);
    else assert.equal(shown, expected, name);
    if (screen) {
      const there = page.getByTestId('screen');
      assert.equal(new URL(await there.getAttribute('href'), page.url()).pathname.split('/').at(-1), screen, name);
    }
    await look(page, `mistake-${name}`);
    assert.deepEqual(page.problems, [], name);
  }

  describe('with SAML, at npm samlp by the words of Okta', { concurrency: 1 }, () => {
    let provider, page, made, sp, home, right;

    before(async () => {
      provider = await samlpProvider();
      made = await scene.link('Customer of samlp');
      page = await scene.visitor(made);
      await chosen(page, 'Okta', 'saml');
      await doneThere(page, 'create', 'ours');
      await page.locator('#metadata_url').fill(provider.metadataUrl);
      await page.getByTestId('read').click();
      await page.getByTestId('use').click();
      home = page.url().replace(/[^/]+$/, '');
      const { email, first_name, last_name } = provider.mapping;
      right = { email, first_name, last_name, id: '' };
      await mapped(right);
      sp = await published(await scene.samlOf(made));
    });
    after(async () => {
      await page?.context().close();
      await provider?.stop();
    });

    async function mapped(names) {
      await page.goto(`${home}attributes`);
      for (const [name, value] of Object.entries(names)) await page.locator(`input[name=${name}]`).fill(value);
      await page.getByTestId('save').click();
    }

    /** The provider is set wrongly in this way. */
    async function wrong(settings) {
      provider.trust(sp, settings);
      await page.goto(`${home}test`);
      await fails(page, ada);
    }

    test('1: another audience', async () => {
      await wrong({ audience: 'urn:somebody:else' });
      const told = { setting: /Audience URI \(SP Entity ID\)/, found: /^urn:somebody:else$/, expected: sp.entityId, screen: 'ours' };
      await says(page, 'audience', told);
    });

    test('2: another ACS URL', async () => {
      await wrong({ recipient: ELSEWHERE, destination: ELSEWHERE });
      const told = { setting: /Single sign-on URL/, found: /^https:\/\/app\.example\.com\/saml\/consume$/, expected: sp.acsUrl, screen: 'ours' };
      await says(page, 'acs-url', told);
    });

    test('3: a NameID that is another one each time', async () => {
      await wrong({ nameId: format.transient });
      const told = { setting: /Name ID format/, found: /emailaddress/, expected: /the same at every sign-in/, screen: 'attributes' };
      await says(page, 'name-id', told);
    });

    test('4: an attribute by another name', async () => {
      await mapped({ ...right, email: 'mail' });
      await wrong({});
      const told = { setting: /Attribute Statements/, found: /claims\/emailaddress/, expected: /e-mail address/, screen: 'attributes' };
      await says(page, 'attribute', told);
      assert.match(await marked(page, 'detail'), /“mail”/, 'the name that was looked for');
      await mapped(right);
    });

    test('5: nothing is signed', async () => {
      await wrong({ signAssertion: false, signResponse: false });
      await says(page, 'unsigned', { setting: /Assertion Signature/, found: /./, expected: /sign/, screen: 'ours' });
    });

    test('6: SHA-1', async () => {
      await wrong({ signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' });
      await says(page, 'sha-1', { setting: /Signature Algorithm/, found: /^RSA-SHA1$/, expected: /SHA-256/, screen: 'ours' });
    });

    test('7: another certificate than the one that we were given', async () => {
      const before = await scene.samlOf(made);
      provider.rollKey();
      await wrong({});
      const told = { found: /samlp, next year \(SHA-256 [0-9A-F:]{95}\)/, expected: /CN=samlp \(SHA-256 [0-9A-F:]{95}\)/, screen: 'theirs' };
      await says(page, 'certificate', told);
      // Its metadata has the new one by now, and a test takes nothing over.
      assert.deepEqual(await scene.samlOf(made), before);
    });
  });

  test('8: a clock that is wrong, at the built-in provider', async () => {
    const page = await scene.visitor(await scene.link('Customer of the built-in provider'));
    await chosen(page, 'Keycloak', 'saml');
    await doneThere(page, 'create', 'ours');
    await page.locator('#metadata_url').fill(scene.server.idp.samlMetadataUrl);
    await page.getByTestId('read').click();
    await page.getByTestId('use').click();
    await page.goto(page.url().replace(/[^/]+$/, 'test'));
    await fails(page, async (tab) => {
      await tab.locator('summary').last().click();
      await tab.getByTestId('fault').selectOption('clock_ahead');
      await tab.getByTestId('user-grace@example.com').click();
    });
    const time = /\d{4}-\d\d-\d\dT\d\d:\d\d/;
    await says(page, 'clock', { found: time, expected: time });
    assert.match(await page.getByTestId('remedy').innerText(), /Set the clock of the provider/);
    await page.context().close();
  });

  test('9: metadata that has expired, of pysaml2', async () => {
    const provider = await pysaml2Provider();
    provider.publish({ validHours: -1 });
    const page = await scene.visitor(await scene.link('Customer of pysaml2'));
    await chosen(page, 'Shibboleth', 'saml');
    await page.goto(page.url().replace(/[^/]+$/, 'theirs'));
    await page.locator('#metadata_url').fill(provider.metadataUrl);
    await page.getByTestId('read').click();
    await page.waitForLoadState();
    await page.getByTestId('trouble').waitFor();
    assert.match(await marked(page, 'trouble'), /was valid until \d{4}-\d\d-\d\dT[\d:]+Z, now it is \d{4}-.*: get it from the provider again/);
    assert.equal(await page.locator('#metadata_url').inputValue(), provider.metadataUrl, 'what was entered is still there');
    await look(page, 'mistake-expired-metadata');
    await page.context().close();
    await provider.stop();
  });

  describe('with OpenID Connect, at oidc-provider by the words of Keycloak', { concurrency: 1 }, () => {
    let customer, page, home, redirect;

    before(async () => {
      customer = await customerProvider();
      page = await scene.visitor(await scene.link('Customer of oidc-provider'));
      await chosen(page, 'Keycloak', 'oidc');
      home = page.url().replace(/[^/]+$/, '');
      await page.goto(`${home}ours`);
      redirect = await page.locator('#value-0').inputValue();
    });
    after(async () => {
      await page?.context().close();
      await customer?.stop();
    });

    const serves = (redirect_uris) => customer.serve([{ client_id: 'vestibule', client_secret: SECRET, redirect_uris }]);

    async function entered(values) {
      await page.goto(`${home}theirs`);
      for (const [name, value] of Object.entries(values)) await page.locator(`#${name}`).fill(value);
      await page.getByTestId('save').click();
    }

    test('10: an issuer with a slash that it does not have', async () => {
      serves([redirect]);
      await entered({ issuer: `${customer.issuer}/`, client_id: 'vestibule', client_secret: SECRET });
      await page.getByTestId('other-issuer').waitFor();
      assert.equal(await page.locator('#has-to-be').inputValue(), customer.issuer);
      assert.equal(await page.locator('#issuer').inputValue(), `${customer.issuer}/`, 'what was entered is still there');
      assert.match(await page.locator('#issuer-called').innerText(), /Realm settings > General > Endpoints/);
      await look(page, 'mistake-issuer');
    });

    test('11: another client secret', async () => {
      await entered({ issuer: customer.issuer, client_id: 'vestibule', client_secret: 'another secret of the client' });
      await page.waitForURL(/\/attributes$/);
      await page.goto(`${home}test`);
      await fails(page, (tab) => signInAtCustomer(tab, customer.issuer, 'zoe'));
      await says(page, 'client-secret', { setting: /Client Secret/, found: /invalid_client/, expected: /tokens/, screen: 'theirs' });
      await page.getByTestId('screen').click();
      assert.match(await page.locator('#client_secret-called').innerText(), /A secret that ends with ient is saved/);
      assert.deepEqual(page.problems, []);
    });

    test('12: a redirect URI that is not registered, of which only the provider can say something', async () => {
      serves(['https://app.example.com/callback']);
      await entered({ client_secret: SECRET });
      await page.goto(`${home}test`);
      const tab = await beginsTest(page);
      await tab.getByText('redirect_uri did not match').waitFor();
      await tab.close();
      await page.reload();
      const there = page.getByTestId('shown-there');
      await there.locator('summary').click();
      assert.match(await marked(page, 'address-called'), /Valid redirect URIs/);
      assert.equal(await page.locator('#come-back').inputValue(), redirect);
      assert.match(await there.innerText(), /redirect_uri/);
      await look(page, 'mistake-redirect-uri');
      assert.deepEqual(page.problems, []);
    });
  });
});
