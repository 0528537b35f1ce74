import assert from 'node:assert/strict';
import test from 'node:test';
import { shape } from '@vestibule/core';
import type { ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { act as acting, create, type ReactTestRenderer } from 'react-test-renderer';
import { Browser, Clock, member, nowhere, organization, Server, session, signedIn, tab, TOKEN } from '../../core/test/fakes.js';
import {
  StytchB2BProvider,
  useStytchB2BClient,
  useStytchIsAuthorized,
  useStytchMember,
  withStytchB2BClient,
  withStytchMember,
  withStytchMemberSession,
  withStytchOrganization,
  withStytchPermissions,
} from '../src/hooks.js';

const policy = {
  roles: [{ role_id: 'stytch_member', permissions: [{ resource_id: 'stytch.self', actions: ['*'] }] }],
  resources: [{ resource_id: 'stytch.self', actions: ['delete'] }, { resource_id: 'stytch.sso', actions: ['create'] }],
  scopes: [],
};

/** A client of somebody who is remembered, before the server has been asked. */
function remembered() {
  const clock = new Clock();
  const browser = new Browser();
  const server = new Server();
  browser.cookies.set('stytch_session', 'opaque');
  browser.values.set(`stytch_sdk_state_${TOKEN}`, JSON.stringify({ session: session(clock), member, organization }));
  server.answer = ({ url }) => ({ data: url.includes('bootstrap') ? { rbac_policy: policy } : signedIn(clock) });
  const { kernel } = tab({}, { clock, browser, server });
  return { client: shape({}, kernel as never, nowhere), kernel, server, clock };
}

async function act(run: () => unknown): Promise<void> {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  await acting(async () => {
    await run();
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
  });
}

async function drawn(element: ReactElement): Promise<ReactTestRenderer> {
  let tree!: ReactTestRenderer;
  await act(() => (tree = create(element)));
  return tree;
}
const text = (tree: ReactTestRenderer) => JSON.stringify(tree.toJSON());

test('a hook outside of a provider says so', () => {
  const Lost = () => <p>{String(useStytchB2BClient())}</p>;
  assert.throws(() => renderToString(<Lost />), /there is no provider around this component/);
});

test('hooks say who is signed in, from what is remembered and then from the server', async () => {
  const { client, server, clock } = remembered();
  let answer: (said: never) => void = () => undefined;
  server.answer = () => new Promise<never>((resolve) => (answer = resolve));
  const seen: string[] = [];
  const Who = () => {
    const { member: who, isInitialized, fromCache } = useStytchMember();
    seen.push(`${who?.email_address} ${isInitialized} ${fromCache}`);
    return null;
  };
  await drawn(<StytchB2BProvider stytch={client}><Who /></StytchB2BProvider>);
  await act(() => answer({ data: signedIn(clock) } as never));
  assert.deepEqual([...new Set(seen)], ['a@acme.example true true', 'a@acme.example true false']);
});

test('an inner provider wins', async () => {
  const [outer, inner] = [{ name: 'outer' }, { name: 'inner' }];
  const Which = () => <p>{(useStytchB2BClient() as unknown as { name: string }).name}</p>;
  const tree = await drawn(<StytchB2BProvider stytch={outer}><StytchB2BProvider stytch={inner}><Which /></StytchB2BProvider></StytchB2BProvider>);
  assert.match(text(tree), /inner/);
});

test('a permission is drawn again when it changes, and not otherwise', async () => {
  const { client, kernel } = remembered();
  let [draws, other] = [0, 0];
  const May = () => (draws++, (<p>{String(useStytchIsAuthorized('stytch.self', 'delete').isAuthorized)}</p>));
  const Who = () => (other++, (<i>{useStytchMember().member?.name}</i>));
  const tree = await drawn(<StytchB2BProvider stytch={client}><May /><Who /></StytchB2BProvider>);
  assert.match(text(tree), /true/);
  const before = [draws, other];
  await act(() => kernel.amend({ member: { ...member, name: 'Renamed' } as never }));
  assert.deepEqual([draws, other > before[1]!], [before[0], true]);
  await act(() => kernel.session.revoke({ forceClear: true }));
  assert.match(text(tree), /false/);
});

test('components of the older kind are given the same by their props', async () => {
  const { client } = remembered();
  const given: Record<string, unknown> = {};
  const Plain = (props: object) => (Object.assign(given, props), null);
  const All = withStytchB2BClient(withStytchMember(withStytchMemberSession(withStytchOrganization(withStytchPermissions(Plain as never) as never) as never) as never) as never);
  await drawn(<StytchB2BProvider stytch={client}><All {...({ own: 1 } as object)} /></StytchB2BProvider>);
  assert.equal(given['own'], 1);
  assert.equal(given['stytch'], client);
  assert.deepEqual(Object.keys(given).sort(), [
    'own', 'stytch', 'stytchMember', 'stytchMemberIsFromCache', 'stytchMemberIsInitialized', 'stytchMemberSession',
    'stytchMemberSessionIsFromCache', 'stytchMemberSessionIsInitialized', 'stytchOrganization', 'stytchOrganizationIsFromCache',
    'stytchOrganizationIsInitialized', 'stytchPermissions',
  ]);
  assert.deepEqual(given['stytchPermissions'], { 'stytch.self': { delete: true }, 'stytch.sso': { create: false } });
});

test('on a server nothing is known before the page is alive, whatever is remembered', () => {
  const { client } = remembered();
  const Who = () => {
    const { member: who, isInitialized } = useStytchMember();
    return <p>{`${who ? 'somebody' : 'nobody'} ${isInitialized}`}</p>;
  };
  assert.match(renderToString(<StytchB2BProvider stytch={client}><Who /></StytchB2BProvider>), /nobody false/);
});
