// Applications for phones under React's test renderer, against a running server: the official package, and ours. The phone's own side is made
// up where a package asks for it; the way through the provider is walked without a screen.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { phoneProgram } from './support/frontend.mjs';
import { startServer } from './support/server.mjs';
import { connected, officialClient } from './support/suite.mjs';
import { callback, pkce, provider, start } from './support/walk.mjs';

// A universal link: the system gives it to the application.
const BACK = 'https://app.example.com/callback';
// A scheme of the application's own, which any other may claim.
const OWN = 'myapp://callback';

describe('applications for phones', { concurrency: 1 }, () => {
  let server, acme, oidc;
  const programs = {};

  before(async () => {
    server = await startServer();
    const backend = officialClient(server);
    acme = await connected(backend, server, { email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
    const { organization_id } = acme;
    await backend.organizations.members.create({ organization_id, email_address: 'ada@example.com', roles: ['stytch_admin'] });
    oidc = (await backend.sso.oidc.createConnection({ organization_id, display_name: 'Sample' })).connection;
    for (const url of [BACK, OWN]) server.command('redirect-url', 'add', server.projectId, url);
    for (const whose of ['official', 'ours']) programs[whose] = await phoneProgram(whose);
  });
  after(async () => {
    await server?.stop();
    // The official client's timers never end.
    setTimeout(() => process.exit(), 500).unref();
  });

  /** What a browser does with the address that a start opens, up to where it leaves for the application. */
  async function walked(url) {
    const started = await start(url);
    const response = await callback(await provider(started.to, { email: 'ada@example.com' }), started.cookies);
    return response.headers.get('location');
  }

  /** A phone with nothing on it. */
  function freshPhone(whose) {
    const { phone } = programs[whose];
    phone.sealed.clear();
    phone.links.length = 0;
    phone.browse = async (url) => ({ type: 'success', url: await walked(url) });
    phone.pkce = () => {
      const { challenge, verifier } = pkce();
      return { code_challenge: challenge, code_verifier: verifier };
    };
    return phone;
  }
  const settings = () => ({ publicToken: server.publicToken, baseUrl: server.baseUrl });
  const options = (back = BACK) => ({ connection_id: acme.connection_id, login_redirect_url: back, signup_redirect_url: back });
  const token = (link) => new URL(link).searchParams.get('token');

  test('the official package signs in, and is signed in when it is started again', async () => {
    const phone = freshPhone('official');
    const app = await programs.official.start(settings(), oidc.connection_id);
    await app.client.sso.start(options());
    // It hands the way back over to the application, as a link.
    assert.match(phone.links[0], /^https:\/\/app\.example\.com\/callback\?/);
    await app.client.sso.authenticate({ sso_token: token(phone.links[0]), session_duration_minutes: 60 });
    assert.match(await app.says('ada@example.com'), /^ada@example\.com session-test-/);
    await app.stop();
    const again = await programs.official.start(settings(), oidc.connection_id);
    assert.match(await again.says('ada@example.com'), /^ada/);
    await pressed(again);
    await again.stop();
  });

  test('the official package finishes by the link that starts the application, and says nothing when the browser is closed', async () => {
    const phone = freshPhone('official');
    const app = await programs.official.start(settings());
    const walk = phone.browse;
    phone.browse = async () => ({ type: 'cancel' });
    assert.equal(await app.client.sso.start(options()), undefined);
    assert.deepEqual(phone.links, []);
    assert.match(app.text(), /^nobody/);
    phone.browse = walk;
    await app.client.sso.start(options());
    await app.stop();
    // What it needs to finish is kept by the phone.
    const cold = await programs.official.start(settings());
    await cold.client.sso.authenticate({ sso_token: token(phone.links[0]), session_duration_minutes: 60 });
    assert.match(await cold.says('ada@example.com'), /^ada@example\.com session-test-/);
    await cold.stop();
  });

  /** The documents' sample for a phone, pressed by an administrator. */
  async function pressed(app) {
    const before = await app.client.sso.getConnections();
    assert.equal(before.oidc_connections.find((one) => one.connection_id === oidc.connection_id)?.connection_id, oidc.connection_id);
    await app.press();
    for (let turn = 0; turn < 100; turn++) {
      const { oidc_connections } = await app.client.sso.getConnections();
      if (oidc_connections.some((one) => one.connection_id === oidc.connection_id && one.client_id === 's6BhdRkqt3')) return;
    }
    assert.fail('the sample has changed nothing');
  }

  test('ours signs in by one call, and is signed in when it is started again', async () => {
    const phone = freshPhone('ours');
    const app = await programs.ours.start(settings(), oidc.connection_id);
    const done = await app.client.sso.start(options());
    assert.equal(done.member_authenticated, true);
    assert.deepEqual(phone.links, []);
    assert.match(await app.says('ada@example.com'), /^ada@example\.com session-test-/);
    await app.stop();
    app.client.destroy();
    const again = await programs.ours.start(settings(), oidc.connection_id);
    assert.match(await again.says('ada@example.com'), /^ada/);
    await pressed(again);
    await again.client.session.revoke();
    assert.match(await again.says('nobody'), /^nobody/);
    assert.doesNotMatch([...phone.sealed.values()].join(), /session-test-/);
    await again.stop();
    again.client.destroy();
  });

  test("the application is come back to by a scheme of its own, and what comes is nothing to another that claims it", async () => {
    const phone = freshPhone('official');
    const app = await programs.official.start(settings());
    await app.client.sso.start(options(OWN));
    assert.match(phone.links[0], /^myapp:\/\/callback\?slug=[\w-]+&stytch_token_type=sso&token=/);
    const thief = { sso_token: token(phone.links[0]), session_duration_minutes: 60 };
    const shown = await call(server, 'POST', '/v1/b2b/sso/authenticate', { body: thief });
    assert.equal(shown.body.error_type, 'pkce_expected_code_verifier');
    await app.client.sso.authenticate(thief);
    assert.match(await app.says('ada@example.com'), /^ada@example\.com session-test-/);
    await app.stop();
    freshPhone('ours');
    const ours = await programs.ours.start(settings());
    assert.equal((await ours.client.sso.start(options(OWN))).member_authenticated, true);
    await ours.stop();
    ours.client.destroy();
    freshPhone('ours').browse = async () => ({ type: 'cancel' });
    const cold = await programs.ours.start({ ...settings(), bare: true });
    await cold.client.sso.start(options(OWN));
    const link = await walked(new URL(programs.ours.phone.links[0]));
    assert.ok(link.startsWith('myapp://callback?'));
    assert.equal((await cold.client.handleUrl(link)).handled, true);
    await cold.stop();
    cold.client.destroy();
    for (const without of ['javascript://callback', 'myapp://elsewhere']) {
      const url = new URL(`/v1/public/sso/start`, server.baseUrl);
      url.search = new URLSearchParams({ public_token: server.publicToken, ...options(without), pkce_code_challenge: pkce().challenge });
      assert.equal((await fetch(url, { redirect: 'manual' })).status, 400, without);
    }
  });

  test('a link that somebody wrote signs nobody in as somebody else', async () => {
    freshPhone('ours');
    const app = await programs.ours.start({ ...settings(), bare: true });
    const begunElsewhere = await walked(new URL(`/v1/public/sso/start?${new URLSearchParams({ public_token: server.publicToken, ...options() })}`, server.baseUrl));
    const link = `myapp://callback?stytch_token_type=sso&token=${token(begunElsewhere)}`;
    await assert.rejects(app.client.handleUrl(link), (error) => error.kind === 'pkce' && error.attempt === 'other-browser');
    // Also while a sign-in of the person's own waits.
    await app.client.sso.start(options());
    await assert.rejects(app.client.handleUrl(link), (error) => error.attempt === 'other-browser');
    for (const kind of ['constructor', '__proto__']) {
      assert.equal((await app.client.handleUrl(`myapp://callback?stytch_token_type=${kind}&token=t`)).handled, false);
    }
    assert.match(app.text(), /^nobody/);
    await app.stop();
    app.client.destroy();
  });

  test('whoever closes the browser is told apart from whoever has signed in', async () => {
    const phone = freshPhone('ours');
    phone.browse = async () => ({ type: 'cancel' });
    const app = await programs.ours.start(settings());
    await assert.rejects(app.client.sso.start(options()), (error) => error.kind === 'cancelled' && error.name === 'StytchSDKError');
    assert.match(app.text(), /^nobody/);
    await app.stop();
    app.client.destroy();
  });

  test('an application that was ended meanwhile finishes by the link that starts it', async () => {
    const phone = freshPhone('ours');
    const app = await programs.ours.start({ ...settings(), bare: true });
    assert.equal(await app.client.sso.start(options()), undefined);
    await app.stop();
    app.client.destroy();
    const link = await walked(new URL(phone.links[0]));
    const cold = await programs.ours.start({ ...settings(), bare: true });
    const [one, two] = await Promise.all([cold.client.handleUrl(link), cold.client.handleUrl(link)]);
    assert.equal(one.handled && one.data, two.data);
    assert.match(await cold.says('ada@example.com'), /^ada/);
    assert.equal(await cold.client.handleUrl('https://app.example.com/settings'), null);
    await cold.stop();
    cold.client.destroy();
  });

  test('without a generator of the system nothing is begun', async () => {
    freshPhone('ours');
    const app = await programs.ours.start({ ...settings(), bare: true });
    const { crypto } = globalThis;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
    try {
      await assert.rejects(app.client.sso.start(options()), (error) => error.kind === 'usage' && /random/.test(error.message));
    } finally {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
    }
    await app.stop();
    app.client.destroy();
  });
});
