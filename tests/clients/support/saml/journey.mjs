// One sign-in through a foreign provider: the official client makes the connection, a browser goes the way, the
// application exchanges the token by the official client again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { inflateRawSync } from 'node:zlib';

import { freshPage, picture, unfolded } from '../chromium.mjs';
import { officialClient } from '../suite.mjs';
import { startServer } from '../server.mjs';
import { startUrl } from '../walk.mjs';
import { fullName, logIn, people } from './people.mjs';
import { serviceProvider } from './sp.mjs';

/** The customer's software: it exchanges the token that the browser brings and keeps what it was told. */
async function application() {
  const app = { answers: [], client: null };
  const server = createServer(async (request, response) => {
    const token = new URL(request.url, 'http://app').searchParams.get('token');
    if (!token) return response.writeHead(404).end();
    const answer = await app.client.sso.authenticate({ sso_token: token }).catch((error) => error);
    app.answers.push(answer);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>App</title><p id="landed">${answer.member?.email_address ?? answer.error_type}</p>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  app.url = `http://127.0.0.1:${server.address().port}/authenticate`;
  app.stop = () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
  return app;
}

/** Server, application and official client of one suite. */
export async function stage() {
  const app = await application();
  const server = await startServer({ redirectUrl: app.url });
  const client = officialClient(server);
  app.client = client;
  return {
    server,
    client,
    app,
    async stop() {
      await server.stop();
      await app.stop();
    },
  };
}

/**
 * An organization whose people sign in at `provider`, `engineering` as administrators: set up from its metadata, or by
 * hand with this `certificate`.
 *
 * `settings` are further fields of the connection. Answers the ids and our side as the provider's admin sees it.
 */
export async function connect({ client }, provider, organization_name, { certificate, ...settings } = {}) {
  const { organization } = await client.organizations.create({ organization_name });
  const { organization_id } = organization;
  const { connection: draft } = await client.sso.saml.createConnection({ organization_id, display_name: organization_name });
  const address = { organization_id, connection_id: draft.connection_id };
  if (!certificate) await client.sso.saml.updateByURL({ ...address, metadata_url: provider.metadataUrl });
  const byHand = { idp_entity_id: provider.entityId, idp_sso_url: provider.ssoUrl, x509_certificate: certificate };
  const { connection } = await client.sso.saml.updateConnection({
    ...address,
    ...(certificate ? byHand : {}),
    attribute_mapping: provider.mapping,
    saml_group_implicit_role_assignments: [{ role_id: 'stytch_admin', group: 'engineering' }],
    ...settings,
  });
  assert.equal(connection.status, 'active', JSON.stringify(connection));
  return { ...address, connection, sp: await published(connection) };
}

/** Our metadata as it is served now. */
export async function published(connection) {
  const answer = await fetch(connection.sp_metadata_url);
  assert.equal(answer.status, 200, await answer.clone().text());
  return serviceProvider(await answer.text());
}

/**
 * A page that keeps what it carries: responses to us in `carried`, each `{ form, xml, relayState }`, and requests to the
 * provider in `asked`, each `{ method, query }`.
 */
export async function watched(browser) {
  const page = await freshPage(browser);
  Object.assign(page, { carried: [], asked: [] });
  page.on('request', (request) => {
    const query = new URLSearchParams(request.method() === 'POST' ? (request.postData() ?? '') : new URL(request.url()).search);
    if (query.has('SAMLRequest')) page.asked.push({ method: request.method(), query });
    if (request.method() !== 'POST' || !request.url().includes('/v1/b2b/sso/callback/')) return;
    const form = new URLSearchParams(request.postData());
    page.carried.push({
      form,
      xml: Buffer.from(form.get('SAMLResponse') ?? '', 'base64').toString(),
      relayState: form.get('RelayState'),
    });
  });
  return page;
}

/** Goes to the provider and signs in; `begin` is where the browser starts. Answers the page wherever it ended. */
export async function travel(browser, begin, login, { look, page: known } = {}) {
  const page = known ?? (await watched(browser));
  await page.goto(begin);
  if (!known) await logIn(page, login, look && (() => look(page, 'login')));
  // The application, our refusal, or a provider that gave up.
  await page.waitForFunction(
    () => document.querySelector('#landed') || location.pathname.includes('/sso/callback/') || document.contentType === 'text/plain',
  );
  return page;
}

/** Where a sign-in starts that we ask for. */
export const atOurs = ({ server }, { connection_id }) => startUrl(server, { connection_id }).href;

/** Signs in and checks whom the application was told about. Answers what it was told, and the open page. */
export async function signsIn(scene, browser, connected, begin, login, options = {}) {
  const before = scene.app.answers.length;
  const page = await travel(browser, begin, login, options);
  if (scene.app.answers.length === before) {
    await picture(page, `failed-${connected.connection_id}`);
    assert.fail(`${page.url()}\n${await page.locator('body').innerText()}\n${page.carried.at(-1)?.xml}`);
  }
  const answer = scene.app.answers.at(-1);
  assert.equal(answer.status_code, 200, `${answer.error_type}: ${answer.error_message}`);
  const { member, member_session } = answer;
  assert.equal(answer.organization_id, connected.organization_id);
  assert.equal(member.email_address, people[login].email);
  assert.equal(member.name, fullName(login));
  assert.equal(member.status, 'active');
  const [registration] = member.sso_registrations;
  assert.equal(registration.connection_id, connected.connection_id);
  const [factor] = member_session.authentication_factors;
  assert.deepEqual([factor.type, factor.delivery_method], ['sso', 'sso_saml']);
  assert.deepEqual(factor.saml_sso_factor, {
    id: registration.registration_id,
    provider_id: connected.connection_id,
    external_id: registration.external_id,
  });
  const expected = people[login].groups.includes('engineering') ? ['stytch_admin', 'stytch_member'] : ['stytch_member'];
  assert.deepEqual(member_session.roles.toSorted(), expected, 'the roles do not follow the groups');
  return { answer, page, carried: page.carried.at(-1) };
}

/** What travelled is what the test is about: where the signatures are, and whether it was encrypted. */
export function hasShape({ xml }, { sign, encrypt }) {
  const outside = xml.replace(/<(?:\w+:)?(Encrypted)?Assertion[ >][\s\S]*<\/(?:\w+:)?(Encrypted)?Assertion>/, '');
  assert.equal(/<(?:\w+:)?SignatureValue/.test(outside), sign !== 'assertion', `response signed: ${xml}`);
  assert.equal(/<(?:\w+:)?EncryptedAssertion[ >]/.test(xml), Boolean(encrypt), `encrypted: ${xml}`);
  if (typeof encrypt === 'string') assert.ok(xml.includes(encrypt), `not by ${encrypt}: ${xml}`);
  if (encrypt) return;
  const inside = xml.match(/<(?:\w+:)?Assertion[ >][\s\S]*<\/(?:\w+:)?Assertion>/)[0];
  assert.equal(/<(?:\w+:)?SignatureValue/.test(inside), sign !== 'response', `assertion signed: ${xml}`);
}

/** How the provider was asked. */
export function asks({ asked: [{ method, query }] }, { binding, signed }) {
  assert.equal(method, binding === 'post' ? 'POST' : 'GET');
  const raw = Buffer.from(query.get('SAMLRequest'), 'base64');
  const xml = (binding === 'post' ? raw : inflateRawSync(raw)).toString();
  assert.match(xml, /<(?:\w+:)?AuthnRequest[ >]/);
  assert.equal(binding === 'post' ? /<(?:\w+:)?SignatureValue/.test(xml) : query.has('Signature'), signed, `signed: ${xml}`);
}

/** The sign-in ended on our page with this code; answers its text, in which no message or token may be. */
export async function refusedOnPage(page, type) {
  const text = await unfolded(page);
  assert.ok(page.url().includes('/v1/b2b/sso/callback/'), `${page.url()}\n${text}`);
  assert.ok(text.includes(type), `expected ${type} in:\n${text}\n${page.carried.at(-1)?.xml}`);
  assert.match(text, /request-id-test-/);
  for (const { form } of page.carried) assert.ok(!text.includes(form.get('SAMLResponse').slice(0, 60)), 'the page shows the message');
  return text;
}
