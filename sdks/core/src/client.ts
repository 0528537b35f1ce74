import { patient, type Signalled } from './abort.js';
import { call } from './call.js';
import { type Brought, type CallbackOptions, type Handled, handles, redeemBrought, type Redeemers, type Returned } from './callback.js';
import type { Kernel, Tokens } from './kernel.js';
import { type Calls, methods } from './methods.js';
import { projectOf } from './project.js';
import { rbac } from './rbac.js';
import type { Row } from './row.js';
import { oauthUrl, ssoUrl } from './start.js';
import { held, type Held, kept, print, type Status } from './state.js';
import type { Member, MemberSession, Organization } from './types/generated.js';
import type * as P from './types/params.js';
import type * as R from './types/results.js';

/** What the page is, for the client: its address, and how to change it without a request. */
export interface Page {
  /** Reads an address, the page's own by default. */
  read(href?: string): Brought | null;
  replace(href: string): void;
}

/** One of the three objects as it is known now, with its changes. */
export interface Known<T> {
  /** From memory; null when there is none. */
  getSync(): T | null;
  onChange(changed: (value: T | null) => void): () => void;
}

/** What `onStateChange` tells: nothing of it when nobody is signed in. */
export type Changed = { session?: MemberSession; member?: Member; organization?: Organization };

type OAuthStarts = Record<
  'google' | 'microsoft' | 'hubspot' | 'slack' | 'github',
  { start(options: P.OAuthStart & Signalled): Promise<void>; discovery: { start(options?: P.OAuthDiscoveryStart & Signalled): Promise<void> } }
>;

type Account = Known<Member> & { getInfo(): { member: Member | null; fromCache: boolean } };

/** The whole client, in the official shape and with what is ours. */
export type B2BClient = Calls<typeof methods> & {
  readonly sso: {
    /** Goes to the provider. */
    start(options: P.SSOStart & Signalled): Promise<void>;
    /** Where `start` would go, for a link. */
    url(options: P.SSOStart & Signalled): Promise<string>;
  };
  readonly oauth: OAuthStarts;
  readonly session: Known<MemberSession> & {
    getInfo(): { session: MemberSession | null; fromCache: boolean };
    getTokens(): Tokens | null;
    updateSession(tokens: { session_token: string; session_jwt?: string | null }): void;
    revoke(options?: { forceClear?: boolean } & Signalled): Promise<R.Answer>;
  };
  readonly self: Account;
  readonly member: Account;
  readonly organization: Known<Organization> & { getInfo(): { organization: Organization | null; fromCache: boolean } };
  readonly rbac: ReturnType<typeof rbac>;
  authenticateByUrl(options: CallbackOptions, href?: string): Promise<Handled | null>;
  parseAuthenticateUrl(href?: string): Returned | null;
  onStateChange(changed: (state: Changed) => void): () => void;
  /** Where the person stands. */
  readonly status: Status;
  subscribe(changed: () => void): () => void;
  /** Resolves with the first verdict. */
  ready(options?: Signalled): Promise<void>;
  /** Asks now whether the session still is. */
  refresh(): Promise<void>;
  destroy(): void;
};

/** What is behind a client, whichever kind it is: for hooks and functions. */
export const kernelOf = (client: object): Kernel => (client as { kernel?: Kernel }).kernel ?? (client as Kernel);

type Tree = { [name: string]: string | Tree };
type Bag = Record<string, unknown>;
type Run = (row: Row) => (...args: unknown[]) => Promise<unknown>;

/** Every row of the table as a function. */
const calls = (run: Run, tree: Tree): Bag =>
  Object.fromEntries(
    Object.entries(tree).map(([name, row]) => [name, typeof row === 'string' ? run(row) : calls(run, row)]),
  );

/** Calls `changed` when what `read` reads differs, and with the server's first word in any case. */
function watch<T>(kernel: Kernel, read: () => T, changed: (value: T) => void): () => void {
  const mark = () => print(read()) + kernel.state.fromCache;
  let before = mark();
  return kernel.subscribe(() => {
    if (before !== (before = mark())) changed(read());
  });
}

/** One of the three objects, as the client has it. */
function known(kernel: Kernel, name: keyof Held) {
  const getSync = () => held(kernel.state)?.[name] ?? null;
  return {
    getSync,
    getInfo: () => ({ [name]: getSync(), fromCache: kernel.state.fromCache }),
    onChange: (changed: (value: unknown) => void) => watch(kernel, getSync, changed),
  };
}

/** Makes `target` the client of `kernel`. */
export function shape<T extends object>(target: T, kernel: Kernel, page: Page): T & B2BClient {
  const project = projectOf(kernel);
  const run: Run = (row) => patient((...args) => call(kernel, project, row, args));
  const all = calls(run, methods as unknown as Tree) as Record<keyof typeof methods, Bag>;
  const { sso, oauth, magicLinks, impersonation } = all as unknown as Calls<typeof methods>;
  // What else an address can bring. Minutes go where a session comes of it.
  const redeemers: Redeemers = {
    sso: (_, sso_token, minutes) => sso.authenticate({ sso_token, ...minutes }),
    oauth: (_, oauth_token, minutes) => oauth.authenticate({ oauth_token, ...minutes }),
    discovery: (_, discovery_magic_links_token) => magicLinks.discovery.authenticate({ discovery_magic_links_token }),
    discovery_oauth: (_, discovery_oauth_token) => oauth.discovery.authenticate({ discovery_oauth_token }),
    multi_tenant_magic_links: (_, magic_links_token, minutes) => magicLinks.authenticate({ magic_links_token, ...minutes }),
    multi_tenant_impersonation: (_, impersonation_token) => impersonation.authenticate({ impersonation_token }),
  };
  const { navigate } = kernel.ports;
  const url = (options: P.SSOStart) => ssoUrl(kernel, options);
  Object.assign(all.sso, { url, start: (options: P.SSOStart) => navigate(url(options)) });
  for (const provider of ['google', 'microsoft', 'hubspot', 'slack', 'github']) {
    const to = (path: string) => (options: P.OAuthStart = {}) => navigate(oauthUrl(kernel, path, options));
    all.oauth[provider] = { start: to(provider), discovery: { start: to(`${provider}/discovery`) } };
  }
  Object.assign(all.session, known(kernel, 'session'), kernel.session);
  Object.assign(all.self, known(kernel, 'member'));
  Object.assign(all.organization, known(kernel, 'organization'));
  const { subscribe, ready, refresh, destroy } = kernel;
  Object.assign(target, all, {
    member: all.self,
    rbac: rbac(kernel, project),
    async authenticateByUrl(options: CallbackOptions, href?: string) {
      const found = page.read(href);
      if (!found) return null;
      if (handles(redeemers, found.tokenType) && (options.clearParams ?? !href)) page.replace(found.rest);
      return redeemBrought(kernel, redeemers, found, options);
    },
    parseAuthenticateUrl(href?: string) {
      const found = page.read(href);
      return found && { handled: handles(redeemers, found.tokenType), tokenType: found.tokenType, token: found.token };
    },
    onStateChange: (changed: (state: Changed) => void) => watch(kernel, () => (kept(kernel.state) ?? {}) as Changed, changed),
    subscribe,
    ready,
    refresh,
    destroy,
  });
  Object.defineProperties(target, { kernel: { value: kernel }, status: { get: () => kernel.state.status } });
  return target as T & B2BClient;
}
