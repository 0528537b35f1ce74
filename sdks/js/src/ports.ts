import { type KernelOptions, loopback, memoryStore, type Ports, type Store } from '@vestibule/core';

/** What a client is made with in a browser. */
export interface BrowserOptions extends KernelOptions {
  /** Instead of the page's own. */
  fetch?: typeof fetch;
  /** Of the cookies, as they are written there: `;path=/;domain=example.com`. */
  cookieScope?: string;
}

/** The local storage, or memory where the browser keeps none: then nobody is signed in after the next page load, and it says so. */
function localStore(): Store {
  try {
    const storage = localStorage;
    return {
      get: (key) => storage.getItem(key),
      set: (key, value) => storage.setItem(key, value),
      remove: (key) => storage.removeItem(key),
      watch: (changed) => listen(window, 'storage', (event) => changed((event as StorageEvent).key)),
    };
  } catch {
    console.warn('vestibule: no storage');
    return memoryStore();
  }
}

/** Cookies that script may read, so that the application's server gets them too. */
function cookies(scope = ';path=/'): Store {
  const set = (key: string, value: string, expires?: number) => {
    const until = expires === undefined ? '' : `;expires=${new Date(expires).toUTCString()}`;
    document.cookie = `${key}=${value}${scope};samesite=lax${loopback(location.hostname) ? '' : ';secure'}${until}`;
  };
  return {
    get: (key) => `; ${document.cookie}`.split(`; ${key}=`)[1]?.split(';')[0] || null,
    set,
    remove: (key) => set(key, '', 0),
  };
}

function listen(target: EventTarget, name: string, run: (event: Event) => void): () => void {
  target.addEventListener(name, run);
  return () => target.removeEventListener(name, run);
}

async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  // Browsers have Web Crypto on https and on this machine only.
  if (crypto.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
  console.warn('vestibule: no https');
  return (await import('@vestibule/core/sha256')).sha256(bytes);
}

/**
 * The browser, for the core. On a server that renders a page for it there is memory and nobody to look: the client then knows its seed,
 * and asks for nothing by itself.
 */
export function browserPorts({ session, cookieScope, fetch: own = fetch }: BrowserOptions): Ports {
  const memory = memoryStore();
  const somewhere = globalThis.document;
  const store = somewhere ? localStore() : memory;
  const shared = somewhere && session !== 'memory';
  let queue: Promise<unknown> = Promise.resolve();
  return {
    async transport({ url, ...init }, signal) {
      // With credentials, as the cookies of the HttpOnly mode need it.
      const answer = await own(url, { ...init, signal: signal as globalThis.AbortSignal, credentials: 'include' });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    store: shared ? store : memory,
    begun: store,
    secrets: shared ? cookies(cookieScope) : memory,
    clock: {
      now: Date.now,
      after(milliseconds, run) {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    sha256: digest,
    async navigate(url) {
      location.assign(await url);
    },
    lock: (name, critical) =>
      somewhere && navigator.locks
        ? // What one tab has stored is seen by another a moment after its lock.
          navigator.locks.request(name, async () => (await critical()) && new Promise((resolve) => setTimeout(resolve, 99)))
        : // One after the other, at least within this page.
          (queue = queue.then(critical)),
    ...(somewhere && {
      attention: {
        visible: () => !document.hidden,
        online: () => navigator.onLine,
        watch(changed) {
          const unseen = listen(document, 'visibilitychange', changed);
          const offline = listen(window, 'online', changed);
          return () => (unseen(), offline());
        },
      },
    }),
  };
}
