// How a page looks, in every way that the suites of pages care for: by day and by night, at the width of a desk and of a telephone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { picture } from './chromium.mjs';

export const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LIGHTS = ['light', 'dark'];

/** What sticks out of the page or of its own box, and choices of which only the beginning would be seen. */
export function overflowing() {
  const ARROW = 20;
  const pen = document.createElement('canvas').getContext('2d');
  const cut = [...document.querySelectorAll('select')].flatMap((select) => {
    const { font, paddingLeft, paddingRight } = getComputedStyle(select);
    pen.font = font;
    const room = select.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - ARROW;
    const isShown = select.checkVisibility();
    return [...select.options].filter(({ text }) => isShown && pen.measureText(text).width > room).map(({ text }) => `cut: ${text}`);
  });
  const wide = [...document.querySelectorAll('body *')].filter(
    (element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5,
  );
  const own = [...document.querySelectorAll('pre, dd, dt, p, h1, h2, a.button')].filter(
    (element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline',
  );
  const document_ = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['the document'] : [];
  const shown = (element) => `${element.tagName} ${element.textContent.slice(0, 60)}`;
  const hidden = (element) => element.closest('[tabindex="-1"]');
  return [...document_, ...[...wide, ...own].filter((element) => !hidden(element)).map(shown), ...cut];
}

/** What the head of a page has to say, and that it has one heading. */
async function headed(page, name) {
  const about = await page.evaluate(() => ({
    title: document.title,
    lang: document.documentElement.lang,
    icon: document.querySelector('link[rel=icon]')?.href ?? '',
    headings: document.querySelectorAll('h1').length,
    type: document.contentType,
  }));
  assert.equal(about.type, 'text/html', `${name}: ${page.url()}`);
  assert.ok(about.title.length > 3 && about.lang.length === 2, `${name}: ${JSON.stringify(about)}`);
  assert.match(about.icon, /^data:image\/svg\+xml,/, name);
  assert.equal(about.headings, 1, `${name}: one heading tells what the page is`);
}

/** The rules about what another light changes. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What axe-core has against the page that it was put into, by all its rules or by these. Of rules that are kept it says nothing: that costs most. */
async function violations(page, where, rules) {
  const options = { resultTypes: ['violations'], preload: false, ...(rules ? { runOnly: rules } : {}) };
  const found = await page.evaluate(async (told) => (await globalThis.axe.run(told)).violations, options);
  const told = found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`)}`);
  assert.deepEqual(told, [], where);
}

/** Folds everything that folds out or away; answers how much there is. */
const fold = (page, isOpen) =>
  page.evaluate((open) => {
    const all = [...document.querySelectorAll('details')];
    for (const one of all) one.open = open;
    return all.length;
  }, isOpen);

/** By this light. What fades from one into the other is looked at when it has. */
async function lit(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
}

/** Looks at the open page in every way that this suite cares for. */
export async function look(page, name, widths = [1280, 375]) {
  await headed(page, name);
  await page.evaluate(axe);
  for (const details of [false, true]) {
    const folds = await fold(page, details);
    if (details && folds === 0) continue;
    for (const colorScheme of LIGHTS) {
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 });
        await lit(page, colorScheme);
        const where = `${name}${details ? '-unfolded' : ''}-${width}-${colorScheme}`;
        await picture(page, `page-${where}`);
        assert.deepEqual(await page.evaluate(overflowing), [], `${where} scrolls sideways`);
        // What is folded away is looked at when it is not.
        if (folds > 0 && !details) continue;
        await violations(page, where);
      }
    }
  }
}

/**
 * The same for a page that is looked at in many languages: every rule by day at the width of a telephone, by night those about colours,
 * which is all that differs then. Pictures only where somebody looks at them.
 */
export async function glance(page, name, { widths = [1280, 320], pictures = false } = {}) {
  await headed(page, name);
  await page.evaluate(axe);
  const folds = await fold(page, true);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await page.evaluate(overflowing), [], `${name} scrolls sideways at ${width}`);
  }
  for (const colorScheme of LIGHTS) {
    await lit(page, colorScheme);
    await violations(page, `${name}-${colorScheme}`, colorScheme === 'dark' ? COLOURS : undefined);
  }
  if (!pictures) return;
  if (folds > 0) await fold(page, false);
  for (const [width, colorScheme] of [[widths[0], 'light'], [widths.at(-1), 'dark']]) {
    await page.setViewportSize({ width, height: 800 });
    await lit(page, colorScheme);
    await picture(page, `page-${name}-${width}-${colorScheme}`);
  }
}
