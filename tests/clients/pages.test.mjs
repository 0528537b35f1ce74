// Every page that this server shows to people: at the width of a desk and of a telephone, by day and by night, and in every
// language. Nothing scrolls sideways, axe-core finds nothing, and each has a title, a language and an icon.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { freshPage, launch, picture } from './support/chromium.mjs';
import { axe, look, overflowing } from './support/looks.mjs';
import { startServer, startServing } from './support/server.mjs';
import { officialClient } from './support/suite.mjs';
import { startUrl } from './support/walk.mjs';

const LANGUAGES = { en: /administrators/, de: /Administration/, fr: /administrateurs/, es: /administradores/, ja: /管理者/ };

/** A page whose headers and console are clean, too. */
async function opened(browser, url, locale = 'en-US') {
  const page = await freshPage(browser, { locale });
  const answer = await page.goto(url);
  return { page, answer };
}

describe('every page', { concurrency: 1 }, () => {
  let server, browser, client, sample;

  before(async () => {
    server = await startServer({ redirectUrl: null });
    browser = await launch();
    client = officialClient(server);
    await fetch(`${server.baseUrl}/sample/start?protocol=saml`, { redirect: 'manual' });
    const { organizations } = await client.organizations.search({});
    const { organization_id } = organizations.find(({ organization_slug }) => organization_slug === 'sample-company');
    sample = { organization_id, ...(await client.sso.getConnections({ organization_id })) };
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** At the built-in provider, on the way from `begin`. */
  async function atProvider(begin = `${server.baseUrl}/sample/start`, locale = undefined) {
    const { page } = await opened(browser, begin, locale);
    await page.waitForURL((url) => url.href.startsWith(server.idp.issuer));
    return page;
  }

  /** Where a sign-in ends that goes wrong in this way. */
  async function refused(fault, locale, begin) {
    const page = await atProvider(begin, locale);
    await page.locator('summary').last().click();
    await page.getByTestId('fault').selectOption(fault);
    await page.getByTestId('user-grace@example.com').click();
    await page.waitForURL((url) => url.pathname.startsWith('/v1/b2b/sso/callback/'));
    return page;
  }

  const test_url = () => {
    const url = new URL('/v1/public/sso/test', server.baseUrl);
    url.searchParams.set('public_token', server.publicToken);
    url.searchParams.set('connection_id', sample.oidc_connections[0].connection_id);
    return url.href;
  };

  /** The buttons that a page recommends. */
  const loud = (page) => page.locator('.button:not(.quiet)').allInnerTexts();

  async function close(page) {
    assert.deepEqual(page.problems.filter((problem) => !/status of (40[0-9]|502)/.test(problem)), []);
    await page.context().close();
  }

  test('what this suite looks for it finds', async () => {
    const page = await freshPage(browser, { viewport: { width: 375, height: 800 } });
    const select = '<select aria-label="Choice" style="width: 90px"><option>Short<option>Much longer than that</select>';
    await page.setContent(`<main><h1 style="width: 600px; color: #ccc; background: #fff">Wide and pale</h1>${select}</main>`);
    assert.deepEqual(await page.evaluate(overflowing), ['the document', 'H1 Wide and pale', 'cut: Much longer than that']);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const found = violations.map(({ id }) => id);
    for (const id of ['color-contrast', 'html-has-lang', 'document-title']) assert.ok(found.includes(id), `${found}`);
    await page.context().close();
  });

  test('the sample application, and whoever signed in to it', async () => {
    const { page } = await opened(browser, server.baseUrl);
    await look(page, 'sample');
    assert.deepEqual(await loud(page), ['Sign in with OpenID Connect', 'Sign in with SAML']);
    const { organizations } = await client.organizations.search({});
    for (const { organization_name, organization_id } of organizations) {
      const { oidc_connections, saml_connections } = await client.sso.getConnections({ organization_id });
      const [{ connection_id }] = [...oidc_connections, ...saml_connections];
      const whole = `${organization_name}\n${organization_id}\n${connection_id}`;
      assert.ok((await page.getByTestId('running').allInnerTexts()).includes(whole), whole);
    }
    await page.getByTestId('sign-in').click();
    await page.getByTestId('user-ada@example.com').click();
    await page.getByTestId('member-email').waitFor();
    await look(page, 'signed-in');
    assert.deepEqual(await loud(page), []);
    await page.getByTestId('again').click();
    await page.getByTestId('visitor').waitFor();
    await look(page, 'sample-signed-in');
    assert.deepEqual(await loud(page), ['Your account'], 'one thing comes next');
    await close(page);
  });

  test('the built-in provider', async () => {
    const oidc = await atProvider();
    await look(oidc, 'provider');
    await close(oidc);
    const saml = await atProvider(`${server.baseUrl}/sample/start?protocol=saml`);
    await look(saml, 'provider-saml');
    await close(saml);
    const { page: begun } = await opened(browser, server.idp.samlIdpInitiatedUrl);
    await look(begun, 'provider-begun-there');
    assert.deepEqual(await begun.getByTestId('sp').locator('option').allInnerTexts(), ['Sample application']);
    await close(begun);
    const { page: nobody, answer } = await opened(browser, `${server.idp.issuer}/authorize?client_id=nobody`);
    assert.equal(answer.status(), 400);
    await look(nobody, 'provider-refusal');
    await close(nobody);
  });

  test('a test of a connection', async () => {
    const page = await atProvider(test_url());
    await page.getByTestId('user-ada@example.com').click();
    await page.getByTestId('test-email').waitFor();
    await look(page, 'test');
    await close(page);
  });

  for (const fault of ['wrong_audience', 'access_denied', 'missing_email', 'foreign_state', 'token_error']) {
    test(`a refusal: ${fault}`, async () => {
      const page = await refused(fault);
      assert.equal(await page.getByTestId('refusal-details').getAttribute('open'), null, 'folded until somebody asks');
      await look(page, `refused-${fault.replaceAll('_', '-')}`);
      const back = page.getByTestId('refusal-back');
      assert.equal(await back.getAttribute('href'), `${server.baseUrl}/sample/authenticate`);
      assert.equal(await back.innerText(), 'Back to Sample application');
      await back.click();
      await page.getByTestId('sign-in').waitFor();
      await close(page);
    });
  }

  for (const [language, word] of Object.entries(LANGUAGES)) {
    test(`a refusal in ${language}`, async () => {
      const page = await refused('wrong_audience', language);
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      assert.match(await page.locator('summary').innerText(), word);
      await look(page, `refused-${language}`);
      await close(page);
      const { page: lost } = await opened(browser, `${server.baseUrl}/nowhere`, language);
      await look(lost, `no-page-${language}`);
      await close(lost);
    });
  }

  test('a start that is refused', async () => {
    for (const [name, parameters] of [
      ['redirect', { connection_id: sample.oidc_connections[0].connection_id, login_redirect_url: 'https://evil.example/' }],
      ['no-connection', {}],
    ]) {
      const { page, answer } = await opened(browser, startUrl(server, parameters).href);
      assert.equal(answer.status(), 400);
      await look(page, `start-${name}`);
      const links = await page.locator('a').evaluateAll((links) => links.map((link) => link.href));
      assert.ok(links.includes(`${server.baseUrl}/sample/authenticate`), `a way back among ${links}`);
      assert.ok(!links.some((link) => link.includes('evil')), `no way to where nobody has registered: ${links}`);
      await close(page);
    }
  });

  test('addresses that are not for people', async () => {
    for (const [name, path, status] of [
      ['no-page', '/no/such/page', 404],
      ['no-page-of-the-provider', '/test-idp/nothing', 404],
      ['second-dialect', '/api/v2/nothing', 404],
      ['wrong-method', '/v1/b2b/sso/authenticate', 405],
      ['wrong-method-of-the-provider', '/test-idp/login', 405],
      ['no-credentials', '/v1/b2b/organizations/organization-test-00000000-0000-4000-8000-000000000000', 401],
      ['callback-of-nobody', '/v1/b2b/sso/callback/nobody', 400],
    ]) {
      const { page, answer } = await opened(browser, server.baseUrl + path);
      assert.equal(answer.status(), status, path);
      await look(page, name);
      await close(page);
    }
  });

  test('the list of errors', async () => {
    const { page } = await opened(browser, `${server.baseUrl}/errors/400#no_match_for_provided_sso_url`);
    await look(page, 'errors');
    await close(page);
  });

  test('forms that post themselves', async () => {
    const redirects = /<md:SingleSignOnService[^>]*HTTP-Redirect[^>]*>(<\/md:SingleSignOnService>)?/;
    const metadata = (await (await fetch(server.idp.samlMetadataUrl)).text()).replace(redirects, '');
    const published = createServer((_, response) => response.end(metadata)).listen(0, '127.0.0.1').unref();
    await once(published, 'listening');
    const { organization } = await client.organizations.create({ organization_name: 'Posting Company' });
    const { organization_id } = organization;
    const { connection } = await client.sso.saml.createConnection({ organization_id });
    const { connection_id } = connection;
    const metadata_url = `http://127.0.0.1:${published.address().port}/`;
    await client.sso.saml.updateByURL({ organization_id, connection_id, metadata_url });
    await client.sso.saml.updateConnection({
      organization_id,
      connection_id,
      attribute_mapping: { email: 'NameID', full_name: 'name' },
    });
    for (const language of ['en', 'de', 'ja']) {
      const page = await freshPage(browser, { locale: language });
      // The provider keeps the browser where it is, as a slow one would.
      await page.route(`${server.idp.issuer}/**`, (route) => route.fulfill({ status: 204 }));
      await page.goto(startUrl(server, { connection_id }).href, { waitUntil: 'commit' });
      await page.getByTestId('continue').waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      await look(page, `leaving-${language}`);
      await page.context().close();
    }
    const page = await atProvider(`${server.baseUrl}/sample/start?protocol=saml`);
    await page.route('**/v1/b2b/sso/callback/**', (route) => route.fulfill({ status: 204 }));
    await page.getByTestId('user-ada@example.com').click();
    await page.getByText('Taking you back').waitFor();
    await look(page, 'provider-form');
    await close(page);
  });

  test('the page at the address of a server', async () => {
    const serving = await startServing({ support_contact: 'https://help.example.com/sign-in' });
    try {
      for (const language of ['en', 'de', 'ja']) {
        const { page, answer } = await opened(browser, serving.baseUrl, language);
        assert.equal(answer.status(), 200);
        assert.equal(await page.locator('html').getAttribute('lang'), language);
        assert.equal(await page.locator('a').getAttribute('href'), 'https://help.example.com/sign-in');
        await look(page, `home-${language}`);
        await close(page);
      }
    } finally {
      await serving.stop();
    }
  });
});
