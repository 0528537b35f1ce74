// The set-up portal within a vendor's application, in Chromium: on another site, by our component, without a cookie; and pages that have no
// business with it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { call } from './support/api.mjs';
import { freshPage, picture } from './support/chromium.mjs';
import { customerProvider, signInAtCustomer } from './support/customer.mjs';
import { bundle } from './support/frontend.mjs';
import { portal } from './support/portal.mjs';

/** A page on a site of its own: `localhost` is another than the server's 127.0.0.1. */
async function site(pages, policy) {
  const web = createServer(async (request, response) => {
    const body = pages[new URL(request.url, 'http://x').pathname];
    if (body === undefined) return response.writeHead(404).end();
    response.setHeader('content-type', `${request.url.endsWith('.js') ? 'text/javascript' : 'text/html'}; charset=utf-8`);
    if (policy) response.setHeader('content-security-policy', policy);
    response.end(typeof body === 'function' ? await body() : body);
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  return {
    url: `http://localhost:${web.address().port}`,
    pages,
    stop: () => (web.closeAllConnections(), new Promise((resolve) => web.close(resolve))),
  };
}

const page_of = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">${body}</html>`;

describe('the set-up portal in a frame', { concurrency: 1 }, () => {
  let scene, application, stranger, organization_id;

  before(async () => {
    scene = await portal();
    const program = await bundle('portal.tsx');
    const pages = { '/': page_of('Vendor', '<div id="root"></div><script type="module" src="/app.js"></script>'), '/app.js': program, '/link': () => link().then(({ url }) => url) };
    const policy = `default-src 'none'; script-src 'self'; img-src data:; connect-src 'self'; frame-src ${scene.server.baseUrl}`;
    application = await site(pages, policy);
    stranger = await site({});
    ({ organization_id } = await scene.link('Customer of a vendor with a frame'));
  });
  after(async () => {
    await application?.stop();
    await stranger?.stop();
    await scene?.stop();
  });

  /** What the vendor's backend does for a person who is signed in there. */
  async function link(more = {}) {
    const body = { organization_id, intents: ['sso'], embed_origin: application.url, return_url: scene.app.url, ...more };
    const made = await call(scene.server, 'POST', '/v1/vestibule/setup_links', { body });
    assert.equal(made.status, 200, made.text);
    return { ...made.body.setup_link, url: made.body.url };
  }

  const told = (page, type) => page.evaluate((wanted) => globalThis.events.filter((event) => event.type === wanted), type);

  test('OpenID Connect, from the application\'s own page to a connection that is switched on', async () => {
    const customer = await customerProvider();
    const page = await freshPage(scene.browser);
    await page.goto(application.url);
    const frame = page.frameLocator('iframe');
    await frame.getByTestId('choose').click();
    await frame.getByRole('link', { name: 'Keycloak', exact: true }).click();
    await frame.locator('input[value=oidc]').check();
    await frame.getByTestId('go-on').click();
    await frame.getByTestId('done').click();
    const redirect = await frame.locator('#value-0').inputValue();
    customer.serve([{ client_id: 'vestibule', client_secret: 'a long secret of the client', redirect_uris: [redirect] }]);
    await frame.getByTestId('done').click();
    await frame.locator('#issuer').fill(customer.issuer);
    await frame.locator('#client_id').fill('vestibule');
    await frame.locator('#client_secret').fill('a long secret of the client');
    await frame.getByTestId('save').click();
    await frame.locator('input[name=email]').waitFor();
    await frame.getByTestId('save').click();
    await frame.getByTestId('done').click();
    const [tab] = await Promise.all([page.context().waitForEvent('page'), frame.getByTestId('begin-test').click()]);
    await signInAtCustomer(tab, customer.issuer, 'zoe');
    await tab.getByTestId('test-email').waitFor();
    assert.equal(await tab.getByTestId('test-back').count(), 0, 'the secret of the frame is in no other page');
    await tab.close();
    // The frame sees by itself that the test has passed.
    await frame.getByTestId('person-email').waitFor();
    await page.waitForTimeout(300);
    await picture(page, 'portal-embedded');
    await frame.getByTestId('go-on').click();
    await frame.getByTestId('enable').click();
    await frame.getByTestId('active').waitFor();
    const [enabled] = await told(page, 'enabled');
    assert.match(enabled.connection_id, /^oidc-connection-test-/);
    const steps = (await told(page, 'step')).map(({ name }) => name);
    for (const step of ['overview', 'providers', 'create', 'ours', 'theirs', 'attributes', 'assign', 'test', 'enable']) assert.ok(steps.includes(step), `${step}: ${steps}`);
    assert.ok((await told(page, 'test')).some(({ status }) => status === 'passed'));
    const cookies = (await page.context().cookies(scene.server.baseUrl)).map(({ name }) => name);
    assert.deepEqual(cookies.filter((name) => name.includes('setup')), [], 'nothing depends on a cookie');
    assert.deepEqual(page.problems, []);
    await frame.getByTestId('success').click();
    await page.locator('#closed').waitFor();
    await page.context().close();
    await customer.stop();
  });

  test('the frame is as high as the page, as light as the application, and leads to a tab of its own', async () => {
    const page = await freshPage(scene.browser);
    await page.goto(application.url);
    const frame = page.frameLocator('iframe');
    await frame.getByTestId('choose').click();
    await frame.getByRole('link', { name: 'Okta', exact: true }).waitFor();
    await page.waitForFunction(() => Number(document.querySelector('iframe').height) > 700);
    const rests = await frame.locator('main').evaluate(() => document.documentElement.scrollHeight - innerHeight);
    assert.ok(rests <= 0, `${rests} pixels are out of sight`);
    const ground = () => frame.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    assert.equal(await ground(), 'rgb(243, 245, 248)');
    await page.locator('#dark').click();
    await page.waitForFunction(() => true);
    await frame.locator('main').evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    assert.equal(await ground(), 'rgb(13, 17, 23)');
    // The next page is dark, too.
    await frame.getByTestId('overview').click();
    await frame.getByTestId('choose').waitFor();
    await frame.locator('main').evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    assert.equal(await ground(), 'rgb(13, 17, 23)');
    const [tab] = await Promise.all([page.context().waitForEvent('page'), frame.getByTestId('new-tab').click()]);
    await tab.getByTestId('choose').waitFor();
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a session that is taken back says so in the frame, and to the application', async () => {
    let made;
    application.pages['/link'] = async () => (made = await link()).url;
    const page = await freshPage(scene.browser);
    await page.goto(application.url);
    const frame = page.frameLocator('iframe');
    await frame.getByTestId('choose').waitFor();
    await call(scene.server, 'POST', `/v1/vestibule/setup_links/${made.setup_link_id}/revoke`, { body: {} });
    await frame.getByTestId('choose').click();
    await frame.getByTestId('title').waitFor();
    assert.equal(await frame.getByTestId('choose').count(), 0);
    await page.waitForFunction(() => globalThis.events.some(({ type }) => type === 'session_ended'));
    await page.context().close();
  });

  /** What another page sees that puts this into a frame: nothing of ours. */
  async function framed(origin, src) {
    origin.pages['/'] = page_of('Another page', `<iframe src="${src}" width="900" height="600"></iframe><script>globalThis.heard = []; addEventListener('message', ({ data }) => heard.push(data));</script>`);
    const page = await freshPage(scene.browser);
    await page.goto(origin.url);
    await page.waitForLoadState('networkidle');
    const inner = page.frames().find((frame) => frame !== page.mainFrame());
    const text = await inner.evaluate(() => (document.querySelector('main[data-state]') ? document.body.innerText : '')).catch(() => '');
    const found = { text, heard: await page.evaluate(() => globalThis.heard), problems: page.problems };
    await page.context().close();
    return found;
  }

  test('a page of another origin has it in no frame, and hears nothing', async () => {
    const made = await link();
    const landing = await framed(stranger, made.url);
    assert.deepEqual([landing.text, landing.heard], ['', []]);
    assert.ok(landing.problems.some((problem) => /frame-ancestors/.test(problem)), `${landing.problems}`);
    // What somebody works at is not put under other things either: here by who knows its whole address.
    const own = await link();
    const opened = await fetch(own.url, { redirect: 'manual', headers: { 'sec-fetch-dest': 'iframe' } });
    const address = new URL(opened.headers.get('location'), scene.server.baseUrl).href;
    const running = await framed(stranger, address);
    assert.deepEqual([running.text, running.heard], ['', []]);
    assert.ok(running.problems.some((problem) => /frame-ancestors/.test(problem)), `${running.problems}`);
    // The same address where it may be: the difference is the origin alone.
    const shown = await fetch(address);
    assert.equal(shown.headers.get('content-security-policy').match(/frame-ancestors [^;]+/)[0], `frame-ancestors ${application.url}`);
  });

  test('a link that is not for a frame is in none, of nobody', async () => {
    const { url } = await scene.link('Customer with an ordinary link');
    const found = await framed(stranger, url);
    assert.deepEqual([found.text, found.heard], ['', []]);
    assert.ok(found.problems.some((problem) => /frame-ancestors|X-Frame-Options/.test(problem)), `${found.problems}`);
  });

  test('a link is good for one frame', async () => {
    const { url } = await link();
    application.pages['/link'] = async () => url;
    for (const isFirst of [true, false]) {
      const page = await freshPage(scene.browser);
      await page.goto(application.url);
      const frame = page.frameLocator('iframe');
      await frame.getByTestId(isFirst ? 'choose' : 'title').first().waitFor();
      assert.equal(await frame.getByTestId('choose').count(), isFirst ? 1 : 0);
      await page.context().close();
    }
  });
});
