import { type Addresses, type ClientOf, serverAddress, shape, type StytchProjectConfigurationInput } from '@vestibule/core';
import { open, page } from './open.js';
import type { BrowserOptions } from './ports.js';

/** The server, and everything else. `customBaseUrl`, `endpointOptions` and `endpoints` mean what they mean to the official packages. */
export interface StytchB2BClientOptions extends BrowserOptions, Addresses {
  cookieOptions?: {
    opaqueTokenCookieName?: string;
    jwtCookieName?: string;
    istCookieName?: string;
    path?: string;
    /** Counts with `availableToSubdomains` only. */
    domain?: string;
    availableToSubdomains?: boolean;
  };
}

/** The client in the official shape: every method of the documents, by the same names and with the same arguments. */
class Client {
  constructor(publicToken: string, options: StytchB2BClientOptions = {}) {
    const { base, hidden } = serverAddress(publicToken, options);
    const { opaqueTokenCookieName, jwtCookieName, istCookieName, path = '/', availableToSubdomains, domain } = options.cookieOptions ?? {};
    const kernel = open(publicToken, base, {
      ...(hidden && { session: 'http-only' }),
      tokenNames: [opaqueTokenCookieName, jwtCookieName, istCookieName],
      cookieScope: `;path=${path}${availableToSubdomains ? `;domain=${domain ?? location.hostname}` : ''}`,
      ...options,
    });
    shape(this, kernel, page);
  }
}

export type StytchB2BClient<C extends StytchProjectConfigurationInput = Stytch.DefaultProjectConfiguration> = ClientOf<C>;
/** Its members are made from the table of methods. */
export const StytchB2BClient = Client as unknown as new <C extends StytchProjectConfigurationInput = Stytch.DefaultProjectConfiguration>(
  publicToken: string,
  options?: StytchB2BClientOptions,
) => StytchB2BClient<C>;

/** The same as a function. On a server it knows its `initialState`, and asks for nothing by itself. */
export const createStytchB2BClient = <C extends StytchProjectConfigurationInput = Stytch.DefaultProjectConfiguration>(
  publicToken: string,
  options?: StytchB2BClientOptions,
): StytchB2BClient<C> => new StytchB2BClient<C>(publicToken, options);

/** Older names of the same. */
export { StytchB2BClient as StytchB2BHeadlessClient, createStytchB2BClient as createStytchB2BHeadlessClient };

export {
  isVestibuleError,
  StytchAPIError,
  StytchAPIError as StytchSDKAPIError,
  StytchAPISchemaError,
  StytchAPISchemaError as StytchSDKSchemaError,
  StytchAPIUnreachableError,
  StytchAPIUnreachableError as SDKAPIUnreachableError,
  StytchError,
  StytchSDKError,
  StytchSDKUsageError,
} from '@vestibule/core';
export type * from '@vestibule/core';
