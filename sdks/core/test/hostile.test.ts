// What somebody else writes: addresses that lead here, what is stored, answers in another form.
import assert from 'node:assert/strict';
import test from 'node:test';
import { begunHere, handles, readAddress, redeemBrought, shape, sso } from '../src/index.js';
import { Browser, Clock, nowhere, settle, signedIn, tab, TOKEN } from './fakes.js';

const minutes = { session_duration_minutes: 60 };
const inherited = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__proto__', '__defineGetter__'];

for (const type of inherited) {
  test(`what every object has is no kind of token: ${type}`, async () => {
    const { kernel, server } = tab();
    const client = shape({}, kernel, nowhere);
    const href = `https://app.example/callback?stytch_token_type=${type}&token=t`;
    const none = { handled: false, tokenType: type, token: 't' };
    assert.deepEqual(client.parseAuthenticateUrl(href), none);
    assert.deepEqual(await client.authenticateByUrl(minutes, href), none);
    assert.equal(handles(sso, type), false);
    assert.deepEqual(server.asked, []);
  });
}

test('names in an address reach no prototype', () => {
  const found = readAddress('myapp://callback?__proto__=x&constructor=y&__proto__[polluted]=1&stytch_token_type=sso&token=t#kept');
  assert.deepEqual(found, { tokenType: 'sso', token: 't', slug: null, rest: 'myapp://callback?__proto__=x&constructor=y&__proto__[polluted]=1#kept' });
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('names in an answer reach no prototype', async () => {
  const { kernel, server } = tab();
  const client = shape({}, kernel, nowhere);
  const said = '{"data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"rbac_policy":{"roles":[],"resources":[{"resource_id":"__proto__","actions":["polluted"]}]}}}';
  server.answer = () => ({ text: said });
  await client.sso.getConnections();
  await client.organization.members.create(JSON.parse('{"email_address":"a@b.example","__proto__":{"polluted":1}}'));
  const all = await client.rbac.allPermissions();
  assert.deepEqual(Object.keys(all), ['__proto__']);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

/** Of a tab that was signed in and is opened again with something else in `confirmed`. */
async function reopened(confirmed: string) {
  const [browser, clock] = [new Browser(), new Clock()];
  const first = tab({}, { browser, clock });
  first.server.answer = () => ({ data: signedIn(clock) });
  await shape({}, first.kernel, nowhere).sso.authenticate({ sso_token: 't', ...minutes });
  first.kernel.destroy();
  browser.values.set(`stytch_sdk_state_${TOKEN}::confirmed`, confirmed);
  const second = tab({}, { browser, clock });
  second.server.answer = () => ({ data: signedIn(clock) });
  await settle();
  return second;
}

for (const confirmed of ['not a time', '', '-1', 'Infinity', '9e99', `${Date.parse('2099-01-01')}`]) {
  test(`a session is confirmed in time whatever is stored of when it was: ${confirmed}`, async () => {
    const { kernel, server, clock } = await reopened(confirmed);
    assert.equal(server.asked.length, 1, 'at once');
    assert.equal(kernel.state.fromCache, false);
    await clock.pass(180_000);
    assert.equal(server.asked.length, 2, 'and after a period');
    kernel.destroy();
  });
}

test('what another tab wrote does not keep this one from asking', async () => {
  const { kernel, server, clock, browser } = await reopened('0');
  const asked = server.asked.length;
  browser.store({}).set(`stytch_sdk_state_${TOKEN}::confirmed`, `${clock.time + 86_400_000}`);
  await settle();
  await clock.pass(180_000);
  assert.ok(server.asked.length > asked);
  kernel.destroy();
});

test('a sign-in that was begun here says so, and one that may begin elsewhere does not', async () => {
  const { kernel, server, clock } = tab();
  server.answer = () => ({ data: signedIn(clock) });
  const found = (token: string) => readAddress(`https://app.example/callback?stytch_token_type=sso&token=${token}`)!;
  await redeemBrought(kernel, begunHere, found('one'), minutes);
  await redeemBrought(kernel, sso, found('two'), minutes);
  assert.deepEqual(server.asked.map(({ json }) => json!['solicited_only']), [true, undefined]);
});

test('whoever gives up waiting is told so, and a redemption goes on for those who do not', async () => {
  const { kernel, server, clock } = tab();
  const client = shape({}, kernel, nowhere);
  let answer: () => void = () => undefined;
  const answered = new Promise<{ data: object }>((resolve) => (answer = () => resolve({ data: signedIn(clock) })));
  server.answer = () => answered as Promise<never>;
  const first = new AbortController();
  const { signal } = first;
  const gave = client.sso.authenticate({ sso_token: 't', ...minutes, signal });
  const stays = client.sso.authenticate({ sso_token: 't', ...minutes });
  first.abort();
  await assert.rejects(gave, (error) => (error as { kind: string }).kind === 'aborted');
  answer();
  assert.equal((await stays).member_authenticated, true);
  assert.equal(server.asked.length, 1);
  assert.deepEqual(Object.keys(server.asked[0]!.json!).sort(), ['session_duration_minutes', 'sso_token']);
  // Who has given up before asks for nothing, whatever the call takes beside.
  const calls = [
    client.sso.getConnections({ signal }), client.sso.deleteConnection('c', { signal }), client.sso.saml.createConnection({ display_name: 'n', signal }),
    client.session.authenticate({ signal }), client.session.revoke({ signal }), client.self.get({ signal }), client.ready({ signal }),
    client.sso.start({ connection_id: 'c', signal }), client.oauth.google.start({ organization_id: 'o', signal }),
  ];
  for (const call of calls) await assert.rejects(call, (error) => (error as { kind: string }).kind === 'aborted');
  assert.equal(server.asked.length, 1);
});

test('a signal is for the wait, and is not sent', async () => {
  const { kernel, server } = tab();
  const client = shape({}, kernel, nowhere);
  server.answer = () => ({ data: {} });
  const { signal } = new AbortController();
  await client.sso.getConnections({ signal });
  await client.sso.deleteConnection('c', { signal });
  await client.organization.members.delete('m', { signal });
  await client.sso.saml.updateConnection({ connection_id: 'c', idp_sso_url: 'u', signal });
  assert.deepEqual(
    server.asked.map(({ method, url, json }) => [method, url.replace(/.*v1/, ''), json ?? null]),
    [
      ['GET', '/b2b/sso', null],
      ['DELETE', '/b2b/sso/c', null],
      ['DELETE', '/b2b/organizations/members/m', null],
      ['PUT', '/b2b/sso/saml/c', { connection_id: 'c', idp_sso_url: 'u' }],
    ],
  );
  assert.doesNotMatch(await client.sso.url({ connection_id: 'c', signal }), /signal/);
});

test('a session of which it is not said when it ends is asked for once a period, and not without end', async () => {
  const { kernel, server, clock } = tab();
  const endless = signedIn(clock);
  server.answer = () => ({ data: { ...endless, member_session: { ...endless.member_session, expires_at: 'some day' } } });
  await shape({}, kernel, nowhere).sso.authenticate({ sso_token: 't', ...minutes });
  for (let turn = 0; turn < 5; turn++) await clock.pass(36_000);
  assert.equal(server.asked.length, 2);
  kernel.destroy();
});

test('a name that an application lets somebody choose is one parameter', async () => {
  const { kernel, went } = tab();
  await shape({}, kernel, nowhere).sso.start({ connection_id: 'c', login_redirect_url: 'https://a.example/l', provider_params: { 'x=1&login_redirect_url': 'https://evil.example' } });
  assert.deepEqual(new URL(went[0]!).searchParams.getAll('login_redirect_url'), ['https://a.example/l']);
});
