// Chromium: an application of both routers of Next.js that uses our package for it, built as for production, beside a running server; and the
// same page by the official package and by ours.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { freshPage, launch } from './support/chromium.mjs';
import { signInAt } from './support/frontend.mjs';
import { built, started } from './support/next.mjs';
import { startServer } from './support/server.mjs';
import { connected, officialClient } from './support/suite.mjs';

const EMAIL = 'ada@example.com';
const routers = [
  { router: 'App Router', home: '/', callback: '/callback', account: '/account', api: '/api/me', b2b: '/b2b' },
  { router: 'Pages Router', home: '/legacy', callback: '/legacy/callback', account: '/legacy/account', api: '/api/legacy', b2b: '/legacy/b2b' },
];

describe('an application with Next.js', { concurrency: 1 }, () => {
  let server, browser, app, backend, acme, ada;

  before(async () => {
    const building = built();
    // Whatever fails first is told; what it leaves behind is waited for all the same.
    building.catch(() => {});
    server = await startServer();
    browser = await launch();
    backend = officialClient(server);
    acme = await connected(backend, server, { email_allowed_domains: ['example.com'], email_jit_provisioning: 'RESTRICTED' });
    const { organization_id } = acme;
    ({ member: ada } = await backend.organizations.members.create({ organization_id, email_address: EMAIL, name: 'Ada', roles: ['stytch_admin'] }));
    server.command('project', 'sdk', 'set', server.projectId, '--pkce-for-sso', 'true', '--member-actions', 'true');
    await building;
    app = await started(server);
  });
  after(async () => {
    await app?.stop();
    await browser?.close();
    await server?.stop();
  });

  const says = (page, name, text) => page.getByTestId(name).filter({ hasText: text }).first().waitFor();
  const at = (path) => (url) => url.href.startsWith(app.url) && url.pathname === path;

  /** A page that keeps everything that it has said of where the person stands, from the first paint on. */
  async function fresh() {
    const page = await freshPage(browser);
    await page.addInitScript(() => {
      window.said = [];
      const look = () => {
        const text = document.querySelector('[data-testid=where]')?.textContent;
        if (text !== undefined && window.said.at(-1) !== text) window.said.push(text);
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
    });
    return page;
  }

  /** Begins at `home` and comes back signed in. */
  async function signedIn({ home, account }) {
    const page = await fresh();
    await page.goto(`${app.url}${home}?connection_id=${acme.connection_id}`);
    await says(page, 'where', 'anonymous');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await signInAt(page, server, EMAIL);
    await page.waitForURL(at(account));
    await says(page, 'email', EMAIL);
    return page;
  }

  const kept = async (page) => Object.fromEntries((await page.context().cookies(app.url)).map((cookie) => [cookie.name, cookie]));
  const cookie = async (page) => Object.values(await kept(page)).map(({ name, value }) => `${name}=${value}`).join('; ');
  const asked = (path, headers = {}) => fetch(`${app.url}${path}`, { headers, redirect: 'manual' });

  for (const routes of routers) {
    const { router, home, account, api, b2b } = routes;

    test(`${router}: signed in, and the next page knows it before the browser does`, async () => {
      const page = await signedIn(routes);
      await says(page, 'server', ada.member_id);
      assert.doesNotMatch(page.url(), /token/);
      // What the server has drawn says who it is, before any script runs.
      const drawn = await (await asked(home, { cookie: await cookie(page) })).text();
      assert.match(drawn, new RegExp(`data-testid="where">${ada.member_id}<`));
      assert.match(drawn, /data-testid="in"/);
      await page.goto(`${app.url}${home}`);
      await says(page, 'email', EMAIL);
      assert.deepEqual(await page.evaluate(() => window.said), [ada.member_id]);
      assert.deepEqual(page.problems, []);
      await page.context().close();
    });

    test(`${router}: nobody is shown what is behind the sign-in, nor with a token that somebody made`, async () => {
      const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const made = [part({ alg: 'none', typ: 'JWT' }), part({ sub: ada.member_id }), ''].join('.');
      for (const value of ['', 'x', made]) {
        const headers = { cookie: `stytch_session_jwt=${value}; stytch_session=${value}; get=x; cookies=x` };
        const answer = await asked(account, headers);
        assert.equal(`${answer.status} ${new URL(answer.headers.get('location'), app.url).pathname}`, '303 /', value);
        assert.equal((await asked(api, headers)).status, 401, value);
        assert.match(await (await asked(home, headers)).text(), /data-testid="where">loading</, value);
      }
    });

    test(`${router}: a JWT that has ended is renewed on the way, and one of a session that was revoked is not`, async () => {
      const page = await signedIn(routes);
      await page.goto('about:blank');
      const { stytch_session: token, stytch_session_jwt: first } = await kept(page);
      const answer = await asked(account, { cookie: `stytch_session=${token.value}` });
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), new RegExp(`data-testid="server">${ada.member_id}<`));
      const [renewed] = answer.headers.getSetCookie();
      assert.match(renewed, /^stytch_session_jwt=ey[\w-]+\.[\w-]+\.[\w-]+; Path=\/; Expires=[^;]+; SameSite=lax$/);
      assert.equal((await asked(api, { cookie: renewed.split(';')[0] })).status, 200);
      const body = { session_token: decodeURIComponent(token.value) };
      assert.equal((await call(server, 'POST', '/v1/b2b/sessions/revoke', { body })).status, 200);
      assert.equal((await asked(account, { cookie: `stytch_session=${token.value}` })).status, 303);
      // What is verified here alone outlives it for the rest of its five minutes.
      assert.equal((await asked(account, { cookie: `stytch_session_jwt=${first.value}` })).status, 200);
      await page.context().close();
    });

    for (const whose of ['official', 'ours']) {
      test(`${router}: the same page by the package of ${whose}: drawn on a server, alive without a warning, signed in`, async () => {
        const path = `${b2b}/${whose}`;
        assert.match(await (await asked(path)).text(), /data-testid="email">not known yet</);
        const page = await freshPage(browser);
        await page.goto(`${app.url}${path}`);
        await says(page, 'email', 'nobody');
        await page.evaluate(
          ([connection_id, url]) => void window.client.sso.start({ connection_id, login_redirect_url: url, signup_redirect_url: url }),
          [acme.connection_id, `${app.url}${path}`],
        );
        await signInAt(page, server, EMAIL);
        await says(page, 'email', EMAIL);
        await says(page, 'may-create', 'true');
        assert.doesNotMatch(page.url(), /token/);
        const session = await page.getByTestId('session').innerText();
        await page.reload();
        await says(page, 'email', EMAIL);
        assert.equal(await page.getByTestId('session').innerText(), session);
        assert.deepEqual(page.problems, []);
        await page.context().close();
      });
    }
  }

  test('the server is asked where a moment is too long', async () => {
    const [{ account }] = routers;
    const page = await signedIn(routers[0]);
    const headers = { cookie: await cookie(page) };
    assert.match(await (await asked(`${account}?now`, headers)).text(), new RegExp(`data-testid="now">${EMAIL}<`));
    const session_token = decodeURIComponent((await kept(page)).stytch_session.value);
    assert.equal((await call(server, 'POST', '/v1/b2b/sessions/revoke', { body: { session_token } })).status, 200);
    assert.match(await (await asked(`${account}?now`, headers)).text(), /data-testid="now">revoked</);
    await page.context().close();
  });

  test('who was signed out by an action of the server is not shown as signed in', async () => {
    const page = await signedIn(routers[0]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(at('/'));
    await says(page, 'where', 'anonymous');
    await says(page, 'out', 'signed out');
    await page.context().close();
  });

  test('a token is out of the address bar for good, also when the page is drawn anew', async () => {
    const page = await fresh();
    await page.goto(app.url);
    await says(page, 'where', 'anonymous');
    const url = `${app.url}/callback?stay`;
    await page.goto(`${app.url}/?connection_id=${acme.connection_id}`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.route('**/v1/public/sso/start?*', (route) => {
      const start = new URL(route.request().url());
      for (const name of ['login_redirect_url', 'signup_redirect_url']) start.searchParams.set(name, url);
      return route.fulfill({ status: 303, headers: { location: start.href } });
    }, { times: 1 });
    await page.getByRole('button', { name: 'Sign in' }).click();
    await signInAt(page, server, EMAIL);
    await says(page, 'callback', 'done');
    await page.waitForLoadState('networkidle');
    await says(page, 'email', EMAIL);
    assert.doesNotMatch(page.url(), /token/);
    await page.context().close();
  });
});
