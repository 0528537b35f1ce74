import { Window } from 'happy-dom';

/** Makes this process a page at `url`, as far as clients look. Answers how to leave it. */
export function page(url: string): { window: Window; leave(): Promise<void> } {
  const window = new Window({ url });
  // A page that is nobody's frame and has what only browsers have from Node.
  Object.assign(window, { fetch: globalThis.fetch, TextEncoder, TextDecoder });
  const names = ['window', 'self', 'document', 'localStorage', 'location', 'history', 'navigator', 'StorageEvent', 'HTMLElement', 'Node'] as const;
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const name of names) {
    const value = name === 'window' || name === 'self' ? window : (window as unknown as Record<string, unknown>)[name];
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return {
    window,
    async leave() {
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else delete (globalThis as Record<string, unknown>)[name];
      }
      await Promise.race([window.happyDOM.abort(), new Promise((resolve) => setTimeout(resolve, 200))]);
    },
  };
}
