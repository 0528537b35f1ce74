import { createKernel, initially, type Kernel, type Page } from '@vestibule/core';
import { type BrowserOptions, browserPorts } from './ports.js';

/** The page's address: what it brings, and how it is changed without a request. On a server there is none. */
export const page: Page = {
  read(href) {
    const here = globalThis.location?.href;
    if (!(href ?? here)) return null;
    const url = new URL(href ?? here, here);
    const { searchParams: all } = url;
    const [tokenType, token] = ['stytch_token_type', 'token'].map((name) => {
      const value = all.get(name);
      all.delete(name);
      return value;
    });
    return tokenType && token ? { tokenType, token, slug: all.get('slug'), rest: url.href } : null;
  },
  // The router's own entry stays, but for the mark by which Next tells its changes from ours: it would put back what it believes is there.
  // At once, and again when a page that is coming to life has listened: parts of it do so after those inside of them.
  replace(href) {
    const change = () => history.replaceState({ ...history.state, __NA: 0 }, '', href);
    change();
    queueMicrotask(change);
  },
};

const registry = Symbol.for('@vestibule');
type Scope = { [registry]?: Record<string, { kernel: Kernel; users: Set<Kernel> }> };

/** The clients of a page with the same public token are one: two would refresh twice, and each would tell its own listeners only. */
export function open(publicToken: string, base: string, options: BrowserOptions): Kernel {
  // On a server every page that is rendered has its own.
  const all = globalThis.document ? ((globalThis as Scope)[registry] ??= {}) : {};
  const { kernel, users } = (all[publicToken] ??= { kernel: createKernel(publicToken, base, options, browserPorts(options)), users: new Set() });
  const own: Kernel = Object.assign(Object.create(kernel), {
    // What was drawn with this one's seed comes to life with it, whatever another was made with.
    initial: initially(options.initialState),
    destroy() {
      if (!users.delete(own) || users.size) return;
      delete all[publicToken];
      kernel.destroy();
    },
  });
  users.add(own);
  return own;
}
