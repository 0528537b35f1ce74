import { type Ports, type Store, StytchSDKError } from '@vestibule/core';
import { sha256 } from '@vestibule/core/sha256';
import type { NativeParts } from './parts.js';

/** A store over one sealed item: read once, then answered from memory, and written through in the order of the changes. */
function sealed({ storage }: NativeParts, key: string): Store & { loaded: Promise<void> } {
  let values: Record<string, string> = {};
  let writing: Promise<unknown>;
  const loaded = storage.get(key).then(
    (text) => {
      values = { ...(JSON.parse(text ?? '{}') as Record<string, string>), ...values };
    },
    // What cannot be read is as good as gone: the person signs in again.
    () => undefined,
  );
  writing = loaded;
  const write = () => {
    writing = writing.then(() => storage.set(key, JSON.stringify(values))).catch(() => undefined);
  };
  return {
    loaded,
    get: (name) => values[name] ?? null,
    set(name, value) {
      values[name] = value;
      write();
    },
    remove(name) {
      delete values[name];
      write();
    },
  };
}

/** The phone, for the core. */
export function nativePorts(parts: NativeParts, publicToken: string): Ports {
  // Two items, because what is cached may be larger than what a keychain takes, and tokens must be kept all the same.
  const secrets = sealed(parts, `stytch_sdk_state_${publicToken}`);
  const store = sealed(parts, `stytch_sdk_state_${publicToken}_cache`);
  let queue: Promise<unknown> = Promise.resolve();
  return {
    async transport({ url, ...init }, signal) {
      const answer = await fetch(url, { ...init, signal: signal as never, credentials: 'omit' });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    store,
    secrets,
    begun: secrets,
    loaded: Promise.all([secrets.loaded, store.loaded]),
    clock: {
      now: Date.now,
      after(milliseconds, run) {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    random: (bytes) => parts.random(bytes),
    sha256: async (bytes) => sha256(bytes),
    async navigate(url) {
      const address = await url;
      const returnsTo = decodeURIComponent(/[?&]login_redirect_url=([^&]*)/.exec(address)?.[1] ?? '') || undefined;
      const back = await parts.authenticate(address, returnsTo);
      if (back === null) throw new StytchSDKError('cancelled', 'the person closed the browser');
      return back;
    },
    lock: (_, critical) => (queue = queue.then(critical)),
    attention: { visible: () => parts.front.now(), online: () => true, watch: (changed) => parts.front.watch(changed) },
  };
}
