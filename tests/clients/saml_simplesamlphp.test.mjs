// Chromium through SimpleSAMLphp and its own pages: `urn:oid:` names, transient NameIDs, AES-128-CBC, its own session.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { launch, picture } from './support/chromium.mjs';
import { asks, atOurs, connect, hasShape, refusedOnPage, signsIn, stage, travel, watched } from './support/saml/journey.mjs';
import { otherKey, pkcs1Key } from './support/saml/keys.mjs';
import { format } from './support/saml/people.mjs';
import { simplesamlphpProvider } from './support/saml/simplesamlphp.mjs';

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

describe('a customer with SimpleSAMLphp', { concurrency: 1 }, () => {
  let scene, browser, provider, plain, sealed;

  before(async () => {
    [scene, browser, provider] = await Promise.all([stage(), launch(), simplesamlphpProvider()]);
    plain = await connect(scene, provider, 'University', { nameid_format: format.transient });
    sealed = await connect(scene, provider, 'University, encrypted', {
      nameid_format: format.transient,
      saml_encryption_private_key: pkcs1Key(),
    });
  });
  after(async () => {
    await browser?.close();
    await provider?.stop();
    await scene?.stop();
  });

  beforeEach(() => provider.publish());

  const close = (page) => page.context().close();

  for (const sign of ['assertion', 'response', 'both']) {
    test(`we ask; signed: ${sign}`, async () => {
      provider.trust(plain.sp, { sign });
      const look = sign === 'both' ? (page, step) => picture(page, `saml-simplesamlphp-${step}`) : undefined;
      const { answer, page, carried } = await signsIn(scene, browser, plain, atOurs(scene, plain), 'zoe', { look });
      hasShape(carried, { sign });
      assert.ok(carried.xml.includes(format.transient), 'the NameID is not transient');
      assert.equal(answer.member.sso_registrations[0].external_id, 'zoe', 'idp_user_id is not the external id');
      await close(page);
    });

    test(`the provider begins; signed: ${sign}`, async () => {
      provider.trust(plain.sp, { sign });
      const { page, carried } = await signsIn(scene, browser, plain, provider.initiate(), 'grace');
      hasShape(carried, { sign });
      await close(page);
    });

    test(`encrypted; signed: ${sign}`, async () => {
      provider.trust(sealed.sp, { sign, encrypt: true });
      const { page, carried } = await signsIn(scene, browser, sealed, atOurs(scene, sealed), 'ada');
      hasShape(carried, { sign, encrypt: true });
      await close(page);
    });
  }

  test('the provider begins, and encrypts', async () => {
    provider.trust(sealed.sp, { encrypt: true });
    const { page, carried } = await signsIn(scene, browser, sealed, provider.initiate('foreign'), 'grace');
    hasShape(carried, { sign: 'assertion', encrypt: true });
    await close(page);
  });

  for (const binding of ['redirect', 'post']) {
    for (const signedRequests of [true, false]) {
      if (binding === 'redirect' && !signedRequests) continue;
      test(`it takes requests by ${binding}${signedRequests ? ', signed' : ''}`, async () => {
        provider.publish({ bindings: [binding], signedRequests });
        const strict = await connect(scene, provider, `By ${binding} ${signedRequests}`, { nameid_format: format.transient });
        provider.trust(strict.sp);
        const { page } = await signsIn(scene, browser, strict, atOurs(scene, strict), 'ada');
        asks(page, { binding, signed: signedRequests });
        await close(page);
      });
    }
  }

  test('it really looks at the signature of a request', async () => {
    provider.publish({ bindings: ['redirect'], signedRequests: true });
    const strict = await connect(scene, provider, 'Signed by another', { nameid_format: format.transient });
    provider.trust({ ...strict.sp, metadata: strict.sp.metadata.replaceAll(...otherKey(strict.sp)) });
    const page = await watched(browser);
    await page.goto(atOurs(scene, strict));
    assert.match(await page.locator('body').innerText(), /signature/i);
    assert.equal(await page.locator('input[name=username]').count(), 0);
    await close(page);
  });

  for (const algorithm of ['rsa-sha384', 'rsa-sha512']) {
    test(`signed with ${algorithm}`, async () => {
      provider.trust(plain.sp, { sign: 'both', algorithm: MORE + algorithm });
      const { page, carried } = await signsIn(scene, browser, plain, atOurs(scene, plain), 'ada');
      assert.ok(carried.xml.includes(MORE + algorithm), carried.xml);
      await close(page);
    });
  }

  test('who has a session there comes back without a login page, as the same person', async () => {
    provider.trust(plain.sp);
    const first = await signsIn(scene, browser, plain, atOurs(scene, plain), 'ada');
    const second = await signsIn(scene, browser, plain, atOurs(scene, plain), 'ada', { page: first.page });
    assert.equal(second.answer.member_id, first.answer.member_id);
    await close(first.page);
  });

  test('a persistent NameID is the external id', async () => {
    const { idp_user_id, ...mapping } = provider.mapping;
    const persistent = await connect(scene, provider, 'Persistent', { nameid_format: format.persistent, attribute_mapping: mapping });
    provider.trust(persistent.sp, { nameId: format.persistent });
    const { answer, page, carried } = await signsIn(scene, browser, persistent, atOurs(scene, persistent), 'ada');
    const named = carried.xml.match(/<saml:NameID [^>]*persistent"[^>]*>([^<]+)</)[1];
    assert.equal(answer.member.sso_registrations[0].external_id, named);
    assert.ok(idp_user_id);
    await close(page);
  });

  test('SHA-1 is refused by name', async () => {
    provider.trust(plain.sp, { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' });
    const page = await travel(browser, atOurs(scene, plain), 'ada');
    assert.match(await refusedOnPage(page, 'unsupported_algorithm_saml_response'), /sha-?1/i);
    await close(page);
  });
});
