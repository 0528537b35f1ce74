import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { guard, isVestibuleError, readAddress, shape, type StytchError } from '../src/index.js';
import { Browser, nowhere, signedIn, tab, TOKEN } from './fakes.js';

const minutes = { session_duration_minutes: 60 };
const slot = `stytch_sdk_state_${TOKEN}::PKCE_VERIFIER`;
const challengeOf = (verifier: unknown) => createHash('sha256').update(String(verifier)).digest('base64url');
const started = (url: string) => Object.fromEntries(new URL(url).searchParams);

test('a start goes to the provider with a challenge, whatever the project asks for', async () => {
  const { kernel, went, server } = tab();
  const client = shape({}, kernel, nowhere);
  await client.sso.start({
    connection_id: 'c', login_redirect_url: 'https://a.example/l', signup_redirect_url: 'https://a.example/s', provider_params: { hint: 'x y' },
  });
  const { pkce_code_challenge, ...rest } = started(went[0]!);
  assert.deepEqual(Object.keys(started(went[0]!)), [
    'public_token', 'connection_id', 'login_redirect_url', 'signup_redirect_url', 'pkce_code_challenge', 'provider_hint',
  ]);
  assert.deepEqual(rest, {
    public_token: TOKEN, connection_id: 'c', provider_hint: 'x y', login_redirect_url: 'https://a.example/l', signup_redirect_url: 'https://a.example/s',
  });
  assert.match(pkce_code_challenge!, /^[\w-]{43}$/);
  assert.deepEqual(server.asked, []);
});

test('two calls for one token are one', async () => {
  const { kernel, server, clock } = tab();
  const client = shape({}, kernel, nowhere);
  server.answer = () => ({ data: signedIn(clock) });
  const answers = await Promise.all([
    client.sso.authenticate({ sso_token: 't', ...minutes }),
    client.sso.authenticate({ sso_token: 't', ...minutes }),
    // The documents' sample brings a token of SSO here.
    client.oauth.authenticate({ oauth_token: 't', ...minutes }),
  ]);
  assert.equal(server.asked.length, 1);
  assert.ok(answers.every((answer) => answer === answers[0]));
  await clock.pass(60_000);
  server.answer = () => ({ refuse: 'sso_token_not_found', status: 404 });
  await assert.rejects(client.sso.authenticate({ sso_token: 't', ...minutes }), (error: StytchError) => error.attempt === 'expired');
  assert.equal(server.asked.filter(({ url }) => url.endsWith('/sso/authenticate')).length, 2);
});

test('after a failure of the network a token may be tried again at once', async () => {
  const { kernel, server, clock } = tab();
  const client = shape({}, kernel, nowhere);
  server.answer = () => new Error('down');
  await assert.rejects(client.sso.authenticate({ sso_token: 't', ...minutes }), (error: StytchError) => error.attempt === 'network');
  server.answer = () => ({ data: signedIn(clock) });
  await client.sso.authenticate({ sso_token: 't', ...minutes });
  assert.equal(server.asked.length, 2);
});

test('a token is told apart from none', async () => {
  const { kernel, server } = tab();
  const client = shape({}, kernel, nowhere);
  await assert.rejects(client.oauth.authenticate({ oauth_token: null, ...minutes }), (error) => isVestibuleError(error, 'usage'));
  assert.deepEqual(server.asked, []);
});

test('each token gets the verifier of its own attempt', async () => {
  const { kernel, server, clock, went } = tab();
  const client = shape({}, kernel, nowhere);
  await client.sso.start({ connection_id: 'first', state: { page: 1 } });
  await client.sso.start({ connection_id: 'second' });
  const first = started(went[0]!)['pkce_code_challenge'];
  server.answer = ({ body }) =>
    challengeOf(JSON.parse(body!).pkce_code_verifier) === first ? { data: signedIn(clock) } : { refuse: 'pkce_mismatch', status: 400 };
  const data = await client.sso.authenticate({ sso_token: 't', ...minutes });
  assert.equal(server.asked.length, 2);
  assert.deepEqual((data as { state?: unknown }).state, { page: 1 });
  // The other attempt is still there.
  server.answer = ({ body }) => (JSON.parse(body!).pkce_code_verifier ? { data: signedIn(clock) } : { refuse: 'pkce_expected_code_verifier' });
  await client.sso.authenticate({ sso_token: 'u', ...minutes });
});

test('attempts are few, and end', async () => {
  const { kernel, clock, server } = tab();
  const client = shape({}, kernel, nowhere);
  for (let count = 0; count < 8; count++) await client.sso.start({ connection_id: 'c' });
  assert.equal(kernel.begun.of('sso').length, 5);
  await clock.pass(3_600_000);
  assert.equal(kernel.begun.of('sso').length, 0);
  server.answer = () => ({ refuse: 'pkce_expected_code_verifier', status: 400 });
  await assert.rejects(client.sso.authenticate({ sso_token: 't', ...minutes }), (error: StytchError) => error.attempt === 'other-browser');
});

test('a verifier that the official package left is used, and removed', async () => {
  const browser = new Browser();
  browser.values.set(`${slot}:sso`, JSON.stringify({ code_challenge: 'c', code_verifier: 'left' }));
  const { kernel, server, clock } = tab({}, { browser });
  server.answer = () => ({ data: signedIn(clock) });
  await shape({}, kernel, nowhere).sso.authenticate({ sso_token: 't', ...minutes });
  assert.equal(server.asked[0]!.json!['pkce_code_verifier'], 'left');
  assert.equal(browser.values.has(`${slot}:sso`), false);
});

test('the address bar loses the token before it is redeemed, and nothing else', async () => {
  const { kernel, server, clock } = tab();
  const page = { at: 'https://a.example/cb?slug=acme&stytch_token_type=sso&token=t' };
  const seen: string[] = [];
  server.answer = () => (seen.push(page.at), { data: signedIn(clock) });
  const client = shape({}, kernel, { read: (href = page.at) => readAddress(href), replace: (href) => (page.at = href) });
  assert.deepEqual(client.parseAuthenticateUrl(), { handled: true, tokenType: 'sso', token: 't' });
  const done = await client.authenticateByUrl(minutes);
  assert.ok(done?.handled && done.tokenType === 'sso' && done.data.member_id === 'member-test-1');
  assert.deepEqual(seen, ['https://a.example/cb?slug=acme']);
  assert.deepEqual(server.asked[0]!.json, { sso_token: 't', session_duration_minutes: 60 });
  assert.equal(await client.authenticateByUrl(minutes), null);
  assert.deepEqual(await client.authenticateByUrl(minutes, 'https://a.example/?stytch_token_type=other&token=t'), {
    handled: false, tokenType: 'other', token: 't',
  });
});

test('the strict door takes no token that was not begun here', async () => {
  const { kernel, server, clock, went } = tab();
  const client = shape({}, kernel, nowhere);
  const brought = (slug: string | null) => ({ tokenType: 'sso', token: 't', slug, rest: '' });
  await assert.rejects(guard(kernel, brought(null)), (error: StytchError) => error.kind === 'pkce' && error.attempt === 'other-browser');
  await guard(kernel, brought(null), { allowUnsolicited: true });
  await client.sso.start({ connection_id: 'c' });
  assert.equal(went.length, 1);
  await guard(kernel, brought('other'));
  // Somebody is signed in now: another organization's member does not take the place unasked.
  server.answer = () => ({ data: signedIn(clock) });
  await client.sso.authenticate({ sso_token: 't', ...minutes });
  await client.sso.start({ connection_id: 'c' });
  await guard(kernel, brought('acme'));
  await assert.rejects(guard(kernel, brought('other')), (error) => isVestibuleError(error, 'cancelled'));
  await guard(kernel, brought('other'), { confirm: ({ organization_slug }) => organization_slug === 'other' });
});

test('no error says a token', async () => {
  const { kernel, server } = tab();
  const client = shape({}, kernel, nowhere);
  const all: unknown[] = [];
  for (const answer of [new Error('secret-token'), { refuse: 'sso_token_not_found' }, { text: 'secret-token', status: 500 }]) {
    server.answer = () => answer as never;
    await client.sso.authenticate({ sso_token: 'secret-token', ...minutes }).catch((error: Error) => all.push(error.message, JSON.stringify(error)));
  }
  assert.equal(all.length, 6);
  assert.equal(JSON.stringify(client).includes('secret'), false);
});
