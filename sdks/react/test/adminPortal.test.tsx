import assert from 'node:assert/strict';
import test from 'node:test';
import { StrictMode } from 'react';
import { act as acting, create, type ReactTestRenderer } from 'react-test-renderer';
import { type AdminPortalEvent, AdminPortalSSO } from '../src/adminPortal.js';

const LINK = 'https://auth.example.com/setup/start/token';

/** A window that is heard, and the one in the frame. */
function windows() {
  const heard = new Set<(event: unknown) => void>();
  const told: unknown[][] = [];
  const inner = { postMessage: (...args: unknown[]) => told.push(args) };
  Object.assign(globalThis, {
    addEventListener: (_: string, hear: (event: unknown) => void) => heard.add(hear),
    removeEventListener: (_: string, hear: (event: unknown) => void) => heard.delete(hear),
  });
  const say = (data: unknown, { origin = 'https://auth.example.com', source = inner as unknown } = {}) =>
    act(() => heard.forEach((hear) => hear({ data, origin, source })));
  return { heard, told, inner, say };
}

async function act(run: () => unknown): Promise<void> {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  await acting(async () => {
    await run();
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  });
}

test('a link is asked for once, put into a frame, and the frame is as high as what is in it', async () => {
  const { heard, inner, say, told } = windows();
  const events: AdminPortalEvent[] = [];
  let asked = 0;
  const setupLink = async () => (asked++, LINK);
  let tree!: ReactTestRenderer;
  const drawn = (colorScheme: 'light' | 'dark') => (
    <StrictMode>
      <AdminPortalSSO setupLink={setupLink} colorScheme={colorScheme} onEvent={(event) => events.push(event)} config={{ testLoginRedirectURL: '/' }} />
    </StrictMode>
  );
  await act(() => (tree = create(drawn('dark'), { createNodeMock: () => ({ contentWindow: inner }) })));
  assert.equal(asked, 1);
  const frame = () => tree.root.findByType('iframe').props;
  assert.deepEqual([frame().src, frame().allow, frame().title, frame().height], [LINK, 'clipboard-write', 'Single sign-on', 600]);
  await say({ type: 'vestibule.resize', height: 431 });
  assert.equal(frame().height, 431);
  await say({ type: 'vestibule.ready' });
  assert.deepEqual(told.at(-1), [{ type: 'vestibule.theme', scheme: 'dark' }, 'https://auth.example.com']);
  await act(() => tree.update(drawn('light')));
  assert.deepEqual(told.at(-1), [{ type: 'vestibule.theme', scheme: 'light' }, 'https://auth.example.com']);
  await say({ type: 'vestibule.enabled', connection_id: 'saml-connection-1' });
  assert.deepEqual(events, [{ type: 'ready' }, { type: 'enabled', connection_id: 'saml-connection-1' }]);
  await act(() => tree.unmount());
  assert.equal(heard.size, 0);
});

test('nobody else is heard', async () => {
  const { say, inner } = windows();
  const events: AdminPortalEvent[] = [];
  let tree!: ReactTestRenderer;
  const props = { setupLink: async () => LINK, onEvent: (event: AdminPortalEvent) => events.push(event) };
  await act(() => (tree = create(<AdminPortalSSO {...props} />, { createNodeMock: () => ({ contentWindow: inner }) })));
  await say({ type: 'vestibule.close' }, { origin: 'https://other.example.com' });
  await say({ type: 'vestibule.close' }, { source: {} });
  for (const data of [null, 'vestibule', { type: 'other.close' }, { type: 7 }]) await say(data);
  assert.deepEqual(events, []);
  assert.equal(tree.root.findByType('iframe').props.height, 600);
});

test('that there is no link is told, and nothing is drawn', async () => {
  windows();
  const errors: unknown[] = [];
  let tree!: ReactTestRenderer;
  const setupLink = () => Promise.reject(new Error('not signed in'));
  await act(() => (tree = create(<AdminPortalSSO setupLink={setupLink} onError={(error) => errors.push(error)} />)));
  assert.equal(tree.toJSON(), null);
  assert.match(String(errors[0]), /not signed in/);
});
