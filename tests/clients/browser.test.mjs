// A newcomer's first minute in a real browser: the sample page, the built-in provider, and what an error looks like.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { freshPage, launch, marked, picture, unfolded } from './support/chromium.mjs';
import { startServer } from './support/server.mjs';

describe('the sample application in a browser', { concurrency: 1 }, () => {
  let server, browser;

  before(async () => {
    server = await startServer({ redirectUrl: null });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function atProvider(page) {
    await page.goto(server.baseUrl);
    await page.getByTestId('sign-in').first().click();
    await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
  }

  async function signedIn(page, email) {
    assert.equal(await marked(page, 'member-email'), email);
    assert.notEqual(await marked(page, 'organization-name'), '');
    assert.match(await marked(page, 'session-id'), /session-test-[0-9a-f-]{36}/);
    const claims = JSON.parse(await marked(page, 'jwt-claims'));
    assert.equal(claims.iss, `stytch.com/${server.projectId}`);
    assert.deepEqual(claims.aud, [server.projectId]);
    assert.match(claims.sub, /^member-test-/);
    assert.equal(claims.exp, claims.iat + 300);
  }

  test('one button, one person, signed in', async () => {
    const page = await freshPage(browser);
    await page.goto(server.baseUrl);
    await picture(page, '1-sample');
    await atProvider(page);
    await picture(page, '2-built-in-provider');
    await page.getByTestId('user-ada@example.com').click();
    await page.getByTestId('member-email').first().waitFor();
    await picture(page, '3-signed-in');
    await signedIn(page, 'ada@example.com');
    assert.deepEqual(page.problems, []);
  });

  test('it keeps a session, survives reloads and the way back, shows groups, and signs out', async () => {
    const page = await freshPage(browser);
    let arrival;
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/sample/authenticate') arrival = request.url();
    });
    await page.goto(server.baseUrl);
    // Somebody who has not come by the other connection: a member of one is not taken over by another.
    await page.getByTestId('sign-in-saml').click();
    await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
    await page.getByTestId('user-grace@example.com').click();
    await page.waitForURL(`${server.baseUrl}/sample/account`);
    assert.match(await marked(page, 'groups'), /\w/);
    assert.doesNotMatch(await marked(page, 'groups'), /none/);
    assert.match(await marked(page, 'roles'), /stytch_member/);

    const session = await marked(page, 'session-id');
    await page.reload();
    assert.equal(await marked(page, 'session-id'), session, 'a reload is the same session');
    await page.goto(arrival);
    await page.waitForURL(`${server.baseUrl}/sample/account`);
    assert.equal(await marked(page, 'session-id'), session, 'a spent token is no error for who is signed in');
    const stranger = await freshPage(browser);
    assert.equal((await stranger.goto(arrival)).status(), 404, 'and none for anybody else');

    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'vestibule-sample-session');
    assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Lax']);
    await page.goto(server.baseUrl);
    assert.equal(await marked(page, 'visitor'), 'grace@example.com');
    await page.getByTestId('sign-out').click();
    assert.equal(await marked(page, 'notice'), 'You are signed out.');
    await page.context().addCookies([cookie]);
    await page.goto(`${server.baseUrl}/sample/account`);
    assert.equal(await marked(page, 'notice'), 'Your session has ended. Sign in again.', 'signed out at the server too');
    assert.deepEqual(page.problems, []);
  });

  test('any other address, by the return key', async () => {
    const page = await freshPage(browser);
    await atProvider(page);
    await page.getByTestId('email').fill('new.colleague@example.com');
    await page.getByTestId('email').press('Enter');
    await page.getByTestId('member-email').first().waitFor();
    await signedIn(page, 'new.colleague@example.com');
    assert.deepEqual(page.problems, []);
  });

  test('a provider that lies ends on a page that says why', async () => {
    const page = await freshPage(browser);
    await atProvider(page);
    await page.locator('summary').click();
    await page.getByTestId('fault').selectOption('wrong_audience');
    await page.getByTestId('user-grace@example.com').click();
    await page.waitForURL((url) => url.pathname.startsWith('/v1/b2b/sso/callback/'));
    await picture(page, '4-refused');
    const text = await unfolded(page);
    assert.match(text, /oidc_invalid_id_token/);
    assert.match(text, /request-id-test-/);
    assert.match(text, /another-client/, 'the page does not say what was found');
    assert.ok(text.includes(server.idp.clientId), 'the page does not say what was expected');
    assert.doesNotMatch(text, /eyJ[\w-]+\.eyJ/);
  });

  test('somebody who declines is told so', async () => {
    const page = await freshPage(browser);
    await atProvider(page);
    await page.locator('summary').click();
    await page.getByTestId('fault').selectOption('access_denied');
    await page.getByTestId('user-grace@example.com').click();
    await page.waitForURL((url) => url.pathname.startsWith('/v1/b2b/sso/callback/'));
    await picture(page, '5-declined');
    assert.match(await unfolded(page), /oidc_user_not_assigned_to_app_in_idp/);
  });

  test('it plays a directory, with every mistake, and each answer is the one that was expected', async () => {
    const page = await freshPage(browser);
    await page.goto(server.baseUrl);
    await page.getByTestId('directory').click();
    const options = (name) => page.locator(`select[name=${name}] option`).evaluateAll((all) => all.map(({ value }) => value));
    const runs = [];
    for (const client of await options('client')) {
      for (const fault of await options('fault')) {
        await page.selectOption('select[name=client]', client);
        await page.selectOption('select[name=fault]', fault);
        await page.getByRole('button', { name: 'Play' }).click();
        await page.getByTestId('played').waitFor();
        assert.equal(await page.locator('select[name=client]').inputValue(), client);
        const steps = await page.getByTestId('step').evaluateAll((all) => all.map(({ dataset }) => [dataset.status, dataset.expected]));
        for (const [status, expected] of steps) assert.equal(status, expected, `${client} ${fault}: ${await unfolded(page)}`);
        runs.push([client, fault, steps.length]);
      }
    }
    assert.equal(runs.length, 10);
    assert.deepEqual(runs.filter(([, fault]) => fault === 'wrong_token').map(([, , count]) => count), [1, 1], 'it gives up');
    assert.ok(runs.filter(([, fault]) => fault !== 'wrong_token').every(([, , count]) => count > 10), `${runs}`);
    // Another site's page begins no run.
    const elsewhere = await fetch(`${server.baseUrl}/sample/directory`, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(elsewhere.status, 403);
    assert.deepEqual(page.problems, []);
  });

  for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [375, 'light'], [375, 'dark']]) {
    test(`the pages fit a width of ${width}, ${colorScheme}`, async () => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const page = await context.newPage();
      const looked = async (name) => {
        await picture(page, `${name}-${width}-${colorScheme}`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        assert.equal(wider, false, `${name} scrolls sideways`);
      };
      await page.goto(server.baseUrl);
      await looked('sample');
      await page.getByTestId('directory').click();
      await page.selectOption('select[name=fault]', 'duplicate_user');
      await page.getByRole('button', { name: 'Play' }).click();
      await page.getByTestId('played').waitFor();
      await looked('directory');
      await page.goto(server.baseUrl);
      await page.getByTestId('sign-in').first().click();
      await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
      await looked('built-in-provider');
      await page.getByTestId('user-ada@example.com').click();
      await page.waitForURL(`${server.baseUrl}/sample/account`);
      await looked('account');
      await page.getByTestId('again').click();
      await looked('sample-signed-in');
      await context.close();
    });
  }
});
