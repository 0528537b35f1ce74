import { patient, type Signalled } from './abort.js';
import type { Kernel } from './kernel.js';
import type { OAuthDiscoveryStart, OAuthStart, SSOStart } from './types/params.js';

type Start = SSOStart | OAuthStart | OAuthDiscoveryStart;

/**
 * Where a browser begins to sign in: each of `options` is a parameter there. Asking for it begins an attempt, which can be finished in
 * this browser only.
 */
const startUrl = patient(async ({ publicToken, base, begun }: Kernel, flow: 'sso' | 'oauth', path: string, options: Start & Signalled): Promise<string> => {
  const { state, provider_params, organization_slug: slug, signal, ...rest } = options as SSOStart & OAuthStart & Signalled;
  const given: object = { public_token: publicToken, ...rest, slug, pkce_code_challenge: await begun.begin(flow, state) };
  const all = [...Object.entries(given), ...Object.entries(provider_params ?? {}).map(([name, value]) => [`provider_${name}`, value])];
  const query = all
    .filter(([, value]) => value)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent([value].flat().join(' '))}`);
  return `${base}/v1${path}/start?${query.join('&')}`;
});

/** The same with a company's provider. */
export const ssoUrl = (kernel: Kernel, options: SSOStart): Promise<string> => startUrl(kernel, 'sso', '/public/sso', options);

/** The same with a provider of everybody's; `provider` names it. */
export const oauthUrl = (kernel: Kernel, provider: string, options: OAuthStart & OAuthDiscoveryStart): Promise<string> =>
  startUrl(kernel, 'oauth', `/b2b/public/oauth/${provider}`, options);
