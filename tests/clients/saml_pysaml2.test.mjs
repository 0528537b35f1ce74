// Chromium through PyPI's `pysaml2`: xmlsec1 signs and encrypts, messages have an XML declaration and prefixes `ns0:`.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { launch, picture } from './support/chromium.mjs';
import { asks, atOurs, connect, hasShape, refusedOnPage, signsIn, stage, travel } from './support/saml/journey.mjs';
import { otherKey, pkcs1Key } from './support/saml/keys.mjs';
import { format } from './support/saml/people.mjs';
import { pysaml2Provider } from './support/saml/pysaml2.mjs';

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

describe('a customer with pysaml2', { concurrency: 1 }, () => {
  let scene, browser, provider, plain, sealed;

  before(async () => {
    [scene, browser, provider] = await Promise.all([stage(), launch(), pysaml2Provider()]);
    plain = await connect(scene, provider, 'Pysaml2', { nameid_format: format.persistent });
    sealed = await connect(scene, provider, 'Pysaml2, encrypted', {
      nameid_format: format.persistent,
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
      const { answer, page, carried } = await signsIn(scene, browser, plain, atOurs(scene, plain), 'zoe');
      hasShape(carried, { sign });
      assert.equal(answer.member.sso_registrations[0].external_id, 'pysaml2-zoe');
      await close(page);
    });

    test(`the provider begins; signed: ${sign}`, async () => {
      provider.trust(plain.sp, { sign });
      const { page, carried } = await signsIn(scene, browser, plain, provider.initiate('https://portal.test/'), 'grace');
      hasShape(carried, { sign });
      await close(page);
    });
  }

  for (const [algorithm, digest] of [['rsa-sha384', `${MORE}sha384`], ['rsa-sha512', `${XENC}sha512`]]) {
    test(`signed with ${algorithm}`, async () => {
      provider.trust(plain.sp, { sign: 'both', algorithm: MORE + algorithm, digest });
      const { page, carried } = await signsIn(scene, browser, plain, atOurs(scene, plain), 'ada');
      assert.ok(carried.xml.includes(MORE + algorithm) && carried.xml.includes(digest), carried.xml);
      await close(page);
    });
  }

  for (const binding of ['redirect', 'post']) {
    test(`it wants requests to be signed; by ${binding}`, async () => {
      provider.publish({ bindings: [binding], signedRequests: true });
      const strict = await connect(scene, provider, `Signed by ${binding}`, { nameid_format: format.persistent });
      provider.trust(strict.sp);
      const { page } = await signsIn(scene, browser, strict, atOurs(scene, strict), 'ada');
      asks(page, { binding, signed: true });
      await close(page);
    });
  }

  test('it really looks at the signature of a request', async () => {
    provider.publish({ bindings: ['redirect'], signedRequests: true });
    const strict = await connect(scene, provider, 'Signed by another', { nameid_format: format.persistent });
    provider.trust({ ...strict.sp, metadata: strict.sp.metadata.replaceAll(...otherKey(strict.sp)) });
    const page = await travel(browser, atOurs(scene, strict), 'ada');
    assert.deepEqual(page.carried, []);
    assert.match(await page.locator('body').innerText(), /IncorrectlySigned/);
    await close(page);
  });

  const encrypted = [
    [`${XENC}aes128-cbc`, 'assertion'],
    [`${XENC}aes256-cbc`, 'response'],
    [`${XENC11}aes128-gcm`, 'both'],
    [`${XENC11}aes256-gcm`, 'assertion'],
  ];
  for (const [encrypt, sign] of encrypted) {
    test(`encrypted by ${encrypt.replace(/.*#/, '')}; signed: ${sign}`, async () => {
      provider.trust(sealed.sp, { sign, encrypt });
      const { page, carried } = await signsIn(scene, browser, sealed, atOurs(scene, sealed), 'zoe');
      hasShape(carried, { sign, encrypt });
      await close(page);
    });
  }

  test('Triple DES, which the product uses when it is not told otherwise, is refused by name', async () => {
    provider.trust(sealed.sp, { encrypt: `${XENC}tripledes-cbc` });
    const page = await travel(browser, atOurs(scene, sealed), 'ada');
    const text = await refusedOnPage(page, 'undecryptable_saml_response');
    assert.match(text, /Triple DES/);
    assert.match(text, /AES/);
    await close(page);
  });

  test('SHA-1, which the product uses when it is not told otherwise, is refused by name', async () => {
    provider.trust(plain.sp, {
      algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
      digest: 'http://www.w3.org/2000/09/xmldsig#sha1',
    });
    const page = await travel(browser, atOurs(scene, plain), 'ada');
    const text = await refusedOnPage(page, 'unsupported_algorithm_saml_response');
    assert.match(text, /sha-?1/i);
    await picture(page, 'saml-refused-sha1');
    await close(page);
  });

  test('an address as NameID', async () => {
    const byAddress = await connect(scene, provider, 'By address', {
      attribute_mapping: { ...provider.mapping, email: 'NameID' },
    });
    provider.trust(byAddress.sp, { nameId: format.email });
    const { answer, page } = await signsIn(scene, browser, byAddress, atOurs(scene, byAddress), 'ada');
    assert.equal(answer.member.sso_registrations[0].external_id, 'ada@customer.test');
    await close(page);
  });
});
