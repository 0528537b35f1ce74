import {
  type Addresses,
  type AuthenticateResponse,
  type B2BClient,
  begunHere,
  createKernel,
  guard,
  type Handled,
  type KernelOptions,
  type OAuthStart,
  readAddress,
  redeemBrought,
  serverAddress,
  shape,
  type SSOStart,
} from '@vestibule/core';
import { bare } from './bare.js';
import type { NativeParts } from './parts.js';
import { nativePorts } from './ports.js';

export interface StytchB2BClientOptions extends KernelOptions, Addresses {
  /** Of `@vestibule/react-native/expo` or `/bare`. Without it, a sign-in ends with the application. */
  native?: NativeParts;
}

type Start = SSOStart & {
  /** Of the session, because `start` finishes what it began: 60 by default. */
  session_duration_minutes?: number;
};

/** The client in the official shape, over a phone. */
export class StytchB2BClient {
  constructor(publicToken: string, options: StytchB2BClientOptions = {}) {
    const { base } = serverAddress(publicToken, options);
    const ports = nativePorts(options.native ?? bare(), publicToken);
    const kernel = createKernel(publicToken, base, options, ports);
    shape(this, kernel, { read: (href) => (href ? readAddress(href) : null), replace: () => undefined });
    const begin = this.sso.start as unknown as (options: Start) => Promise<string | undefined>;
    this.handleUrl = async (url, { allowUnsolicited, ...minutes } = { session_duration_minutes: 60 }) => {
      const found = readAddress(url);
      // Whoever writes links for people to follow signs nobody in as somebody else by one.
      if (found?.tokenType !== 'sso' || allowUnsolicited) return this.authenticateByUrl(minutes, url);
      await ports.loaded;
      await guard(kernel, found, { confirm: () => true });
      return redeemBrought(kernel, begunHere, found, minutes);
    };
    Object.assign(this.sso, {
      start: async ({ session_duration_minutes = 60, ...rest }: Start) => {
        const back = await begin(rest as Start);
        const done = back && (await this.handleUrl(back, { session_duration_minutes }));
        return done && done.handled ? (done.data as AuthenticateResponse) : undefined;
      },
    });
  }

  /**
   * Finishes what a link to the application brings, also the one that it was started by; null when it brings nothing. A sign-in that was
   * not begun on this phone is refused (`pkce`, or the server's word), unless `allowUnsolicited` says that providers may begin.
   */
  handleUrl: (url: string, options?: { session_duration_minutes: number; allowUnsolicited?: boolean }) => Promise<Handled | null>;
}
// The members are made from the table of methods.
export interface StytchB2BClient extends Omit<B2BClient, 'sso'> {
  readonly sso: Omit<B2BClient['sso'], 'start'> & {
    /**
     * Opens the provider over the application, and resolves when somebody is signed in or a second factor is asked for. Rejects with
     * `cancelled` when the person closes it; resolves with nothing when it comes back as a link, which `handleUrl` takes.
     */
    start(options: Start): Promise<AuthenticateResponse | undefined>;
  };
}

export const createStytchB2BClient = (publicToken: string, options?: StytchB2BClientOptions): StytchB2BClient =>
  new StytchB2BClient(publicToken, options);

export type { NativeParts, OAuthStart };
export {
  isVestibuleError,
  StytchAPIError,
  StytchAPIUnreachableError,
  StytchError,
  StytchSDKError,
  StytchSDKUsageError,
} from '@vestibule/core';
export * from '@vestibule/react/hooks';
