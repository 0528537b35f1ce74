import {
  allows,
  authenticateSso as authenticate,
  begunHere,
  type AuthenticateResponse,
  call as callRow,
  type CallbackOptions,
  guard,
  type Handled,
  handles,
  held,
  type Kernel,
  kernelOf,
  patient,
  type ProjectOf,
  projectOf,
  redeemBrought,
  type Redeemers,
  type Row,
  type SessionResponse,
  type Signalled,
  sso,
  type SSOAuthenticate,
  type SSOStart,
  ssoUrl as urlOf,
  StytchError,
  type Status,
  type Strictness,
  type Tokens,
  type Waited,
} from '@vestibule/core';
import { open, page } from './open.js';
import { handOver, popup } from './popup.js';
import type { BrowserOptions } from './ports.js';

/** A client without methods: what it does is imported beside it, so that a page pays for what it uses. */
export interface Client {
  /** Where the person stands. */
  readonly status: Status;
  subscribe(changed: () => void): () => void;
  /** Resolves with the first verdict. */
  ready(options?: Signalled): Promise<void>;
  /** Asks now whether the session still is. */
  refresh(): Promise<void>;
  destroy(): void;
}

/** Makes a client of the server at `baseUrl`. */
export function createClient(publicToken: string, options: BrowserOptions & { baseUrl: string }): Client {
  const kernel = open(publicToken, options.baseUrl.replace(/\/$/, ''), options);
  return Object.defineProperty(kernel, 'status', { get: () => kernel.state.status }) as Kernel & Client;
}

/** Sends the person to their company's provider, unless `signal` says not to before they go. */
export const startSso = (client: object, options: SSOStart & Signalled): Promise<string | void> => {
  const kernel = kernelOf(client);
  return kernel.ports.navigate(urlOf(kernel, options));
};

/** The same in a window of its own, from a click. The page that it comes back to calls `finishPopup`. */
export async function startSsoInPopup(client: object, options: SSOStart & CallbackOptions): Promise<AuthenticateResponse> {
  const kernel = kernelOf(client);
  const found = page.read(await popup(urlOf(kernel, options)));
  if (!found) throw new StytchError('StytchError', 'the window came back without a token');
  return ((await redeemBrought(kernel, begunHere, found, options)) as { data: AuthenticateResponse }).data;
}

/** On the page that a window comes back to: whether it was one, and its opener goes on. */
export const finishPopup = (): boolean => handOver(location.href);

/** Where `startSso` would go, for a link. */
export const ssoUrl = (client: object, options: SSOStart): Promise<string> => urlOf(kernelOf(client), options);

/** Redeems a token that the application has read itself. */
export const authenticateSso = (client: object, options: SSOAuthenticate & Signalled): Promise<AuthenticateResponse> =>
  patient(authenticate)(kernelOf(client), options);

/**
 * Finishes on the page that the person comes back to: null when its address brings nothing. A token is taken only in the browser that
 * asked for it, unless `allowUnsolicited` says that providers may begin.
 */
export async function authenticateByUrl(
  client: object,
  options: CallbackOptions & Strictness & { redeemers?: Redeemers },
  href?: string,
): Promise<Handled | null> {
  const kernel = kernelOf(client);
  const found = page.read(href);
  const { redeemers = options.allowUnsolicited ? sso : begunHere } = options;
  if (!found) return null;
  if (handles(redeemers, found.tokenType)) {
    if (options.clearParams ?? !href) page.replace(found.rest);
    await guard(kernel, found, options);
  }
  return redeemBrought(kernel, redeemers, found, options);
}

/** Asks whose session it is, and extends it when given minutes. */
export const authenticateSession = (client: object, options?: { session_duration_minutes?: number } & Signalled): Promise<SessionResponse> =>
  kernelOf(client).session.authenticate(options);

/** Ends the session, here and at the server. */
export const revokeSession = (client: object, options?: { forceClear?: boolean } & Signalled): Promise<unknown> => kernelOf(client).session.revoke(options);

/** The tokens, for whoever has to send them elsewhere; null when they are in cookies that script cannot read. */
export const getTokens = (client: object): Tokens | null => kernelOf(client).session.getTokens();

const projects = new WeakMap<Kernel, ProjectOf>();
function projectFor(kernel: Kernel): ProjectOf {
  let project = projects.get(kernel);
  if (!project) projects.set(kernel, (project = projectOf(kernel)));
  return project;
}

/** Any other method, by its row: `call(client, methods.sso.getConnections)`. Its last argument may bring a signal, and may be there for that alone. */
export const call = <A extends unknown[], R>(client: object, row: Row<A, R>, ...args: Waited<A>): Promise<R> => {
  const kernel = kernelOf(client);
  return patient((...own: Waited<A>) => callRow(kernel, projectFor(kernel), row, own as unknown as A))(...args);
};

/** Whether the member may do `action` on `resource`, as far as this browser knows; asks the server for the rules the first time. */
export function can(client: object, resource: string, action: string): boolean {
  const kernel = kernelOf(client);
  return allows(projectFor(kernel).aboutNow()?.rbac_policy, held(kernel.state), resource, action);
}

export { createStytchB2BClient } from './b2b.js';
export { isVestibuleError, methods, StytchError, type VestibuleError } from '@vestibule/core';
export type { BrowserOptions, CallbackOptions, Handled, Strictness };
export type * from '@vestibule/core';
