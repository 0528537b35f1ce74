// The distribution's Chromium without a window. It reaches nothing but this machine.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const artifacts = fileURLToPath(new URL('../artifacts/', import.meta.url));
const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser; `CHROMIUM` names another program than the usual ones. `rules` say where names are that no one else knows. */
export function launch({ rules } = {}) {
  const executablePath = process.env.CHROMIUM ?? usual.find((candidate) => existsSync(candidate));
  if (!executablePath) throw new Error('there is no Chromium: install it, or set CHROMIUM');
  const args = [
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...(rules ? [`--host-resolver-rules=${rules}`] : []),
  ];
  return chromium.launch({ executablePath, args });
}

/**
 * A page of a fresh profile that may talk to this machine only. `settings` are further ones of its context; `reaches` names hosts of this machine.
 *
 * `page.problems` collects what the console and the pages complained about.
 */
export async function freshPage(browser, { reaches = [], ...settings } = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 860 }, ...settings });
  await context.route(
    (url) => !['127.0.0.1', 'localhost', '[::1]', ...reaches].includes(url.hostname),
    (route) => route.abort(),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.problems = [];
  page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
  page.on('pageerror', (error) => page.problems.push(String(error)));
  return page;
}

/** Keeps a picture of the page for people to look at. */
export async function picture(page, name) {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: path.join(artifacts, `${name}.png`), fullPage: true });
}

/** Everything that a page says, also what it has folded away. */
export async function unfolded(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
  return page.locator('body').innerText();
}

/** The text of one marked element. */
export async function marked(page, name) {
  return (await page.getByTestId(name).first().innerText()).trim();
}
