import type { Signalled } from './abort.js';
import { attemptOf, StytchSDKError } from './errors.js';
import type { Kernel } from './kernel.js';
import type { Flow } from './row.js';
import type { SSOAuthenticate } from './types/params.js';
import type { AuthenticateResponse } from './types/results.js';

const REMEMBERED = 60_000;

/**
 * Redeems `token` once, however often it is asked for: whoever comes later gets the first one's answer. `send` is called with the
 * verifier of the newest attempt, and with the next one's while a token turns out to be another's, which does not spend it.
 */
export function redeem<T>({ begun, redemptions, ports }: Kernel, token: unknown, flow: Flow, send: (verifier?: string) => Promise<T>): Promise<T> {
  const key = token as string;
  const earlier = redemptions.get(key) as Promise<T> | undefined;
  if (earlier) return earlier;
  const forget = () => redemptions.delete(key);
  const promise = (async () => {
    if (!key) throw new StytchSDKError('usage', 'expected a token');
    const candidates = begun.of(flow);
    for (;;) {
      const candidate = candidates.shift();
      try {
        const data = await send(candidate?.code_verifier);
        if (candidate) {
          begun.end(candidate);
          Object.defineProperty(data, 'state', { value: candidate.state });
        }
        ports.clock.after(REMEMBERED, forget);
        return data;
      } catch (error) {
        const { error_type, attempt } = attemptOf(error);
        if (error_type === 'pkce_mismatch' && candidates.length) continue;
        Object.assign(error as object, { attempt });
        // Without a word of the server's it may not have been redeemed.
        if (error_type) ports.clock.after(REMEMBERED, forget);
        else forget();
        throw error;
      }
    }
  })();
  redemptions.set(key, promise);
  return promise;
}

/** The token of a sign-in with a company's provider. */
export const authenticateSso = (kernel: Kernel, { signal, ...given }: SSOAuthenticate & Signalled): Promise<AuthenticateResponse> =>
  redeem(kernel, given.sso_token, 'sso', (pkce_code_verifier) =>
    kernel.complete('/b2b/sso/authenticate', { ...given, pkce_code_verifier, intermediate_session_token: kernel.intermediate() } as object),
  );
