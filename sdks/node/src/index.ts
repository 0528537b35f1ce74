import type { Held, Member, MemberSession, Organization } from '@vestibule/core';
import { keySet } from './jwks.js';

export interface VerifierOptions {
  projectId: string;
  /** The server's address. */
  baseUrl: string;
  /** Instead of the global one. */
  fetch?: typeof fetch;
  /** In milliseconds since 1970. */
  now?: () => number;
}

/** Why a session JWT was not taken. */
export class SessionInvalid extends Error {
  override readonly name = 'SessionInvalid';
  constructor(readonly reason: 'malformed' | 'algorithm' | 'key' | 'signature' | 'issuer' | 'audience' | 'expired' | 'not-yet') {
    super(`the session JWT is not taken: ${reason}`);
  }
}

interface Claims {
  iss: string;
  aud: string | string[];
  sub: string;
  exp: number;
  nbf: number;
  'https://stytch.com/session': Omit<MemberSession, 'member_session_id' | 'member_id' | 'organization_id' | 'organization_slug'> & {
    id: string;
  };
  'https://stytch.com/organization': { organization_id: string; slug: string };
}

/** Clocks of two machines differ. */
const SKEW = 60;
const own = ['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'jti', 'https://stytch.com/session', 'https://stytch.com/organization'];

/** One part of a JWT, which anybody may have written. */
function part<T extends object>(text: string): T {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof read === 'object' && read && !Array.isArray(read)) return read as T;
  } catch {
    // Refused below.
  }
  throw new SessionInvalid('malformed');
}

/** A function that tells whose session a JWT is, without asking the server each time. It throws `SessionInvalid`. */
export function sessionVerifier({ projectId, baseUrl, fetch: ask = fetch, now = Date.now }: VerifierOptions) {
  const base = baseUrl.replace(/\/+$/, '');
  const keyOf = keySet(`${base}/v1/b2b/sessions/jwks/${projectId}`, ask, now);

  return async function verifySession(jwt: string): Promise<MemberSession> {
    const [head, body, signature, ...more] = jwt.split('.');
    if (!head || !body || !signature || more.length) throw new SessionInvalid('malformed');
    const { alg, kid, typ } = part<{ alg: string; kid: string; typ: string }>(head);
    // The algorithm is ours to say, not the token's.
    if (alg !== 'RS256' || typ !== 'JWT') throw new SessionInvalid('algorithm');
    const key = await keyOf(String(kid));
    if (!key) throw new SessionInvalid('key');
    const signed = Buffer.from(`${head}.${body}`);
    if (!(await crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, Buffer.from(signature, 'base64url'), signed))) {
      throw new SessionInvalid('signature');
    }
    const claims = part<Claims>(body);
    if (claims.iss !== `stytch.com/${projectId}` && claims.iss !== base) throw new SessionInvalid('issuer');
    if (![claims.aud].flat().includes(projectId)) throw new SessionInvalid('audience');
    const seconds = now() / 1000;
    if (!(seconds < claims.exp)) throw new SessionInvalid('expired');
    if (!(claims.nbf <= seconds + SKEW)) throw new SessionInvalid('not-yet');
    return sessionOf(claims);
  };
}

function sessionOf(claims: Claims): MemberSession {
  const { id, ...session } = claims['https://stytch.com/session'];
  const { organization_id, slug } = claims['https://stytch.com/organization'];
  const custom = Object.entries(claims).filter(([name]) => !own.includes(name));
  return {
    ...session,
    member_session_id: id,
    member_id: claims.sub,
    organization_id,
    organization_slug: slug,
    ...(custom.length && { custom_claims: Object.fromEntries(custom) }),
  };
}

/** The cookies of a `Cookie` header, by name. */
export function parseCookies(header: string | null | undefined): Record<string, string> {
  const found = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    // The one for the nearest path comes first (RFC 6265 section 5.4).
    if (at > 0 && !found.has(name)) found.set(name, pair.slice(at + 1).trim());
  }
  return Object.fromEntries(found);
}

export interface CookieAttributes {
  expires?: Date;
  maxAge?: number;
  path?: string;
  domain?: string;
  secure?: boolean;
  httpOnly?: boolean;
  sameSite?: 'Lax' | 'Strict' | 'None';
}

/** One `Set-Cookie` header. What would end the cookie early is refused. */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes = {}): string {
  const { expires, maxAge, path = '/', domain, secure = true, httpOnly = true, sameSite = 'Lax' } = attributes;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value)) {
    throw new TypeError(`a cookie cannot hold this name or value: ${name}`);
  }
  if (/[;\r\n]/.test(`${path}${domain ?? ''}`)) throw new TypeError('a cookie cannot have this path or domain');
  return [
    `${name}=${value}`,
    `Path=${path}`,
    domain && `Domain=${domain}`,
    expires && `Expires=${expires.toUTCString()}`,
    maxAge !== undefined && `Max-Age=${maxAge}`,
    `SameSite=${sameSite}`,
    secure && 'Secure',
    httpOnly && 'HttpOnly',
  ]
    .filter(Boolean)
    .join('; ');
}

/**
 * The `initialState` of a page: who is signed in, by the cookies of its request. Null when nobody is, or not provably so. `load` may fetch
 * member and organization from your database or the server; without it the browser asks for them.
 */
export async function seedFromCookies(
  cookies: string | Record<string, string | undefined> | null | undefined,
  verify: (jwt: string) => Promise<MemberSession>,
  load?: (session: MemberSession) => Promise<{ member: Member; organization: Organization }>,
): Promise<Held | null> {
  const all: Record<string, string | undefined> = typeof cookies === 'string' ? parseCookies(cookies) : (cookies ?? {});
  const jwt = all['stytch_session_jwt'];
  if (!jwt) return null;
  try {
    const session = await verify(jwt);
    return { session, ...((await load?.(session)) ?? { member: null, organization: null }) };
  } catch (error) {
    if (error instanceof SessionInvalid) return null;
    throw error;
  }
}

export { type AuthenticatorOptions, sessionAuthenticator } from './authenticator.js';
export type { Held, Member, MemberSession, Organization };
