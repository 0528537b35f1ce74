import assert from 'node:assert/strict';
import test from 'node:test';
import { backoff, isVestibuleError, nextLook, shape, until } from '../src/index.js';
import { Browser, Clock, member, nowhere, organization, Server, session, settle, signedIn, tab, TOKEN } from './fakes.js';

const P = `stytch_sdk_state_${TOKEN}`;

/** A tab of somebody who is signed in, once its first refresh is through. */
async function returning(options = {}, shared: { browser?: Browser; server?: Server; clock?: Clock } = {}) {
  const clock = shared.clock ?? new Clock();
  const browser = shared.browser ?? new Browser();
  const server = shared.server ?? new Server();
  if (!shared.browser) {
    browser.cookies.set('stytch_session', 'opaque');
    browser.values.set(P, JSON.stringify({ session: session(clock), member, organization }));
  }
  if (!shared.server) server.answer = () => ({ data: signedIn(clock) });
  const it = tab(options, { clock, browser, server });
  await settle();
  return it;
}

test('nobody is signed in without a token, and nobody is asked', async () => {
  const { kernel, server } = tab();
  assert.deepEqual(kernel.state.status, { kind: 'anonymous' });
  await kernel.ready();
  assert.deepEqual(server.asked, []);
});

test('what is remembered shows at once, and is confirmed', async () => {
  const clock = new Clock();
  const browser = new Browser();
  browser.cookies.set('stytch_session', 'opaque');
  browser.values.set(P, JSON.stringify({ session: session(clock), member, organization }));
  const server = new Server();
  server.answer = () => ({ data: signedIn(clock) });
  const { kernel } = tab({}, { clock, browser, server });
  assert.equal(kernel.state.status.kind, 'authenticated');
  assert.equal(kernel.state.fromCache, true);
  await settle();
  assert.equal(kernel.state.fromCache, false);
  assert.deepEqual(server.paths, ['POST /b2b/sessions/authenticate']);
  assert.equal(server.asked[0]!.session, 'opaque');
});

test('what is remembered of somebody whose cookie is gone is forgotten', () => {
  const clock = new Clock();
  const browser = new Browser();
  browser.values.set(P, JSON.stringify({ session: session(clock), member, organization }));
  const { kernel } = tab({}, { clock, browser });
  assert.equal(kernel.state.status.kind, 'anonymous');
  assert.equal(browser.values.has(P), false);
});

test('a cookie that cannot be read is asked for, once', async () => {
  const server = new Server();
  server.answer = () => ({ refuse: 'session_not_found', status: 404 });
  const { kernel, clock } = tab({ session: 'http-only' }, { server });
  assert.equal(kernel.state.status.kind, 'loading');
  await kernel.ready();
  assert.deepEqual(kernel.state.status, { kind: 'anonymous' });
  await clock.pass(3_600_000);
  assert.equal(server.asked.length, 1);
});

test('the session is looked at every three minutes while somebody looks at the page', async () => {
  const { server, clock, attention } = await returning();
  await clock.pass(180_000 * 3 + 1000);
  assert.equal(server.asked.length, 4);
  attention.visible = false;
  await clock.pass(3_000_000 - 600_000);
  assert.equal(server.asked.length, 4);
  attention.visible = true;
  attention.changed();
  await settle();
  assert.equal(server.asked.length, 5);
  attention.changed();
  await settle();
  assert.equal(server.asked.length, 5, 'what was confirmed a moment ago is not asked for again');
});

test('ten tabs ask once a period', async () => {
  const first = await returning();
  const { browser, server, clock } = first;
  const tabs = [first, ...(await Promise.all(Array.from({ length: 9 }, () => returning({}, { browser, server, clock }))))];
  await clock.pass(1000);
  const before = server.asked.length;
  for (let period = 1; period <= 5; period++) {
    await clock.pass(180_000);
    assert.equal(server.asked.length - before, period);
  }
  // Whoever asked may go; the others go on.
  first.kernel.destroy();
  await clock.pass(180_000);
  assert.equal(server.asked.length - before, 6);
  for (const one of tabs.slice(1)) assert.equal(one.kernel.state.status.kind, 'authenticated');
});

test('a browser that is opened with its ten tabs asks for few', async () => {
  const clock = new Clock();
  const browser = new Browser();
  const server = new Server();
  server.answer = () => ((clock.time += 5), { data: signedIn(clock) });
  browser.cookies.set('stytch_session', 'opaque');
  browser.values.set(P, JSON.stringify({ session: session(clock), member, organization }));
  await Promise.all(Array.from({ length: 10 }, () => returning({}, { browser, server, clock })));
  await settle();
  assert.equal(server.asked.length, 1);
});

test('a tab whose clock comes late finds that another has asked, and does not ask again', async () => {
  const one = await returning();
  const other = await returning({}, { browser: one.browser, server: one.server });
  const before = one.server.asked.length;
  await one.clock.pass(180_000);
  assert.equal(one.server.asked.length - before, 1);
  await other.clock.pass(180_000);
  assert.equal(one.server.asked.length - before, 1);
});

test('a page that a server drew begins with what that server knew, whatever this browser remembers', async () => {
  const { kernel } = await returning();
  assert.deepEqual(kernel.initial.status, { kind: 'loading' });
  assert.equal(kernel.state.status.kind, 'authenticated');
});

test('signing out in one tab signs out all', async () => {
  const one = await returning();
  const other = await returning({}, one);
  one.server.answer = () => ({ data: {} });
  await one.kernel.session.revoke();
  await settle();
  assert.deepEqual(other.kernel.state.status, { kind: 'anonymous' });
  assert.equal(one.browser.cookies.get('stytch_session'), null);
  assert.equal(one.browser.values.get(P), 'null');
});

test('a refusal to revoke leaves the session, unless it is to be cleared anyway', async () => {
  const { kernel, server } = await returning();
  server.answer = () => ({ refuse: 'too_many_requests', status: 429 });
  await assert.rejects(kernel.session.revoke(), (error) => isVestibuleError(error, 'api'));
  assert.equal(kernel.state.status.kind, 'authenticated');
  await assert.rejects(kernel.session.revoke({ forceClear: true }));
  assert.equal(kernel.state.status.kind, 'anonymous');
});

test('while the server is away the state is stale, and says until when', async () => {
  const { kernel, server, clock } = await returning();
  server.answer = () => new Error('down');
  await clock.pass(180_000);
  const { status } = kernel.state;
  assert.ok(status.kind === 'authenticated' && status.stale?.reason === 'network' && status.stale.retryAt! > clock.time - 180_000);
  server.answer = () => ({ data: signedIn(clock) });
  await clock.pass(70_000);
  assert.ok(kernel.state.status.kind === 'authenticated' && !kernel.state.status.stale);
});

test('a session ends when it ends, whatever the network does', async () => {
  const { kernel, server, clock } = await returning();
  server.answer = () => new Error('down');
  await clock.pass(3_600_000);
  assert.deepEqual(kernel.state.status, { kind: 'anonymous', reason: 'expired' });
  const asked = server.asked.length;
  assert.ok(asked < 20, `${asked} tries`);
  await clock.pass(3_600_000);
  assert.equal(server.asked.length, asked);
});

test('Retry-After is respected', async () => {
  const { server, clock } = await returning();
  server.answer = () => ({ refuse: 'too_many_requests', status: 429, headers: new Headers({ 'retry-after': '100' }) });
  await clock.pass(180_000);
  const before = server.asked.length;
  await clock.pass(94_000);
  assert.equal(server.asked.length, before);
});

test('a call that is told that the session has ended shows it at once', async () => {
  const { kernel, server } = await returning();
  server.answer = () => ({ refuse: 'session_not_found', status: 404 });
  await assert.rejects(kernel.ask('GET', '/b2b/sso'), (error) => isVestibuleError(error, 'api'));
  assert.deepEqual(kernel.state.status, { kind: 'anonymous', reason: 'revoked' });
  assert.deepEqual(server.paths.slice(-2), ['GET /b2b/sso', 'POST /b2b/sessions/authenticate']);
});

test('an answer that was asked for before the session was replaced changes nothing', async () => {
  const { kernel, server, clock, browser } = await returning();
  let answer: (value: never) => void = () => undefined;
  server.answer = () => new Promise<never>((resolve) => (answer = resolve));
  const refreshing = kernel.refresh();
  await settle();
  const late = answer;
  server.answer = () => ({ data: {} });
  await kernel.session.revoke();
  late({ data: signedIn(clock) } as never);
  await refreshing;
  assert.equal(kernel.state.status.kind, 'anonymous');
  assert.equal(browser.cookies.get('stytch_session'), null);
});

test('callers within a second share one request', async () => {
  const { kernel, server, clock } = await returning();
  await clock.pass(1000);
  const before = server.asked.length;
  const [one, two] = await Promise.all([kernel.session.authenticate(), kernel.session.authenticate()]);
  assert.equal(one, two);
  assert.equal(server.asked.length, before + 1);
  await clock.pass(1000);
  await kernel.session.authenticate();
  assert.equal(server.asked.length, before + 2);
});

test('a session that is kept alive is asked for with its minutes', async () => {
  const { kernel, server, clock } = await returning({ keepSessionAlive: true });
  await kernel.session.authenticate({ session_duration_minutes: 30 });
  await clock.pass(180_000);
  assert.deepEqual(server.asked.at(-1)!.json, { session_duration_minutes: 30 });
});

test('a second factor that is missing leaves nobody signed in, and is brought along', async () => {
  const { kernel, server, clock, browser } = await returning();
  server.answer = () => ({
    data: {
      ...signedIn(clock), member_authenticated: false, member_session: null, session_token: '', session_jwt: '',
      intermediate_session_token: 'between', mfa_required: { member_options: null, secondary_auth_initiated: null },
    },
  });
  const client = shape({}, kernel, nowhere);
  await client.session.exchange({ organization_id: 'o', session_duration_minutes: 60 });
  assert.equal(client.status.kind, 'mfa');
  assert.equal(browser.cookies.get('stytch_session'), null);
  server.answer = () => ({ data: signedIn(clock) });
  await client.totp.authenticate({ organization_id: 'o', member_id: 'm', code: '1', session_duration_minutes: 60 });
  assert.equal(server.asked.at(-1)!.json!['intermediate_session_token'], 'between');
  assert.equal(client.status.kind, 'authenticated');
  assert.equal(browser.cookies.get('stytch_intermediate_session_token'), null);
});

test('listeners hear of changes, of the first confirmation, and of nothing else', async () => {
  const clock = new Clock();
  const browser = new Browser();
  const server = new Server();
  browser.cookies.set('stytch_session', 'opaque');
  browser.values.set(P, JSON.stringify({ session: session(clock), member, organization }));
  server.answer = () => ({ data: signedIn(clock) });
  const { kernel } = tab({}, { clock, browser, server });
  const client = shape({}, kernel, nowhere);
  const heard: unknown[] = [];
  const stop = client.session.onChange((value) => heard.push(value));
  await settle();
  assert.equal(heard.length, 1, 'the first confirmation');
  const before = kernel.state;
  server.answer = () => ({ data: { ...signedIn(clock), member_session: { ...session(clock), expires_at: new Date(clock.time + 3_600_000).toISOString(), started_at: (before.status as { session: { started_at: string } }).session.started_at, last_accessed_at: 'later' } } });
  await clock.pass(1000);
  await kernel.session.authenticate();
  stop();
  await kernel.session.revoke({ forceClear: true });
  assert.ok(heard.length <= 2);
  assert.deepEqual(client.session.getInfo(), { session: null, fromCache: false });
});

test('an answer about somebody else is not taken for the member', async () => {
  const { kernel, server } = await returning();
  const client = shape({}, kernel, nowhere);
  server.answer = () => ({ data: { member: { ...member, name: 'New' }, organization } });
  await client.self.update({ name: 'New' });
  assert.equal((client.self.getSync() as { name?: string }).name, 'New');
  server.answer = () => ({ data: { member: { ...member, member_id: 'other', name: 'Other' } } });
  await client.self.get();
  assert.equal((client.self.getSync() as { name?: string }).name, 'New');
});

test('tokens in memory are nowhere else', async () => {
  const server = new Server();
  const { kernel, clock, browser } = tab({ session: 'memory' }, { server });
  server.answer = () => ({ data: signedIn(clock) });
  await kernel.session.authenticate();
  assert.equal(kernel.state.status.kind, 'authenticated');
  assert.equal(kernel.session.getTokens()?.session_token, 'opaque');
  assert.equal(browser.cookies.get('stytch_session'), null);
  assert.equal([...browser.values.values()].join().includes('opaque'), false);
  assert.equal(browser.values.has(P), false);
});

test('nothing of a client is left when it is destroyed', async () => {
  const { kernel, clock, server } = await returning();
  kernel.destroy();
  assert.equal(clock.waiting, 0);
  await clock.pass(3_600_000);
  assert.equal(server.asked.length, 1);
  await assert.rejects(kernel.ask('GET', '/b2b/sso'), (error) => isVestibuleError(error, 'aborted'));
});

test('a server that does not answer is given up', async () => {
  const { kernel, clock, server } = tab();
  server.answer = () => new Promise<never>(() => undefined);
  const call = assert.rejects(kernel.ask('GET', '/b2b/sso'), (error) => isVestibuleError(error, 'timeout'));
  await clock.pass(30_000);
  await call;
});

test('a seed shows at once and is not asked for again before it is due', async () => {
  const clock = new Clock();
  const server = new Server();
  server.answer = () => ({ data: signedIn(clock) });
  const browser = new Browser();
  browser.cookies.set('stytch_session', 'opaque');
  const { kernel } = tab({ initialState: { session: session(clock), member, organization } as never }, { clock, server, browser });
  assert.equal(kernel.state.status.kind, 'authenticated');
  assert.deepEqual(kernel.state, kernel.initial);
  await settle();
  assert.equal(server.asked.length, 0);
  await clock.pass(180_000);
  assert.equal(server.asked.length, 1);
});

test('the next look is when the session is no longer fresh, or when a failure may be tried again', () => {
  assert.equal(nextLook(0, undefined, 0), 180_000);
  assert.equal(nextLook(0, undefined, 1), 175_000);
  assert.equal(nextLook(0, 7, 0), 7);
  assert.equal(nextLook(0, null, 0), Infinity);
  assert.equal(until(10, 5), 0);
  assert.ok(until(0, Infinity) < 2 ** 31, 'a clock that is told to wait longer does not wait at all');
});

test('the backoff doubles, has an upper bound, and ends', () => {
  assert.deepEqual([1, 2, 3, 7, 10, 11].map((failures) => backoff(failures, 1)), [1000, 2000, 4000, 60_000, 60_000, null]);
  assert.equal(backoff(1, 0.5), 500);
  assert.equal(backoff(1, 0.5, 9), 9000);
});
