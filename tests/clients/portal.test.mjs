// The set-up portal in Chromium: a customer's administrator connects foreign identity providers by its pages alone, with scripts and
// without; then somebody signs in by the official client.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { freshPage, marked } from './support/chromium.mjs';
import { customerProvider, signInAtCustomer } from './support/customer.mjs';
import { chosen, doneThere, enabled, portal, tested } from './support/portal.mjs';
import { published } from './support/saml/journey.mjs';
import { logIn } from './support/saml/people.mjs';
import { samlpProvider } from './support/saml/samlp.mjs';
import { startUrl } from './support/walk.mjs';

describe('the set-up portal', { concurrency: 1 }, () => {
  let scene;

  before(async () => {
    scene = await portal();
  });
  after(() => scene?.stop());

  async function signsIn(connection_id, signIn, email) {
    const page = await freshPage(scene.browser);
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
      const made = await scene.link(`Samlp ${how}`);
      const page = await scene.visitor(made, { javaScriptEnabled });
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
      provider.trust(await published(await scene.samlOf(made)));
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
      assert.equal((await scene.seen(made)).status, 'completed');
      assert.deepEqual(page.problems, []);
      assert.deepEqual([...page.asked], [scene.server.baseUrl], 'nobody else is asked for anything');
      await signsIn(connection_id, signIn, 'ada@customer.test');
      await page.context().close();
      await provider.stop();
    });

    test(`OpenID Connect by a certified provider, ${how}`, async () => {
      const customer = await customerProvider();
      const made = await scene.link(`OpenID ${how}`);
      const page = await scene.visitor(made, { javaScriptEnabled });
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

  test('OpenID Connect by keyboard alone, from the link to an active connection', async () => {
    const customer = await customerProvider();
    const made = await scene.link('Keyboard from end to end');
    const page = await scene.watched();
    /** Tabs on until this has the focus, and looks that somebody would see it. */
    async function reached(locator) {
      await locator.first().waitFor();
      for (let tabs = 0; tabs < 90; tabs++) {
        if (await locator.first().evaluate((element) => element === document.activeElement)) {
          const outline = await locator.first().evaluate((element) => getComputedStyle(element).outlineStyle);
          assert.notEqual(outline, 'none', `nobody sees that ${locator} has the focus`);
          return;
        }
        await page.keyboard.press('Tab');
      }
      assert.fail(`${locator} is not reached by keyboard at ${page.url()}`);
    }
    async function pressed(locator) {
      await reached(locator);
      await page.keyboard.press('Enter');
    }
    async function typed(locator, text) {
      await reached(locator);
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(text);
    }
    await page.goto(made.url);
    await pressed(page.getByTestId('begin'));
    await pressed(page.getByTestId('choose'));
    await pressed(page.getByRole('link', { name: 'Keycloak', exact: true }));
    await reached(page.locator('input[type=radio]:checked'));
    while (!(await page.locator('input[value=oidc]').isChecked())) await page.keyboard.press('ArrowDown');
    await pressed(page.getByTestId('go-on'));
    await page.waitForURL(/\/create$/);
    await pressed(page.getByTestId('done'));
    await page.waitForURL(/\/ours$/);
    const redirect = await page.locator('#value-0').inputValue();
    customer.serve([{ client_id: 'vestibule', client_secret: 'a long secret of the client', redirect_uris: [redirect] }]);
    await pressed(page.getByTestId('done'));
    await page.waitForURL(/\/theirs$/);
    await typed(page.locator('#issuer'), customer.issuer);
    await typed(page.locator('#client_id'), 'vestibule');
    await typed(page.locator('#client_secret'), 'a long secret of the client');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/attributes$/);
    await pressed(page.getByTestId('save'));
    await page.waitForURL(/\/assign$/);
    await pressed(page.getByTestId('done'));
    await page.waitForURL(/\/test$/);
    await reached(page.getByTestId('begin-test'));
    const [tab] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('Enter')]);
    await signInAtCustomer(tab, customer.issuer, 'zoe');
    await tab.getByTestId('test-email').waitFor();
    await tab.close();
    await page.getByTestId('person-email').waitFor();
    await pressed(page.getByTestId('go-on'));
    await pressed(page.getByTestId('enable'));
    await page.getByTestId('active').waitFor();
    assert.deepEqual(page.problems, []);
    await page.context().close();
    await customer.stop();
  });

  test('values are copied by a button, and by keyboard alone', async () => {
    const page = await scene.visitor(await scene.link('Keyboard'), { permissions: ['clipboard-read', 'clipboard-write'] });
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
});
