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
