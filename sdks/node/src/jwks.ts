/** A public key as a JWK set has it. */
export interface Jwk {
  kty: string;
  kid?: string;
  alg?: string;
  n?: string;
  e?: string;
}

const FRESH = 300_000;
const AGAIN = 60_000;

/**
 * The keys that sessions are signed with. They are fetched once for all who wait, kept for five minutes, and served beyond that while the
 * server is away. A key id that is not known asks at most once a minute: anybody can make one up.
 */
export function keySet(url: string, ask: typeof fetch, now: () => number) {
  let keys = new Map<string, CryptoKey>();
  let at = -Infinity;
  let tried = -Infinity;
  let running: Promise<void> | undefined;

  async function load(): Promise<void> {
    tried = now();
    const answer = await ask(url, { signal: AbortSignal.timeout(10_000), cache: 'no-store' });
    if (!answer.ok) throw new Error(`the server answered ${answer.status} for its keys`);
    const set = (await answer.json()) as { keys: Jwk[] };
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const imported = set.keys
      .filter(({ kty, kid, n, e }) => kty === 'RSA' && kid && n && e)
      .map(async ({ kty, n, e, kid }) => [kid!, await crypto.subtle.importKey('jwk', { kty, n: n!, e: e! }, algorithm, false, ['verify'])] as const);
    keys = new Map(await Promise.all(imported));
    at = now();
  }

  return async (kid: string): Promise<CryptoKey | undefined> => {
    const due = now() - at > FRESH || (!keys.has(kid) && now() - tried > AGAIN);
    if (due && (now() - tried > AGAIN || !keys.size)) running ??= load().finally(() => (running = undefined));
    // A set that is merely old does not make a caller wait for a server that is away.
    if (running) await (keys.has(kid) ? running.catch(() => undefined) : running);
    return keys.get(kid);
  };
}
