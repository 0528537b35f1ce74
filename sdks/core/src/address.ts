import type { Brought } from './callback.js';
import { StytchSDKError } from './errors.js';

/** How the server is named: ours, and what the official packages take. */
export interface Addresses {
  /** Any address, taken as it is. */
  baseUrl?: string;
  /** A host, for https. With `http://` and a loopback host it is taken as it is. */
  customBaseUrl?: string;
  /** Deprecated spelling of `customBaseUrl`. */
  endpointOptions?: { apiDomain?: string; testApiDomain?: string; dfppaDomain?: string; dfpCdnDomain?: string };
  /** Taken as it is. */
  endpoints?: { testAPIURL?: string; liveAPIURL?: string; [more: string]: string | undefined };
}

/** Whether a host is this machine. */
export const loopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** The server's address without a slash at its end, and whether cookies that script cannot read may carry the session. */
export function serverAddress(publicToken: string, given: Addresses): { base: string; hidden: boolean } {
  const { baseUrl, customBaseUrl, endpointOptions: older = {}, endpoints = {} } = given;
  const test = publicToken.includes('public-token-test');
  const custom = customBaseUrl ?? (test ? older.testApiDomain : older.apiDomain);
  const verbatim = baseUrl ?? (custom ? '' : (test ? endpoints.testAPIURL : endpoints.liveAPIURL));
  if (!verbatim && !custom) throw new StytchSDKError('usage', 'expected baseUrl');
  const { protocol, hostname, href } = new URL(verbatim || (custom!.includes('://') ? custom! : `https://${custom}`));
  const hidden = !verbatim && !(protocol === 'http:' && loopback(hostname));
  return { base: hidden ? `https://${hostname}` : href.replace(/\/+$/, ''), hidden };
}

/** Reads what an address brings, without what only browsers have: null when it brings nothing. */
export function readAddress(href: string): Brought | null {
  const [, before = '', query = '', after = ''] = /^([^?#]*)\??([^#]*)(.*)/.exec(href) ?? [];
  const found: Record<string, string | undefined> = {};
  const rest = query.split('&').filter((pair) => {
    const [name = '', value = ''] = pair.split('=');
    try {
      found[name] ??= decodeURIComponent(value.replace(/\+/g, ' '));
    } catch {
      // Not something that we wrote.
    }
    return pair && name !== 'stytch_token_type' && name !== 'token';
  });
  const { stytch_token_type: tokenType, token, slug = null } = found;
  return tokenType && token ? { tokenType, token, slug, rest: before + (rest.length ? `?${rest.join('&')}` : '') + after } : null;
}
