// Each application of examples/, started by the commands of its README and used in a real browser: by somebody who works at a
// customer, and by the customer's administrator. `EXAMPLE` names one alone.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { freshPage, launch } from './support/chromium.mjs';
import { directory, listeningIn, startExample, typed } from './support/example.mjs';
import { startServer } from './support/server.mjs';
import { callback, provider } from './support/walk.mjs';

const ADMIN = 'ada@globex.example';
const MEMBER = 'grace@globex.example';
const all = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** An organization that has proved its domain, with a connection to the built-in provider and an administrator. */
async function customer(server) {
  const say = async (method, path, body) => {
    const answer = await call(server, method, path, { body });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const { organization } = await say('POST', '/v1/b2b/organizations', {
    organization_name: 'Globex',
    claimed_email_domains: ['globex.example'],
  });
  const id = organization.organization_id;
  await say('POST', `/v1/b2b/organizations/${id}/members`, { email_address: ADMIN, roles: ['stytch_admin'] });
  const { connection } = await say('POST', `/v1/b2b/sso/oidc/${id}`, { display_name: 'Globex' });
  await say('PUT', `/v1/b2b/sso/oidc/${id}/connections/${connection.connection_id}`, {
    issuer: server.idp.issuer,
    client_id: server.idp.clientId,
    client_secret: server.idp.clientSecret,
  });
}

for (const { name } of all.filter(({ name }) => (process.env.EXAMPLE ?? name) === name)) {
  describe(`the example ${name}`, { concurrency: 1 }, () => {
    let server, between, browser, app;

    before(async () => {
      server = await startServer();
      await customer(server);
      browser = await launch();
      between = await listeningIn(server);
      app = await startExample(name, server, between.baseUrl);
    });
    after(async () => {
      await app?.stop();
      await browser?.close();
      between?.stop();
      await server?.stop();
    });

    const at = (path) => (url) => url.origin === app.url && url.pathname === path;

    async function atProvider(page, email) {
      await page.goto(app.url);
      await page.getByLabel('Work e-mail').fill(email);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
    }

    async function signIn(page, email) {
      await atProvider(page, email);
      await page.getByTestId('email').fill(email);
      await page.getByTestId('email').press('Enter');
      await page.waitForURL(at('/account'));
    }

    const cookies = async (page) =>
      Object.fromEntries((await page.context().cookies(app.url)).map((cookie) => [cookie.name, cookie]));

    /** Sends a form of the application's page `path` from `elsewhere`, where somebody has copied it to. */
    async function sentFrom(elsewhere, page, path, fill = async () => {}) {
      const own = new URL(path, app.url);
      const [form] = (await (await page.request.get(own.href)).text()).match(/<form[^]*?<\/form>/);
      const copy = form.replace(/ action="(.*?)"/, (_, action) => ` action="${new URL(action, own)}"`);
      const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
      await page.route(elsewhere, (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html>${copy}` }));
      await page.goto(elsewhere);
      await fill();
      await page.getByRole('button').click();
      const answer = await answered;
      await page.waitForLoadState();
      return answer;
    }

    async function toldToSignIn(page) {
      await page.goto(`${app.url}/account`);
      await page.waitForURL(at('/'));
      await page.getByLabel('Work e-mail').waitFor();
    }

    test('an address of no customer goes nowhere', async () => {
      const page = await freshPage(browser);
      await page.goto(app.url);
      await page.getByLabel('Work e-mail').fill('somebody@elsewhere.example');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('We know no company sign-in for this address, or more than one.').waitFor();
      assert.ok(page.url().startsWith(app.url));
    });

    test('the administrator that README makes gets in, whoever has tried the sample page', async () => {
      const visitor = await freshPage(browser);
      for (const button of ['sign-in', 'sign-in-saml']) {
        await visitor.goto(server.baseUrl);
        await visitor.getByTestId(button).click();
        await visitor.getByTestId('user-ada@example.com').click();
        await visitor.waitForURL(`${server.baseUrl}/sample/account`);
      }
      const made = JSON.parse(typed(name, server));
      assert.equal(made.status_code, 200);

      const page = await freshPage(browser);
      await atProvider(page, 'admin@example.com');
      assert.equal(await page.getByTestId('email').inputValue(), 'admin@example.com');
      await page.getByTestId('continue').click();
      await page.waitForURL(at('/account'));
      const text = await page.locator('body').innerText();
      assert.match(text, /Signed in as admin@example\.com of Sample Company/);
      assert.match(text, /stytch_admin/);

      // Ada belongs to both sample companies now.
      await visitor.goto(app.url);
      await visitor.getByLabel('Work e-mail').fill('ada@example.com');
      await visitor.getByRole('button', { name: 'Continue' }).click();
      await visitor.getByText('We know no company sign-in for this address, or more than one.').waitFor();
    });

    test('nobody gets in without a session, nor with a token that somebody made', async () => {
      const page = await freshPage(browser);
      await toldToSignIn(page);
      const made = ['eyJhbGciOiJub25lIn0', 'eyJzdWIiOiJtZW1iZXItdGVzdC0xIn0', ''].join('.');
      await page.context().addCookies(
        ['session_jwt', 'session_token'].map((cookie) => ({ name: cookie, value: made, url: app.url })),
      );
      await toldToSignIn(page);
    });

    test('an address leads to its company, and back with a session', async () => {
      const page = await freshPage(browser);
      await signIn(page, MEMBER);
      assert.equal(new URL(page.url()).search, '', 'the token is still in the address');
      const text = await page.locator('body').innerText();
      assert.match(text, /Signed in as grace@globex\.example of Globex/);
      assert.match(text, /stytch_member/);
      const kept = await cookies(page);
      for (const cookie of ['session_token', 'session_jwt']) {
        assert.equal(kept[cookie].httpOnly, true, cookie);
        assert.equal(kept[cookie].sameSite, 'Lax', cookie);
      }
      assert.equal(kept.pkce_verifier, undefined, 'the verifier is used up');
      await page.reload();
      await page.getByText('Signed in as').waitFor();
      assert.deepEqual(page.problems, []);
    });

    test('who still lacks a second factor is told so', async () => {
      const demand = (mfa_policy) => call(server, 'PUT', '/v1/b2b/organizations/globex', { body: { mfa_policy } });
      await demand('REQUIRED_FOR_ALL');
      const page = await freshPage(browser);
      await atProvider(page, MEMBER);
      await page.getByTestId('email').fill(MEMBER);
      await page.getByTestId('email').press('Enter');
      await page.getByText('Your company asks for a second factor').waitFor();
      assert.equal((await cookies(page)).session_token, undefined);
      await demand('OPTIONAL');
    });

    test('a new token is got for the one that has ended', async () => {
      const page = await freshPage(browser);
      await signIn(page, MEMBER);
      await page.context().clearCookies({ name: 'session_jwt' });
      await page.goto(`${app.url}/account`);
      await page.getByText('Signed in as').waitFor();
      assert.equal((await cookies(page)).session_jwt.value.split('.').length, 3);
    });

    test('a token signs in the browser that began, and no other', async () => {
      const page = await freshPage(browser);
      await atProvider(page, MEMBER);
      const back = await provider(new URL(page.url()), { email: MEMBER });
      const sent = await page.context().cookies(server.baseUrl);
      const header = () => sent.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
      const arrival = (await callback(back, { header, keep() {} })).headers.get('location');
      assert.ok(at('/authenticate')(new URL(arrival)), arrival);
      const other = await freshPage(browser);
      await other.goto(arrival);
      await toldToSignIn(other);
      // A verifier of one's own does not help.
      await other.context().addCookies([{ name: 'pkce_verifier', value: 'a'.repeat(43), url: app.url }]);
      await other.goto(arrival);
      await toldToSignIn(other);
      await page.goto(arrival);
      await page.waitForURL(at('/account'));
    });

    test('what is checked here outlives a revoked session, what the server is asked for does not', async () => {
      const page = await freshPage(browser);
      await signIn(page, MEMBER);
      const { session_token } = await cookies(page);
      const body = { session_token: decodeURIComponent(session_token.value) };
      assert.equal((await call(server, 'POST', '/v1/b2b/sessions/revoke', { body })).status, 200);
      await page.goto(`${app.url}/account`);
      await page.getByText('Signed in as').waitFor();
      await page.goto(`${app.url}/admin/connections`);
      await page.waitForURL(at('/'));
      await toldToSignIn(page);
    });

    test('signing out ends the session, also at the server', async () => {
      const page = await freshPage(browser);
      await signIn(page, MEMBER);
      const { session_token } = await cookies(page);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(at('/'));
      assert.deepEqual(Object.keys(await cookies(page)), []);
      const body = { session_token: decodeURIComponent(session_token.value) };
      assert.equal((await call(server, 'POST', '/v1/b2b/sessions/authenticate', { body })).status, 404);
      await toldToSignIn(page);
    });

    // To a browser 127.0.0.1 is another site than localhost, another port is not: it gets the cookies.
    for (const elsewhere of ['http://127.0.0.1:39124/', 'http://localhost:39124/']) {
      test(`a form on a page of ${elsewhere} signs nobody in or out`, async () => {
        const refused = async (answer) => {
          // Next says so in a way of its own, and only after the application's own `proxy.js`, which sends strangers away.
          assert.ok((name === 'next' ? [500, 303] : [403]).includes(answer.status()), String(answer.status()));
          assert.equal(await answer.headerValue('set-cookie'), null);
        };
        const page = await freshPage(browser);
        await refused(await sentFrom(elsewhere, page, '/', () => page.getByLabel('Work e-mail').fill(MEMBER)));
        assert.deepEqual(await cookies(page), {});
        await signIn(page, MEMBER);
        await refused(await sentFrom(elsewhere, page, '/account'));
        await page.goto(`${app.url}/admin/connections`);
        await page.waitForURL(at('/admin/connections'));
      });
    }

    test('what does not say where it comes from is no page of another site', { skip: name === 'next' }, async () => {
      const answer = await fetch(`${app.url}/logout`, { method: 'POST', redirect: 'manual' });
      assert.equal(answer.status, 303);
    });

    test('a link chooses what is said, and does not bring it', async () => {
      const page = await freshPage(browser);
      const alerts = async (path) => {
        await page.goto(`${app.url}${path}`);
        return page.locator('p[role=alert]').allInnerTexts();
      };
      for (const notice of ['Call+555-0100.', 'Saved.', '', 'constructor', '__proto__']) {
        assert.deepEqual(await alerts(`/?notice=${notice}`), [], notice);
      }
      assert.deepEqual(await alerts('/?notice=again'), ['Please sign in again.']);
      await signIn(page, ADMIN);
      assert.deepEqual(await alerts('/admin/connections?notice=Call+555-0100.'), []);
      assert.equal(await page.getByText('555-0100').count(), 0);
    });

    test('made-up keys are not looked for again and again', async () => {
      const keys = () => between.asked.filter((path) => path.startsWith('/v1/b2b/sessions/jwks/')).length;
      const before = keys();
      const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
      for (let i = 0; i < 20; i += 1) {
        const made = [part({ alg: 'RS256', kid: `made-up-${i}` }), part({ sub: 'member-test-1' }), 'AAAA'].join('.');
        const headers = { cookie: `session_jwt=${made}` };
        const signal = AbortSignal.timeout(5_000);
        const answer = await fetch(`${app.url}/account`, { headers, redirect: 'manual', signal });
        assert.equal(answer.status, 303);
      }
      assert.ok(before > 0, 'the keys were never asked for');
      assert.ok(keys() - before <= 1, `the keys were fetched ${keys() - before} times for 20 tokens`);
    });

    test('no page says which addresses there are', async () => {
      for (const path of ['/openapi.json', '/docs', '/redoc']) {
        assert.equal((await fetch(`${app.url}${path}`)).status, 404, path);
      }
    });

    test('an administrator connects a provider, and a member may not', async () => {
      const page = await freshPage(browser);
      await signIn(page, ADMIN);
      await page.getByRole('link', { name: 'Company sign-in' }).click();
      // A page that comes alive after it is shown forgets what was typed before.
      await page.waitForLoadState('networkidle');
      await page.getByLabel('New connection').fill('The <other> provider');
      await page.getByRole('button', { name: 'Create' }).click();
      const made = page.getByRole('region', { name: 'The <other> provider' });
      await made.getByText('pending').waitFor();
      assert.match(await made.innerText(), /\/v1\/b2b\/sso\/callback\/oidc-connection-test-/);
      const save = await made.getByRole('button', { name: 'Save' }).boundingBox();
      const next = await page.getByLabel('New connection').boundingBox();
      assert.ok(next.y - (save.y + save.height) >= 20, 'what makes a new connection sticks to the last one');
      await made.getByLabel('Issuer').fill(`${server.baseUrl}/nothing-is-here`);
      await made.getByLabel('Client id').fill('somebody');
      await made.getByLabel('Client secret').fill('something');
      await made.getByRole('button', { name: 'Save' }).click();
      await page.locator('p[role=alert]', { hasText: 'was answered with status 404' }).waitFor();
      assert.equal(new URL(page.url()).search, '', 'what the server warns of is in an address');
      await made.getByLabel('Issuer').fill(server.idp.issuer);
      await made.getByLabel('Client id').fill(server.idp.clientId);
      await made.getByLabel('Client secret').fill(server.idp.clientSecret);
      await made.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').waitFor();
      await made.getByText('active').waitFor();
      assert.deepEqual(page.problems, []);

      const member = await freshPage(browser);
      await signIn(member, MEMBER);
      await member.goto(`${app.url}/admin/connections`);
      await member.locator('p[role=alert]').waitFor();
      assert.doesNotMatch(await member.locator('body').innerText(), /callback|New connection/);
    });
  });
}
