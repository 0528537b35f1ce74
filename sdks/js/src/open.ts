import { createKernel, type Kernel, type Page } from '@vestibule/core';
import { type BrowserOptions, browserPorts } from './ports.js';

/** The page's address: what it brings, and how it is changed without a request. On a server there is none. */
export const page: Page = {
  read(href = globalThis.location?.href) {
    if (!href) return null;
    const url = new URL(href, 'http://localhost');
    const { searchParams: all } = url;
    const [tokenType, token, slug] = [all.get('stytch_token_type'), all.get('token'), all.get('slug')];
    if (!tokenType || !token) return null;
    all.delete('stytch_token_type');
    all.delete('token');
    return { tokenType, token, slug, rest: url.href };
  },
  // The router's own entry stays.
  replace: (href) => history.replaceState(history.state, '', href),
};

const registry = Symbol.for('@vestibule');
type Scope = { [registry]?: Record<string, { kernel: Kernel; users: number }> };

/** The clients of a page with the same public token are one: two would refresh twice, and each would tell its own listeners only. */
export function open(publicToken: string, base: string, options: BrowserOptions): Kernel {
  // On a server every page that is rendered has its own.
  const all = typeof document === 'object' ? ((globalThis as Scope)[registry] ??= {}) : {};
  const shared = (all[publicToken] ??= { kernel: createKernel(publicToken, base, options, browserPorts(options)), users: 0 });
  shared.users++;
  let destroy = () => {
    destroy = () => undefined;
    if (--shared.users) return;
    delete all[publicToken];
    shared.kernel.destroy();
  };
  return Object.create(shared.kernel, { destroy: { value: () => destroy() } }) as Kernel;
}
