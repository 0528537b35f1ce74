// Every page of the set-up portal, in every language: axe-core finds nothing by day and by night, nothing scrolls sideways at the width
// of a small telephone, nobody else is asked for anything, the browser reports nothing against the policy, and nothing weighs more than
// a first visit may. One walk shows all of it: each page is asked for once a language.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { glance } from './support/looks.mjs';
import { beginsTest, chosen, portal } from './support/portal.mjs';
import { published } from './support/saml/journey.mjs';
import { logIn } from './support/saml/people.mjs';
import { samlpProvider } from './support/saml/samlp.mjs';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'];
/** Words that are the same in two languages. */
const ALIKE = ['Test', 'Code', 'Client ID', 'Domain', 'Domains', '(', ')'];
/** What a page may weigh with its style and its script, at the first visit. */
const BUDGET = 40 * 1024;

/** What a page says, without names of things and what is English everywhere. */
function said() {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const texts = new Set();
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const apart = walker.currentNode.parentElement.closest('[translate=no], main [lang=en], code, time, .brand, textarea');
    if (!apart && /\p{L}{2}/u.test(text)) texts.add(text);
  }
  return [...texts];
}

/** The bytes of the page and of all that it has loaded, kept ones too. */
const weight = () =>
  performance
    .getEntries()
    .filter((entry) => 'encodedBodySize' in entry)
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);

/** What stands in a page that its policy would not let run or show. */
const inline = () =>
  [...document.querySelectorAll('style, script:not([src]), [style]')].map((element) => element.outerHTML.slice(0, 100));

describe('every page of the set-up portal', { concurrency: 1 }, () => {
  let scene, heaviest;
  /** What each page says, by language and page. */
  const texts = Object.fromEntries(LANGUAGES.map((locale) => [locale, {}]));

  before(async () => {
    scene = await portal();
    heaviest = { bytes: 0 };
  });
  after(() => scene?.stop());

  /** Looks at the page in each language; `again` shows it anew. */
  async function look(page, name, again = () => page.reload()) {
    for (const locale of LANGUAGES) {
      await page.context().setExtraHTTPHeaders({ 'accept-language': locale });
      await again();
      const where = `portal-${locale}-${name}`;
      assert.equal(await page.evaluate(() => document.documentElement.lang), locale, where);
      texts[locale][name] = await page.evaluate(said);
      assert.deepEqual(await page.evaluate(inline), [], where);
      const bytes = await page.evaluate(weight);
      assert.ok(bytes > 5_000 && bytes <= BUDGET, `${where}: ${bytes} bytes`);
      if (bytes > heaviest.bytes) heaviest = { bytes, where };
      await glance(page, where, { pictures: locale === 'en' });
    }
  }

  /** Nothing but the server was asked, and the console is clean but for answers with these states. */
  function clean(page, states) {
    assert.deepEqual([...page.asked], [scene.server.baseUrl], 'nobody else is asked for anything');
    assert.deepEqual(page.problems.filter((problem) => !states.test(problem)), []);
  }

  test('before a link is opened', async () => {
    const made = await scene.link('Customer with a rather long name', { contacts: ['administrator@customer.example.com'] });
    const page = await scene.watched();
    await page.goto(made.url);
    await look(page, 'contact');
    await page.goto((await scene.link('Another customer')).url);
    await look(page, 'landing');
    clean(page, /^$/);
    await page.context().close();
  });

  test('a language that the link names goes before the browser\'s', async () => {
    const page = await scene.watched({ locale: 'ja-JP' });
    await page.goto((await scene.link('Customer from Kiel', { locale: 'de' })).url);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    await page.context().close();
  });

  test('from the first page to the last', async () => {
    const open = await scene.link('One more customer');
    const page = await scene.visitor(open);
    const home = page.url();
    await look(page, 'overview-empty');
    await page.getByTestId('choose').click();
    await look(page, 'providers');
    for (const protocol of ['saml', 'oidc']) {
      await page.goto(`${home}/providers/microsoft-entra`);
      if (protocol === 'saml') await look(page, 'provider');
      await page.locator(`input[value=${protocol}]`).check();
      await page.getByTestId('go-on').click();
      const at = page.url().replace(/\/[^/]+$/, '');
      for (const step of ['create', 'ours', 'theirs', 'attributes', 'assign', 'test', 'enable']) {
        await look(page, `${protocol}-${step}`, () => page.goto(`${at}/${step}`));
      }
      await look(page, `${protocol}-theirs-told`, async () => {
        await page.goto(`${at}/theirs`);
        const sent = page.waitForResponse((response) => response.request().method() === 'POST');
        await page.getByTestId(protocol === 'saml' ? 'read' : 'save').click();
        await sent;
        await page.waitForLoadState();
      });
    }
    await page.goto(home);
    await look(page, 'overview');
    clean(page, /status of 422/);
    const used = await scene.watched();
    await used.goto(open.url);
    await look(used, 'used');
    clean(used, /status of 410/);
    await used.context().close();
    await page.context().close();
  });

  test('what stands in a frame of another application', async () => {
    const made = await scene.link('Customer in a frame', { embed_origin: 'https://app.example.com' });
    const opened = await fetch(made.url, { redirect: 'manual', headers: { 'sec-fetch-dest': 'iframe' } });
    const page = await scene.watched();
    await page.goto(new URL(opened.headers.get('location'), scene.server.baseUrl).href);
    await look(page, 'framed');
    clean(page, /^$/);
    await page.context().close();
  });

  test('domains, with what was found in place of a record', async () => {
    const page = await scene.visitor(await scene.link('Customer with domains', { intents: ['domains'], pending_domains: ['asked.example'] }));
    const home = page.url();
    await look(page, 'domains-overview');
    await page.getByTestId('domains').click();
    await look(page, 'domains');
    await page.goto(`${home}/domains`);
    await page.locator('#domain').fill('a-rather-long-name-of-a-department.b\u00fccher-und-zeitschriften.example');
    await page.getByTestId('add').click();
    await look(page, 'domain');
    await page.getByTestId('check').click();
    await page.getByTestId('found').waitFor();
    await look(page, 'domain-checked');
    await look(page, 'domains-told', async () => {
      await page.goto(`${home}/domains`);
      await page.locator('#domain').fill('gmail.com');
      const sent = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByTestId('add').click();
      await sent;
      await page.waitForLoadState();
    });
    clean(page, /status of 422/);
    await page.context().close();
  });

  test('what is looked at when everything is set up', async (test) => {
    const provider = await samlpProvider();
    // A provider that stayed would keep the whole run waiting.
    test.after(() => provider.stop());
    const open = await scene.link('Customer with a past', { intents: ['sso', 'certificates', 'sign_ins', 'audit_log'] });
    const page = await scene.visitor(open);
    const home = page.url();
    await look(page, 'sign-ins-none', () => page.goto(`${home}/sign-ins`));
    await page.goto(home);
    const connection_id = await chosen(page, 'Okta', 'saml');
    const at = page.url().replace(/\/[^/]+$/, '');
    await page.goto(`${at}/theirs`);
    await page.locator('#metadata_url').fill(provider.metadataUrl);
    await page.getByTestId('read').click();
    await page.getByTestId('use').click();
    // It is not told which attributes are meant: whoever signs in is refused.
    provider.trust(await published(await scene.samlOf(open)));
    await page.goto(`${at}/test`);
    const tab = await beginsTest(page);
    await logIn(tab, 'ada');
    // The answer posts itself; a tab that closes before it has takes it along.
    await tab.waitForURL(({ origin }) => origin === new URL(home).origin);
    await tab.close();
    await look(page, 'sign-ins', () => page.goto(`${home}/sign-ins`));
    const [first] = await page.getByTestId('sign-in').locator('a').all();
    const trace = new URL(await first.getAttribute('href'), home).href;
    await look(page, 'sign-in', () => page.goto(trace));
    await look(page, 'certificates', () => page.goto(`${home}/certificates`));
    await look(page, 'certificate', () => page.goto(`${home}/certificates/${connection_id}`));
    await look(page, 'changes', () => page.goto(`${home}/changes`));
    await page.goto(`${home}/providers/okta`);
    await page.locator('input[value=oidc]').check();
    await page.getByTestId('go-on').click();
    const secret = page.url().match(/\/connections\/([^/]+)\//)[1];
    await look(page, 'secret', () => page.goto(`${home}/certificates/${secret}`));
    clean(page, /^$/);
    await page.context().close();
  });

  test('a language that is chosen stays', async () => {
    const page = await scene.watched({ javaScriptEnabled: false });
    await page.goto((await scene.link('Customer who chooses')).url);
    await page.getByTestId('language-de').click();
    await page.getByTestId('begin').click();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    await page.getByTestId('language-ja').click();
    await page.getByTestId('choose').click();
    assert.equal(await page.locator('html').getAttribute('lang'), 'ja');
    await page.context().close();
  });

  test('what nobody may open says so', async () => {
    const page = await scene.watched();
    await page.goto(`${scene.server.baseUrl}/setup/start/nobodys`);
    await look(page, 'unknown');
    await page.goto(`${scene.server.baseUrl}/setup/nobodys`);
    await look(page, 'ended');
    clean(page, /status of 4\d\d/);
    await page.context().close();
  });

  test('nothing is left in English', () => {
    const left = [];
    for (const locale of LANGUAGES.slice(1)) {
      for (const [name, english] of Object.entries(texts.en)) {
        const other = texts[locale][name];
        assert.equal(other.length > 0, english.length > 0, `${locale} ${name}`);
        left.push(...other.filter((text) => english.includes(text) && !ALIKE.includes(text)).map((text) => `${locale} ${name}: ${text}`));
      }
    }
    assert.deepEqual(left, []);
    console.log(`the heaviest page: ${heaviest.where} with ${heaviest.bytes} bytes`);
  });

  test('what this suite looks for it finds', async () => {
    const page = await scene.watched();
    await page.goto((await scene.link('A customer with a bad page')).url);
    await page.evaluate(() => {
      document.querySelector('main').insertAdjacentHTML('beforeend', '<p style="width: 900px">Wide</p><img src="https://elsewhere.test/a.png">');
    });
    await page.waitForTimeout(200);
    assert.equal((await page.evaluate(inline)).length, 1);
    assert.ok(page.problems.some((problem) => problem.startsWith('policy: style-src-attr')), `${page.problems}`);
    assert.ok(page.problems.some((problem) => problem.startsWith('policy: img-src')), `${page.problems}`);
    await assert.rejects(glance(page, 'bad'), /image-alt/);
    await page.context().close();
  });
});
