// Chromium: what happens after the first sign-in, by the official client and by ours on one server: second factors, choosing an
// organization, a session over time, cookies that no script reads, the official package's pages for administrators, and pages of somebody
// else that try to sign a person in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { shown } from './matrix/scenes/factors.mjs';
import { codeIn, newest } from './matrix/outbox.mjs';
import { freshPage, launch, picture } from './support/chromium.mjs';
import { application, bundle, html, signInAt } from './support/frontend.mjs';
import { secured } from './support/secure.mjs';
import { startServer } from './support/server.mjs';
import { connected, officialClient } from './support/suite.mjs';

const both = ['official', 'ours'];
const hour = { session_duration_minutes: 60 };

/** Calls a method of the page's client, and answers what it came to. */
const call = (page, method, ...args) =>
  page.evaluate(
    async ([method, args]) => {
      const names = method.split('.');
      const owner = names.slice(0, -1).reduce((object, name) => object[name], window.client);
      return owner[names.at(-1)](...args);
    },
    [method, args],
  );

/** Begins on a page of the client alone and comes back to it with a token, which is not redeemed yet. */
async function through(page, server, app, connection_id, email) {
  await page.goto(app.url);
  await page.evaluate(
    ([connection_id, url]) => void window.client.sso.start({ connection_id, login_redirect_url: url, signup_redirect_url: url }),
    [connection_id, `${app.url}/callback`],
  );
  await signInAt(page, server, email);
  await page.waitForURL((url) => url.href.startsWith(app.url));
}
const finish = async (page) => (await call(page, 'authenticateByUrl', hour)).data;
const signedIn = (page) => page.evaluate(() => window.client.session.getSync()?.member_session_id);
const cookies = (page) => page.evaluate(() => document.cookie.split('; ').filter(Boolean).map((pair) => pair.split('=')[0]).sort());
const factors = (done) => done.member_session.authentication_factors.map(({ delivery_method }) => delivery_method).sort();

describe('a person at a page, over time', { concurrency: 1 }, () => {
  let server, browser, backend;
  const apps = {};

  before(async () => {
    server = await startServer();
    browser = await launch();
    backend = officialClient(server);
    for (const whose of both) {
      const settings = { publicToken: server.publicToken, baseUrl: server.baseUrl };
      apps[whose] = await application(server, { '/app.js': await bundle('headless.ts', { whose }), '/': html('/app.js', settings) });
    }
    const settings = { publicToken: server.publicToken, baseUrl: server.baseUrl };
    apps.auth = await application(server, { '/app.js': await bundle('auth.tsx'), '/': html('/app.js', settings) });
  });
  after(async () => {
    await browser?.close();
    Object.values(apps).forEach((app) => app.stop());
    await server?.stop();
  });

  for (const whose of both) {
    test(`${whose}: a second factor is set up, asked for and recovered from`, async () => {
      const acme = await connected(backend, server, { organization_name: `Two ${whose}`, mfa_policy: 'REQUIRED_FOR_ALL', email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
      const page = await freshPage(browser);
      const app = apps[whose];
      await through(page, server, app, acme.connection_id, 'ada@example.com');
      const first = await finish(page);
      assert.equal(first.member_authenticated, false);
      assert.equal(await signedIn(page), undefined);
      assert.deepEqual(await cookies(page), ['stytch_intermediate_session_token']);
      const who = { organization_id: first.organization_id, member_id: first.member_id };
      // A reload is no way around it, and loses nothing.
      await page.goto(app.url);
      assert.equal(await signedIn(page), undefined);
      const { secret, recovery_codes } = await call(page, 'totp.create', who);
      const proved = await call(page, 'totp.authenticate', { ...who, ...hour, code: shown(secret) });
      assert.equal(factors(proved).length, 2);
      assert.equal(await signedIn(page), proved.member_session.member_session_id);
      assert.deepEqual(await cookies(page), ['stytch_session', 'stytch_session_jwt']);
      await call(page, 'session.revoke');
      assert.deepEqual(await cookies(page), []);

      await through(page, server, app, acme.connection_id, 'ada@example.com');
      const second = await finish(page);
      assert.ok(second.mfa_required.member_options.totp_registration_id);
      await assert.rejects(call(page, 'totp.authenticate', { ...who, ...hour, code: '000000' }));
      assert.equal(await signedIn(page), undefined);
      // The code of the next half minute: each is good once.
      const again = await call(page, 'totp.authenticate', { ...who, ...hour, code: shown(secret, 1) });
      assert.equal(again.member_id, first.member_id);
      await call(page, 'session.revoke');

      await through(page, server, app, acme.connection_id, 'ada@example.com');
      await finish(page);
      const recovered = await call(page, 'recoveryCodes.recover', { ...who, ...hour, recovery_code: recovery_codes[0] });
      assert.equal(recovered.recovery_codes_remaining, recovery_codes.length - 1);
      assert.ok(await signedIn(page));
      await page.context().close();
    });

    test(`${whose}: a second factor by text message`, async () => {
      const acme = await connected(backend, server, { organization_name: `Text ${whose}`, mfa_policy: 'REQUIRED_FOR_ALL', email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
      const phone = whose === 'ours' ? '+12025550143' : '+12025550144';
      const page = await freshPage(browser);
      await through(page, server, apps[whose], acme.connection_id, 'grace@example.com');
      const first = await finish(page);
      const who = { organization_id: first.organization_id, member_id: first.member_id };
      await call(page, 'otps.sms.send', { ...who, mfa_phone_number: phone });
      const proved = await call(page, 'otps.sms.authenticate', { ...who, ...hour, code: codeIn(await newest(server, phone)) });
      assert.equal(factors(proved).length, 2);
      assert.equal(await signedIn(page), proved.member_session.member_session_id);
      await page.context().close();
    });

    test(`${whose}: somebody finds the organizations of an address, and enters one or founds one`, async () => {
      const email = `seeker-${whose}@finders.example`;
      const settings = { organization_name: `Found ${whose}`, email_allowed_domains: ['finders.example'], email_jit_provisioning: 'RESTRICTED' };
      const { organization } = await backend.organizations.create(settings);
      const page = await freshPage(browser);
      await page.goto(apps[whose].url);
      const seek = async () => {
        await call(page, 'otps.email.discovery.send', { email_address: email });
        return call(page, 'otps.email.discovery.authenticate', { email_address: email, code: codeIn(await newest(server, email)) });
      };
      await seek();
      assert.deepEqual(await cookies(page), ['stytch_intermediate_session_token']);
      const { discovered_organizations: found } = await call(page, 'discovery.organizations.list');
      assert.deepEqual(found.filter((one) => one.organization.organization_id === organization.organization_id).map((one) => one.membership.type), ['eligible_to_join_by_email_domain']);
      const entered = await call(page, 'discovery.intermediateSessions.exchange', { organization_id: organization.organization_id, ...hour });
      assert.equal(entered.member.email_address, email);
      assert.equal(await signedIn(page), entered.member_session.member_session_id);
      await call(page, 'session.revoke');
      await seek();
      const founded = await call(page, 'discovery.organizations.create', { organization_name: `New ${whose}`, ...hour });
      assert.ok(founded.member_session.roles.includes('stytch_admin'));
      assert.equal(await page.evaluate(() => window.client.organization.getSync().organization_name), `New ${whose}`);
      await page.context().close();
    });

    test(`${whose}: a session is looked at every three minutes, and one that was ended elsewhere is not shown any longer`, async () => {
      const acme = await connected(backend, server, { organization_name: `Time ${whose}`, email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
      const page = await freshPage(browser);
      let asked = 0;
      page.on('request', (request) => request.method() === 'POST' && /sessions\/authenticate$/.test(request.url()) && asked++);
      await page.clock.install({ time: Date.now() });
      await through(page, server, apps[whose], acme.connection_id, 'ada@example.com');
      const { member_session } = await finish(page);
      const pass = async (milliseconds) => {
        await page.clock.fastForward(milliseconds);
        await page.waitForTimeout(300);
      };
      for (let period = 1; period <= 2; period++) {
        const before = asked;
        await pass(180_500);
        assert.equal(asked - before, 1, `period ${period}`);
      }
      assert.equal(await signedIn(page), member_session.member_session_id);
      await backend.sessions.revoke({ member_session_id: member_session.member_session_id });
      await pass(180_500);
      assert.equal(await signedIn(page), undefined);
      assert.deepEqual(await cookies(page), []);
      await page.context().close();
    });
  }

  test('ours: at the end of its life a session is over, whatever the network does', async () => {
    const acme = await connected(backend, server, { organization_name: 'End', email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
    const page = await freshPage(browser);
    await page.clock.install({ time: Date.now() });
    await through(page, server, apps.ours, acme.connection_id, 'ada@example.com');
    await call(page, 'authenticateByUrl', { session_duration_minutes: 5 });
    await page.context().setOffline(true);
    await page.clock.fastForward(200_000);
    await page.waitForFunction(() => window.client.status.stale);
    assert.equal(await page.evaluate(() => window.client.status.kind), 'authenticated');
    await page.clock.fastForward(101_000);
    assert.deepEqual(await page.evaluate(() => window.client.status), { kind: 'anonymous', reason: 'expired' });
    await page.context().close();
  });

  test('ours: nobody is signed in as somebody else by an address, also while a sign-in of their own waits', async () => {
    const acme = await connected(backend, server, { organization_name: 'Elsewhere', email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
    const page = await freshPage(browser);
    await page.goto(apps.auth.url);
    // The victim has begun, and has not come back yet.
    await page.evaluate(
      ([connection_id, url]) => void window.startSso({ connection_id, login_redirect_url: url, signup_redirect_url: url }),
      [acme.connection_id, `${apps.auth.url}/callback`],
    );
    await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
    for (const [begun, why] of [[await beganAtTheProvider(), 'failed other-browser'], [await beganByTheAttacker(acme), 'failed other-browser']]) {
      await page.goto(`${apps.auth.url}/callback?stytch_token_type=sso&token=${begun}`);
      await page.getByTestId('finish').filter({ hasText: why }).waitFor();
      assert.equal(await page.getByTestId('where').innerText(), 'anonymous');
    }
    // A kind of token that is none is not handled, whatever every object has.
    for (const kind of ['constructor', '__proto__', 'toString']) {
      await page.goto(`${apps.auth.url}/callback?stytch_token_type=${kind}&token=t`);
      await page.getByTestId('finish').filter({ hasText: 'idle' }).waitFor();
      assert.equal(await page.getByTestId('where').innerText(), 'anonymous');
    }
    assert.deepEqual(page.problems.filter((problem) => !/400/.test(problem)), []);
    await page.context().close();
  });

  /** The token of a sign-in of the attacker's at their own provider, which nobody asked for. */
  async function beganAtTheProvider() {
    const settings = { organization_name: `Evil ${Date.now()}`, email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED', sso_jit_provisioning: 'ALL_ALLOWED' };
    const { organization } = await backend.organizations.create(settings);
    const { organization_id } = organization;
    const { connection } = await backend.sso.saml.createConnection({ organization_id, display_name: 'Evil' });
    const { connection_id } = connection;
    await backend.sso.saml.updateConnection({ organization_id, connection_id, attribute_mapping: { email: 'NameID', full_name: 'name' } });
    await backend.sso.saml.updateByURL({ organization_id, connection_id, metadata_url: server.idp.samlMetadataUrl });
    const page = await freshPage(browser);
    const url = new URL(server.idp.samlIdpInitiatedUrl);
    url.searchParams.set('acs', connection.acs_url);
    url.searchParams.set('audience', connection.audience_uri);
    await page.goto(url.href);
    const landed = page.waitForRequest((request) => /[?&]stytch_token_type=sso/.test(request.url()));
    await page.getByTestId('user-ada@example.com').click();
    const token = new URL((await landed).url()).searchParams.get('token');
    await page.context().close();
    return token;
  }

  /** The token of a sign-in that the attacker began in a browser of their own. */
  async function beganByTheAttacker(acme) {
    const page = await freshPage(browser);
    await through(page, server, apps.ours, acme.connection_id, 'ada@example.com');
    const token = new URL(page.url()).searchParams.get('token');
    await page.context().close();
    return token;
  }

  test('ours: the window of a sign-in gives the provider no hold of the page behind it, also on another site', async () => {
    const acme = await connected(backend, server, { organization_name: 'Window', email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
    // By this name it is of another site than the provider.
    const { port } = new URL(apps.auth.url);
    const home = `http://localhost:${port}`;
    server.command('project', 'sdk', 'set', server.projectId, ...[...Object.values(apps).map((app) => app.url), home].flatMap((url) => ['--allow-origin', url]));
    server.command('redirect-url', 'add', server.projectId, `${home}/callback`);
    const page = await freshPage(browser);
    await page.goto(home);
    await page.getByTestId('where').filter({ hasText: 'anonymous' }).waitFor();
    await page.evaluate((connectionId) => {
      const meta = document.querySelector('meta[name=settings]');
      meta.content = JSON.stringify({ ...JSON.parse(meta.content), connectionId });
    }, acme.connection_id);
    const [child] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('popup').click()]);
    await child.waitForURL((url) => url.href.startsWith(server.idp.issuer));
    assert.equal(await child.evaluate(() => window.opener), null);
    await signInAt(child, server, 'ada@example.com');
    assert.equal(await page.evaluate(() => window.popup), 'ada@example.com');
    assert.equal(new URL(page.url()).origin, home);
    await page.context().close();
  });

  test('ours: a window that somebody else opened is no window of ours', async () => {
    const page = await freshPage(browser);
    await page.goto(apps.auth.url);
    // A page elsewhere opens the callback by the name that windows of this page had.
    for (const name of ['vestibule-popup', 'vestibule-popup-', 'vestibule-popup-1']) {
      const heard = page.evaluate((name) => new Promise((resolve) => {
        const channel = new BroadcastChannel(name);
        channel.onmessage = ({ data }) => resolve(data);
        setTimeout(() => resolve(null), 1500);
      }), 'vestibule-popup');
      const other = await page.context().newPage();
      await other.goto(apps.ours.url);
      await other.evaluate(([name, url]) => void window.open(url, name), [name, `${apps.auth.url}/callback?stytch_token_type=sso&token=evil`]);
      assert.equal(await heard, null, name);
      await other.close();
    }
    await page.context().close();
  });
});

describe("the official package's pages for administrators", { concurrency: 1 }, () => {
  let server, browser, app;
  const shapes = { wide: { width: 1280, height: 900 }, phone: { width: 375, height: 760 } };

  before(async () => {
    server = await startServer();
    browser = await launch();
    const backend = officialClient(server);
    const acme = await connected(backend, server, { email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED', email_invites: 'ALL_ALLOWED' });
    const { organization_id } = acme;
    await backend.organizations.members.create({ organization_id, email_address: 'ada@example.com', name: 'Ada', roles: ['stytch_admin'] });
    await backend.organizations.members.create({ organization_id, email_address: 'grace@example.com', name: 'Grace' });
    const settings = { publicToken: server.publicToken, baseUrl: server.baseUrl, slug: acme.organization.organization_slug, connectionId: acme.connection_id };
    const policy = `default-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ${server.baseUrl}`;
    app = await application(server, { '/app.js': await bundle('components.tsx', { whose: 'official' }), '/': html('/app.js', settings), policy });
    app.connectionId = acme.connection_id;
    server.command('redirect-url', 'add', server.projectId, `${app.url}/callback`, '--kind', 'invite');
  });
  after(async () => {
    await browser?.close();
    app?.stop();
    await server?.stop();
  });

  async function entered(email, viewport) {
    const page = await freshPage(browser, { viewport });
    await through(page, server, app, app.connectionId, email);
    await page.waitForFunction(() => window.events?.includes('AUTHENTICATE_FLOW_COMPLETE'));
    return page;
  }

  test('a plain member changes nothing there', async () => {
    const page = await entered('grace@example.com', shapes.wide);
    await page.goto(`${app.url}/settings`);
    await page.getByText('Access control list').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Edit' }).filter({ visible: true }).count(), 0);
    await picture(page, 'official-organization-settings-member');
    await page.goto(`${app.url}/members`);
    await page.waitForFunction(() => /permission|access/i.test(document.body.innerText));
    await picture(page, 'official-members-member');
    await page.context().close();
  });

  /** From the list of connections to one of them. */
  async function open(page, name) {
    await page.getByRole('button', { name: 'New connection' }).waitFor();
    await page.getByText(name, { exact: true }).last().click();
    await page.getByRole('button', { name: 'Delete connection' }).waitFor();
  }

  for (const [shape, viewport] of Object.entries(shapes)) {
    test(`${shape}: settings of an organization`, async () => {
      const page = await entered('ada@example.com', viewport);
      await page.goto(`${app.url}/settings`);
      await page.getByText('Access control list').first().waitFor();
      await page.getByText('example.com').first().waitFor();
      await picture(page, `official-organization-settings-${shape}`);
      await page.getByRole('button', { name: 'Edit' }).first().click();
      await page.getByRole('textbox').first().fill(`Acme ${shape}`);
      await page.getByRole('button', { name: 'Save' }).first().click();
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText(`Acme ${shape}`).first().waitFor();
      await page.reload();
      await page.getByText(`Acme ${shape}`).first().waitFor();
      await page.context().close();
    });

    test(`${shape}: a connection is made, configured by the address of its metadata, tried and deleted`, async () => {
      const page = await entered('ada@example.com', viewport);
      const press = (name) => page.getByRole('button', { name }).last().click();
      await page.goto(`${app.url}/admin`);
      await press('New connection');
      await page.getByRole('textbox').first().fill(`Okta ${shape}`);
      await page.getByRole('combobox').first().click();
      await page.getByText('Okta SAML').last().click();
      await press('Create');
      await press('Enter the following from Okta');
      await page.getByRole('textbox').first().fill(server.idp.samlMetadataUrl);
      await picture(page, `official-connection-configured-${shape}`);
      await press('Create');
      await open(page, `Okta ${shape}`);
      await picture(page, `official-connection-${shape}`);
      await press('Test connection');
      await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
      await page.goBack();
      await open(page, `Okta ${shape}`);
      await press('Delete connection');
      await press('Delete');
      await page.getByText('Custom OIDC').first().waitFor();
      assert.equal(await page.getByText(`Okta ${shape}`).count(), 0);
      await page.context().close();
    });

    test(`${shape}: members of an organization`, async () => {
      const page = await entered('ada@example.com', viewport);
      await page.goto(`${app.url}/members`);
      await page.getByText('ada@example.com').first().waitFor();
      await page.getByText('grace@example.com').first().waitFor();
      await picture(page, `official-members-${shape}`);
      await page.getByRole('button', { name: 'Invite' }).first().click();
      await page.getByRole('textbox').last().fill(`alan-${shape}@example.com`);
      await picture(page, `official-members-invite-${shape}`);
      await page.getByRole('button', { name: 'Invite' }).last().click();
      await page.getByText(`alan-${shape}@example.com`).first().waitFor();
      assert.match(await newest(server, `alan-${shape}@example.com`), /stytch_token_type=/);
      await page.context().close();
    });
  }
});

describe('cookies that no script reads', { concurrency: 1 }, () => {
  let server, browser, front, backend;
  const [PAGE, AUTH, OTHER] = ['app.vestibule.test', 'auth.vestibule.test', 'blog.vestibule.test'];
  const apps = {};

  before(async () => {
    server = await startServer();
    backend = officialClient(server);
    for (const whose of both) {
      const settings = { publicToken: server.publicToken, baseUrl: `https://${AUTH}`, options: { customBaseUrl: AUTH } };
      const policy = `default-src 'none'; script-src 'self'; img-src data:; connect-src 'self' https://${AUTH}`;
      apps[whose] = await application(server, { '/app.js': await bundle('headless.ts', { whose }), '/': html('/app.js', settings), policy });
    }
    const names = { [`official.${PAGE}`]: apps.official.url, [`ours.${PAGE}`]: apps.ours.url, [OTHER]: apps.ours.url, [AUTH]: server.baseUrl };
    front = await secured(names);
    browser = await launch({ rules: front.rules });
    server.command('project', 'sdk', 'set', server.projectId, '--http-only-cookies', 'true', '--allow-origin', `https://official.${PAGE}`, '--allow-origin', `https://ours.${PAGE}`);
  });
  after(async () => {
    await browser?.close();
    front?.stop();
    Object.values(apps).forEach((app) => app.stop());
    await server?.stop();
  });

  for (const whose of both) {
    test(`${whose}: signed in, over a reload and with a second factor, and no script has seen a token`, async () => {
      const { organization } = await backend.organizations.create({ organization_name: `Hidden ${whose}`, mfa_policy: 'REQUIRED_FOR_ALL' });
      const { organization_id } = organization;
      const email = `ada-${whose}@example.com`;
      await backend.organizations.members.create({ organization_id, email_address: email });
      const page = await freshPage(browser, { ignoreHTTPSErrors: true, reaches: [`${whose}.${PAGE}`, AUTH] });
      const home = `https://${whose}.${PAGE}/`;
      await page.goto(home);
      await call(page, 'otps.email.loginOrSignup', { organization_id, email_address: email });
      const first = await call(page, 'otps.email.authenticate', { organization_id, email_address: email, code: codeIn(await newest(server, email)), ...hour });
      assert.deepEqual([first.member_authenticated, first.session_token, first.intermediate_session_token], [false, '', '']);
      const who = { organization_id, member_id: first.member_id };
      const { secret } = await call(page, 'totp.create', who);
      const proved = await call(page, 'totp.authenticate', { ...who, ...hour, code: shown(secret) });
      assert.deepEqual([proved.session_token, proved.session_jwt, proved.member_session.member_id], ['', '', first.member_id]);
      const hidden = async () => {
        assert.equal(await page.evaluate(() => document.cookie), '');
        const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
        const kept = await page.context().cookies(`https://${AUTH}`);
        assert.ok(kept.every(({ httpOnly, sameSite, value }) => httpOnly && sameSite === 'Lax' && !stored.includes(value)));
        return kept.map(({ name }) => name).sort();
      };
      assert.deepEqual(await hidden(), ['stytch_session', 'stytch_session_jwt']);
      await page.goto(home);
      await page.waitForFunction(() => window.client?.session.getInfo().fromCache === false && window.client.session.getSync());
      assert.equal(await signedIn(page), proved.member_session.member_session_id);
      assert.equal((await call(page, 'self.get')).member_id, first.member_id);
      await hidden();
      // Another tab is signed in by the same cookie, and out with this one.
      const other = await page.context().newPage();
      await other.goto(home);
      await other.waitForFunction(() => window.client?.session.getSync());
      await call(page, 'session.revoke');
      await other.waitForFunction(() => !window.client.session.getSync());
      assert.deepEqual(await hidden(), []);
      await page.context().close();
    });
  }

  test("a page of the same site that is not on the list gets nothing by somebody's cookie", async () => {
    const email = 'eve@example.com';
    const { organization } = await backend.organizations.create({ organization_name: 'Site' });
    const { organization_id } = organization;
    await backend.organizations.members.create({ organization_id, email_address: email });
    const page = await freshPage(browser, { ignoreHTTPSErrors: true, reaches: [`ours.${PAGE}`, OTHER, AUTH] });
    await page.goto(`https://ours.${PAGE}/`);
    await call(page, 'otps.email.loginOrSignup', { organization_id, email_address: email });
    await call(page, 'otps.email.authenticate', { organization_id, email_address: email, code: codeIn(await newest(server, email)), ...hour });
    // The browser brings the cookie: it goes by the site.
    const evil = await page.context().newPage();
    await evil.goto(`https://${OTHER}/`);
    const said = await evil.evaluate(async ([publicToken, server]) => {
      const ask = (path, init) => fetch(server + path, { credentials: 'include', ...init }).then(async (answer) => `${answer.status} ${JSON.parse(await answer.text()).error_type}`, String);
      const authorization = `Basic ${btoa(`${publicToken}:${publicToken}`)}`;
      const json = { 'content-type': 'application/json' };
      return [
        await ask('/sdk/v1/b2b/organizations/members/me', { headers: { authorization } }),
        await ask('/sdk/v1/b2b/sessions/authenticate', { method: 'POST', headers: { authorization, ...json }, body: '{}' }),
        await ask('/sdk/v1/b2b/sessions/revoke', { method: 'POST', headers: { authorization, 'content-type': 'text/plain' }, body: '{}' }),
        await ask('/sdk/v1/b2b/sessions/revoke', { method: 'POST' }),
      ];
    }, [server.publicToken, `https://${AUTH}`]);
    assert.deepEqual(said, ['400 bad_domain_for_stytch_sdk', '400 bad_domain_for_stytch_sdk', '400 bad_domain_for_stytch_sdk', '401 invalid_secret_authentication']);
    await call(page, 'self.get');
    await page.context().close();
  });
});
