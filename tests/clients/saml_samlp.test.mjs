// Chromium through the npm package `samlp`: URI claim names, AES-GCM and AES-CBC, requests by both bindings.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { launch, picture } from './support/chromium.mjs';
import { asks, atOurs, connect, hasShape, published, refusedOnPage, signsIn, stage, travel } from './support/saml/journey.mjs';
import { pkcs1Key, selfSigned } from './support/saml/keys.mjs';
import { format } from './support/saml/people.mjs';
import { samlpProvider } from './support/saml/samlp.mjs';

const GCM = ['http://www.w3.org/2009/xmlenc11#aes128-gcm', 'http://www.w3.org/2009/xmlenc11#aes256-gcm'];
const CBC = ['http://www.w3.org/2001/04/xmlenc#aes128-cbc', 'http://www.w3.org/2001/04/xmlenc#aes256-cbc'];

describe('a customer with samlp', { concurrency: 1 }, () => {
  let scene, browser, provider, plain, sealed;

  before(async () => {
    [scene, browser, provider] = await Promise.all([stage(), launch(), samlpProvider()]);
    plain = await connect(scene, provider, 'Samlp');
    sealed = await connect(scene, provider, 'Samlp, encrypted', { saml_encryption_private_key: pkcs1Key() });
  });
  after(async () => {
    await browser?.close();
    await provider?.stop();
    await scene?.stop();
  });

  const close = (page) => page.context().close();

  for (const sign of ['assertion', 'response', 'both']) {
    test(`we ask; signed: ${sign}`, async () => {
      provider.trust(plain.sp, { sign });
      const look = sign === 'both' ? (page, step) => picture(page, `saml-samlp-${step}`) : undefined;
      const { answer, page, carried } = await signsIn(scene, browser, plain, atOurs(scene, plain), 'zoe', { look });
      hasShape(carried, { sign });
      assert.match(carried.xml, /InResponseTo=/);
      assert.match(carried.relayState, /^[\w-]{20,}$/, 'RelayState is not opaque');
      assert.equal(answer.member.sso_registrations[0].external_id, 'zoe@customer.test');
      await close(page);
    });

    test(`the provider begins; signed: ${sign}`, async () => {
      provider.trust(plain.sp, { sign });
      const relayState = { assertion: '', response: 'https://portal.customer.test/?a=b&c', both: 'not ours' }[sign];
      const { page, carried } = await signsIn(scene, browser, plain, provider.initiate(relayState), 'ada');
      hasShape(carried, { sign });
      assert.doesNotMatch(carried.xml, /InResponseTo=/);
      assert.ok(page.url().startsWith(scene.app.url), page.url());
      await close(page);
    });
  }

  for (const encrypt of [...GCM, ...CBC]) {
    const sign = { [GCM[1]]: 'both', [CBC[1]]: 'response' }[encrypt] ?? 'assertion';
    test(`encrypted by ${encrypt.replace(/.*#/, '')}; signed: ${sign}`, async () => {
      provider.trust(sealed.sp, { sign, encrypt });
      const { page, carried } = await signsIn(scene, browser, sealed, atOurs(scene, sealed), 'zoe');
      hasShape(carried, { sign, encrypt });
      await close(page);
    });
  }

  test('the provider begins, and encrypts', async () => {
    provider.trust(sealed.sp, { encrypt: GCM[1] });
    const { page, carried } = await signsIn(scene, browser, sealed, provider.initiate(), 'grace');
    hasShape(carried, { sign: 'assertion', encrypt: GCM[1] });
    await close(page);
  });

  test('a persistent name is kept: the second time is the same person', async () => {
    const persistent = await connect(scene, provider, 'Persistent', { nameid_format: format.persistent });
    provider.trust(persistent.sp, { nameId: format.persistent });
    const first = await signsIn(scene, browser, persistent, atOurs(scene, persistent), 'grace');
    const second = await signsIn(scene, browser, persistent, provider.initiate(), 'grace');
    assert.equal(second.answer.member_id, first.answer.member_id);
    assert.equal(second.answer.member.sso_registrations[0].external_id, 'samlp|grace');
    const { member_count } = await scene.client.organizations.metrics({ organization_id: persistent.organization_id });
    assert.equal(member_count, 1);
    await Promise.all([close(first.page), close(second.page)]);
  });

  test('signed requests, switched on by hand', async () => {
    const strict = await connect(scene, provider, 'Signed requests');
    const path = `/v1/b2b/sso/saml/${strict.organization_id}/connections/${strict.connection_id}`;
    const body = { authn_requests_signed: true, signing_private_key: pkcs1Key() };
    const answer = await call(scene.server, 'PUT', path, { body });
    assert.equal(answer.status, 200, answer.text);
    provider.trust({ ...strict.sp, signingCertificate: answer.body.connection.signing_certificates.at(-1).certificate }, { signedRequests: true });
    const { page } = await signsIn(scene, browser, strict, atOurs(scene, strict), 'ada');
    asks(page, { binding: 'redirect', signed: true });
    await close(page);
  });

  test('a session made by SAML is good without the server too', async () => {
    provider.trust(plain.sp);
    const { answer, page } = await signsIn(scene, browser, plain, atOurs(scene, plain), 'ada');
    const local = await scene.client.sessions.authenticateJwtLocal({
      session_jwt: answer.session_jwt,
      authorization_check: { organization_id: plain.organization_id, resource_id: 'stytch.sso', action: 'create' },
    });
    assert.equal(local.authentication_factors[0].saml_sso_factor.provider_id, plain.connection_id);
    await close(page);
  });

  test('the audience of an earlier installation is taken when it is entered', async () => {
    const moved = await connect(scene, provider, 'Moved');
    provider.trust({ ...moved.sp, entityId: 'urn:old:sp' });
    const page = await travel(browser, atOurs(scene, moved), 'ada');
    const text = await refusedOnPage(page, 'invalid_audience_saml_response');
    assert.ok(text.includes('urn:old:sp') && text.includes(moved.sp.entityId), text);
    await picture(page, 'saml-refused-audience');
    await close(page);
    const { organization_id, connection_id } = moved;
    await scene.client.sso.saml.updateConnection({ organization_id, connection_id, alternative_audience_uri: 'urn:old:sp' });
    const { page: landed } = await signsIn(scene, browser, moved, atOurs(scene, moved), 'ada');
    await close(landed);
  });

  test('a gateway at the old address passes the answer on', async () => {
    const moved = await connect(scene, provider, 'Behind a gateway');
    const { organization_id, connection_id } = moved;
    const gateway = createServer((_request, response) => response.writeHead(307, { location: moved.sp.acsUrl }).end());
    await once(gateway.listen(0, '127.0.0.1'), 'listening');
    const alternative_acs_url = `http://127.0.0.1:${gateway.address().port}/saml/acs`;
    try {
      await scene.client.sso.saml.updateConnection({ organization_id, connection_id, alternative_acs_url, allow_gateway_callback: true });
      provider.trust({ ...moved.sp, acsUrl: alternative_acs_url });
      const { page, carried } = await signsIn(scene, browser, moved, atOurs(scene, moved), 'ada');
      assert.ok(carried.xml.includes(`Recipient="${alternative_acs_url}"`), carried.xml);
      await close(page);
    } finally {
      gateway.closeAllConnections();
      gateway.close();
    }
  });

  test('the provider changes its key and nobody has to do anything', async () => {
    const rolling = await connect(scene, provider, 'Rolling');
    const [{ certificate_id }] = rolling.connection.verification_certificates;
    provider.rollKey();
    provider.trust(rolling.sp);
    const { page } = await signsIn(scene, browser, rolling, atOurs(scene, rolling), 'ada');
    await close(page);
    const { saml_connections } = await scene.client.sso.getConnections({ organization_id: rolling.organization_id });
    const [now] = saml_connections[0].verification_certificates;
    assert.notEqual(now.certificate_id, certificate_id);
    assert.equal(new X509Certificate(now.certificate).fingerprint256, new X509Certificate(provider.certificate).fingerprint256);
  });

  test('a wrong certificate: the page says what to change', async () => {
    const wrong = await connect(scene, provider, 'Wrong certificate', { certificate: selfSigned('last year').certificate });
    provider.trust(wrong.sp);
    const page = await travel(browser, atOurs(scene, wrong), 'ada');
    const text = await refusedOnPage(page, 'saml_certificate_mismatch');
    await picture(page, 'saml-refused-certificate');
    assert.match(text, /certificate/i);
    assert.match(text, /last year/, 'the page does not say which certificate it has');
    assert.match(text, /CN=samlp/, 'the page does not say which certificate it found');
    const { organization_id, connection_id } = wrong;
    assert.equal((await scene.client.organizations.metrics({ organization_id })).member_count, 0);
    await close(page);
    await scene.client.sso.saml.updateConnection({ organization_id, connection_id, x509_certificate: provider.certificate });
    const { page: landed } = await signsIn(scene, browser, wrong, atOurs(scene, wrong), 'ada');
    await close(landed);
  });

  test('who may not begin at the provider is told so', async () => {
    const strict = await connect(scene, provider, 'Ours only', { idp_initiated_auth_disabled: true });
    provider.trust(strict.sp);
    const page = await travel(browser, provider.initiate(), 'ada');
    await refusedOnPage(page, 'saml_idp_initiated_auth_disabled');
    await close(page);
    const { page: landed } = await signsIn(scene, browser, strict, atOurs(scene, strict), 'ada');
    await close(landed);
  });

  test('the same answer is worth nothing the second time', async () => {
    provider.trust(plain.sp);
    const { page, carried } = await signsIn(scene, browser, plain, provider.initiate(), 'grace');
    const again = await fetch(plain.sp.acsUrl, { method: 'POST', body: carried.form, redirect: 'manual' });
    const text = await again.text();
    assert.equal(again.headers.get('location'), null);
    assert.ok(again.status >= 400 && text.includes('duplicate_saml_response'), `${again.status} ${text}`);
    await close(page);
  });

  test('what is encrypted to a key that we no longer have is refused', async () => {
    const lost = await connect(scene, provider, 'Lost key', { saml_encryption_private_key: pkcs1Key() });
    provider.trust(lost.sp, { encrypt: GCM[1] });
    const address = { organization_id: lost.organization_id, connection_id: lost.connection_id };
    const [{ private_key_id }] = lost.connection.encryption_private_keys;
    await scene.client.sso.saml.updateConnection({ ...address, saml_encryption_private_key: pkcs1Key() });
    await scene.client.sso.saml.deleteEncryptionPrivateKey({ ...address, private_key_id });
    const page = await travel(browser, atOurs(scene, lost), 'ada');
    await refusedOnPage(page, 'undecryptable_saml_response');
    await close(page);
    provider.trust(await published(lost.connection), { encrypt: GCM[1] });
    const { page: landed } = await signsIn(scene, browser, lost, atOurs(scene, lost), 'ada');
    await close(landed);
  });
});
