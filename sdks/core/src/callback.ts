import { StytchSDKError } from './errors.js';
import type { Kernel } from './kernel.js';
import { authenticateSso } from './redemption.js';
import { held } from './state.js';
import type { Duration, Localized } from './types/params.js';
import type { AuthenticateResponse, DiscoveryResponse } from './types/results.js';

export interface CallbackOptions extends Duration, Localized {
  /** Whether token and type are taken out of the address bar first: by default when the address is the page's own. */
  clearParams?: boolean;
}

/** The kinds of token that an address can bring, each with what redeems it. */
export type Redeemers = Record<string, (kernel: Kernel, token: string, minutes: Duration & Localized) => Promise<AuthenticateResponse | DiscoveryResponse>>;

/** A sign-in with a company's provider, which is all that a page may need. */
export const sso: Redeemers = {
  sso: (kernel, sso_token, minutes) => authenticateSso(kernel, { sso_token, ...minutes }),
};

/** The same for those that began in this browser: the server refuses one that began at the provider, whatever was begun here beside it. */
export const begunHere: Redeemers = {
  sso: (kernel, sso_token, minutes) => authenticateSso(kernel, { sso_token, solicited_only: true, ...minutes }),
};

/** What `parseAuthenticateUrl` says of an address. */
export interface Returned {
  handled: boolean;
  tokenType: string;
  token: string;
}

/** What an address brings back, as it was read. `rest` is the address without it. */
export interface Brought {
  tokenType: string;
  token: string;
  slug: string | null;
  rest: string;
}

export interface Strictness {
  /** Also takes a token for which nothing was begun here: a sign-in that the provider began, or that somebody else did. */
  allowUnsolicited?: boolean;
  /** Asked before somebody who is signed in is replaced by a member of another organization. */
  confirm?: (to: { organization_slug: string }) => boolean | Promise<boolean>;
}

export type Handled =
  | {
      handled: true;
      tokenType: 'sso' | 'oauth' | 'multi_tenant_magic_links' | 'multi_tenant_impersonation';
      data: AuthenticateResponse;
      /** What `start` was given to keep. */
      state?: unknown;
    }
  | { handled: true; tokenType: 'discovery' | 'discovery_oauth'; data: DiscoveryResponse; state?: unknown }
  | { handled: false; tokenType: string; token: string };

/** Whether a kind of token can be redeemed. Anybody writes addresses: what every object has is no kind of token. */
export const handles: (redeemers: Redeemers, tokenType: string) => boolean = Object.hasOwn;

/** Redeems what an address has brought. */
export async function redeemBrought(kernel: Kernel, redeemers: Redeemers, found: Brought, options: CallbackOptions): Promise<Handled> {
  const { tokenType, token } = found;
  if (!handles(redeemers, tokenType)) return { handled: false, tokenType, token };
  const { session_duration_minutes, locale } = options;
  const data = await redeemers[tokenType]!(kernel, token, { session_duration_minutes, locale });
  return { handled: true, tokenType, data, state: (data as { state?: unknown }).state } as Handled;
}

/** A token that this browser did not ask for would sign a person in as somebody else without their knowing. */
export async function guard(kernel: Kernel, { slug }: Brought, { allowUnsolicited, confirm }: Strictness = {}): Promise<void> {
  if (!allowUnsolicited && !kernel.begun.of('oauth').length) {
    const error = new StytchSDKError('pkce', 'not begun in this browser', 'missing');
    error.attempt = 'other-browser';
    throw error;
  }
  const now = held(kernel.state);
  if (now && slug && slug !== now.session.organization_slug && !(await confirm?.({ organization_slug: slug }))) {
    throw new StytchSDKError('cancelled', 'another member is signed in, and `confirm` did not let this one in');
  }
}
