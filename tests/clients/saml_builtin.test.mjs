// Chromium through the built-in provider's SAML: honest answers in every form, then each way to misbehave.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { launch, picture } from './support/chromium.mjs';
import { atOurs, hasShape, refusedOnPage, stage, watched } from './support/saml/journey.mjs';

const PERSON = { email: 'ada@example.com', name: 'Ada Lovelace' };

// Each fault with the row of the catalogue that answers it, and a word that tells the provider's admin what to change.
const FAULTS = {
  wrong_audience: ['invalid_audience_saml_response', /another-service\.example/],
  no_audience: ['invalid_audience_saml_response', /audience/i],
  expired: ['expired_saml_response', /clock|expired|NotOnOrAfter/i],
  clock_ahead: ['not_yet_valid_saml_response', /clock/i],
  clock_behind: ['expired_saml_response', /clock|NotOnOrAfter/i],
  unsigned: ['missing_signature_saml_response', /sign/i],
  // What is inside is not told apart for somebody who may have encrypted it to find out.
  encrypted_unsigned: ['undecryptable_saml_response', /signed inside/],
  sha1: ['unsupported_algorithm_saml_response', /sha-?1/i],
  wrong_key: ['saml_certificate_mismatch', /certificate/i],
  tampered: ['invalid_signature_saml_response', /changed|digest|signature/i],
  wrapped: ['invalid_saml_response', /assertion/i],
  two_assertions: ['invalid_saml_response', /assertion/i],
  comment_in_name_id: ['invalid_xml_saml_response', /comment/i],
  doctype: ['invalid_xml_saml_response', /doctype/i],
  wrong_destination: ['invalid_recipient_saml_response', /addressed to .*ACS/i],
  wrong_recipient: ['invalid_recipient_saml_response', /recipient/i],
  wrong_issuer: ['invalid_issuer_saml_response', /\/other/],
  wrong_in_response_to: ['unsolicited_saml_response', /InResponseTo|request/i],
  no_in_response_to: ['unsolicited_saml_response', /InResponseTo|request/i],
  status_failed: ['failed_saml_response', /AuthnFailed|status/i],
  no_authn_statement: ['invalid_saml_response', /AuthnStatement/i],
  no_confirmation_end: ['invalid_saml_response', /NotOnOrAfter/i],
  missing_email: ['invalid_saml_response_email', /email/i],
  transient_name_id: ['saml_response_subject_missing', /NameID/i],
  no_name_id: ['saml_response_subject_missing', /NameID/i],
};

describe('the built-in provider speaks SAML', { concurrency: 1 }, () => {
  let scene, browser, connected;

  before(async () => {
    [scene, browser] = await Promise.all([stage(), launch()]);
    // The sample company's connection is finished by whoever asks for it first.
    await fetch(`${scene.server.baseUrl}/sample/start?protocol=saml`, { redirect: 'manual' });
    const { organizations } = await scene.client.organizations.search({});
    const { organization_id } = organizations.find(({ organization_slug }) => organization_slug === 'second-sample-company');
    const { saml_connections } = await scene.client.sso.getConnections({ organization_id });
    const [connection] = saml_connections;
    assert.equal(connection.status, 'active');
    connected = { organization_id, connection_id: connection.connection_id, connection };
  });
  after(async () => {
    await browser?.close();
    await scene?.stop();
  });

  const close = (page) => page.context().close();

  /** At the provider, with these choices made on its page. */
  async function atProvider(begin, choices = {}, look = async () => {}) {
    const page = await watched(browser);
    await page.goto(begin);
    for (const summary of await page.locator('summary').all()) await summary.click();
    for (const [name, value] of Object.entries(choices)) await page.getByTestId(name).selectOption(value);
    await look(page);
    await page.getByTestId(`user-${PERSON.email}`).click();
    await page.waitForFunction(() => document.querySelector('#landed') || location.pathname.includes('/sso/callback/'));
    return page;
  }

  const beginThere = () => {
    const url = new URL(scene.server.idp.samlIdpInitiatedUrl);
    url.searchParams.set('acs_url', connected.connection.acs_url);
    url.searchParams.set('audience', connected.connection.audience_uri);
    return url.href;
  };

  function signedIn(page, before) {
    assert.equal(scene.app.answers.length, before + 1, page.url());
    const answer = scene.app.answers.at(-1);
    assert.equal(answer.status_code, 200, answer.error_message);
    assert.deepEqual([answer.member.email_address, answer.member.name], [PERSON.email, PERSON.name]);
    assert.equal(answer.member_session.authentication_factors[0].saml_sso_factor.provider_id, connected.connection_id);
  }

  for (const signed of ['assertion', 'response', 'both']) {
    for (const encrypt of ['', '1']) {
      test(`honest: signed ${signed}${encrypt ? ', encrypted' : ''}`, async () => {
        const before = scene.app.answers.length;
        const look = signed === 'both' && encrypt ? (page) => picture(page, 'saml-built-in') : undefined;
        const page = await atProvider(atOurs(scene, connected), { signed, encrypt }, look);
        hasShape(page.carried.at(-1), { sign: signed, encrypt });
        signedIn(page, before);
        await close(page);
      });
    }
  }

  for (const attributes of ['claims', 'oid']) {
    test(`honest: attributes named by ${attributes}`, async () => {
      const before = scene.app.answers.length;
      const page = await atProvider(atOurs(scene, connected), { attributes });
      signedIn(page, before);
      await close(page);
    });
  }

  test('honest: begun at the provider', async () => {
    const before = scene.app.answers.length;
    const page = await atProvider(beginThere());
    signedIn(page, before);
    await close(page);
  });

  for (const [fault, [type, told]] of Object.entries(FAULTS)) {
    test(`misbehaves: ${fault}`, async () => {
      const before = scene.app.answers.length;
      const page = await atProvider(atOurs(scene, connected), { fault });
      const text = await refusedOnPage(page, type);
      assert.match(text, told);
      await picture(page, `saml-refused-${fault.replaceAll('_', '-')}`);
      assert.equal(scene.app.answers.length, before, 'the application heard of it');
      await isTraced(type);
      await close(page);
    });
  }

  test('misbehaves: replay', async () => {
    const first = await atProvider(beginThere());
    const page = await atProvider(beginThere(), { fault: 'replay' });
    await refusedOnPage(page, 'duplicate_saml_response');
    await isTraced('duplicate_saml_response');
    await Promise.all([close(first), close(page)]);
  });

  /** The latest trace of the connection says what was refused, without the message itself. */
  async function isTraced(type) {
    const path = `/v1/vestibule/sign_in_traces?connection_id=${connected.connection_id}&limit=1`;
    const { status, body, text } = await call(scene.server, 'GET', path);
    assert.equal(status, 200, text);
    const [trace] = body.sign_in_traces;
    assert.equal(trace.error_type, type, text);
    assert.equal(trace.outcome, 'refused');
    const failed = trace.steps.filter((step) => !step.passed);
    assert.equal(failed.length, 1, `one step fails and the rest is not tried: ${text}`);
    assert.doesNotMatch(text, /PD94|PHNhbWxw|PHNhbWw|BEGIN/, 'the trace holds the message or a key');
  }
});
