// A browser without a screen: follows one sign-in step by step, so that a test can stop between two steps.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

/** The cookies of one browser; all of them go to the server under test. */
export class Cookies {
  #values = new Map();

  keep(response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const split = pair.indexOf('=');
      const [name, value] = [pair.slice(0, split), pair.slice(split + 1)];
      const gone = value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute));
      if (gone) this.#values.delete(name);
      else this.#values.set(name, value);
    }
  }

  header() {
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get size() {
    return this.#values.size;
  }
}

/** A fresh verifier with its S256 challenge. */
export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The address that starts a sign-in. */
export function startUrl(server, parameters) {
  const url = new URL('/v1/public/sso/start', server.baseUrl);
  url.searchParams.set('public_token', server.publicToken);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

/** Step one: the server sends the browser to the provider. */
export async function start(url, cookies = new Cookies()) {
  const response = await fetch(url, { redirect: 'manual', headers: { cookie: cookies.header() } });
  assert.equal(response.status, 302, await response.clone().text());
  cookies.keep(response);
  return { cookies, to: new URL(response.headers.get('location')), setCookie: response.headers.getSetCookie() };
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#x2F': '/' };
const unescape = (text) => text.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole);

/** The first form of a page: where it goes and its hidden fields. */
export function form(html) {
  const action = html.match(/<form[^>]*\baction="([^"]*)"/)?.[1];
  assert.ok(action, `there is no form in:\n${html}`);
  const fields = {};
  for (const [input] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    fields[unescape(input.match(/name="([^"]*)"/)[1])] = unescape(input.match(/value="([^"]*)"/)?.[1] ?? '');
  }
  return { action: unescape(action), fields };
}

/**
 * Step two: somebody signs in at the built-in provider.
 *
 * Answers the request that brings the browser back: `{ url, body }`, with a body when the provider posts.
 */
export async function provider(to, { email, fault = '' }) {
  const page = await fetch(to);
  assert.equal(page.status, 200, await page.clone().text());
  const { action, fields } = form(await page.text());
  const body = new URLSearchParams({ ...fields, email, fault });
  const answer = await fetch(new URL(action, to), { method: 'POST', body, redirect: 'manual' });
  if (answer.status === 302) return { url: new URL(answer.headers.get('location')) };
  assert.equal(answer.status, 200, await answer.clone().text());
  const posted = form(await answer.text());
  return { url: new URL(posted.action), body: new URLSearchParams(posted.fields) };
}

/** Step three: the browser comes back. The answer is not followed. */
export async function callback({ url, body }, cookies) {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    body,
    redirect: 'manual',
    headers: { cookie: cookies.header(), accept: 'text/html' },
  });
  cookies.keep(response);
  return response;
}

/** All three steps; answers where the application is told to go on, and the token. */
export async function signIn(server, parameters, who) {
  const started = await start(startUrl(server, parameters));
  const back = await provider(started.to, who);
  const response = await callback(back, started.cookies);
  assert.equal(response.status, 302, await response.clone().text());
  const location = new URL(response.headers.get('location'));
  return { location, token: location.searchParams.get('token'), started, back };
}
