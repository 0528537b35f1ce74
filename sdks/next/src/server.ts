import { type Held, loopback, type Member, type MemberSession, type Organization, type SessionResponse, StytchSDKUsageError } from '@vestibule/core';
import { seedFromCookies, sessionAuthenticator, SessionInvalid, sessionVerifier, type VerifierOptions } from '@vestibule/node';
import { type NextRequest, NextResponse } from 'next/server.js';
import { reader, type Source } from './cookies.js';

export interface AuthOptions extends VerifierOptions {
  /** Of the project, and for servers alone: with it a session can be asked for, and a JWT that has ended is renewed in `proxy`. */
  secret?: string;
  /** Of the session token and the JWT, where they are not the usual ones. */
  tokenNames?: readonly (string | undefined)[];
  /** How a renewed JWT is written: as the client, or with `http-only` cookies the server, writes it. */
  cookies?: { domain?: string; httpOnly?: boolean };
}

export interface ProxyOptions {
  /** The path that people sign in at. */
  signIn: string;
}

/** For https alone, but on this machine, as the client has it. The host is what the browser asked for: Next says its own. */
function secured({ headers, nextUrl }: NextRequest): boolean {
  const host = headers.get('x-forwarded-host') ?? headers.get('host') ?? nextUrl.host;
  return nextUrl.protocol === 'https:' || !loopback(host.replace(/:\d+$/, ''));
}

/**
 * Who is signed in, for code on a server: pages, route handlers and actions of the App Router, `getServerSideProps` and API routes of the
 * other. JWTs are verified here, by keys that are fetched once.
 */
export function createAuth(options: AuthOptions) {
  const { secret, tokenNames: [opaque = 'stytch_session', jwt = 'stytch_session_jwt'] = [], cookies } = options;
  const verify = sessionVerifier(options);
  const ask = secret ? sessionAuthenticator({ ...options, secret }) : undefined;

  /** While the keys cannot be had, nobody is provably signed in. */
  const calmly = (token: string): Promise<MemberSession> =>
    verify(token).catch((error: unknown) => {
      throw error instanceof SessionInvalid ? error : new SessionInvalid('key');
    });

  const read = async (from: Source) => ({ stytch_session_jwt: (await reader(from))(jwt) });

  /**
   * Whose session it is, by the JWT: null when nobody's. A session that was revoked is taken until its JWT ends, at most five minutes.
   * Throws when there are no keys to verify it by: a page behind a sign-in is then not shown.
   */
  const session = async (from: Source): Promise<MemberSession | null> => (await seedFromCookies(await read(from), verify))?.session ?? null;

  /**
   * What the provider is to start from, so that the first paint knows who is signed in. `load` may fetch member and organization; without
   * it the browser asks for them. Never fails for want of the server: then nothing is known yet.
   */
  const seed = async (from: Source, load?: (session: MemberSession) => Promise<{ member: Member; organization: Organization }>): Promise<Held | null> =>
    seedFromCookies(await read(from), calmly, load);

  /** Whose session it is, as the server says now: what was revoked a moment ago is null. Needs `secret`. */
  async function authenticate(from: Source): Promise<SessionResponse | null> {
    if (!ask) throw new StytchSDKUsageError('expected `secret` in the options of createAuth: without it the server cannot be asked');
    const token = (await reader(from))(opaque);
    return token ? ask(token) : null;
  }

  /**
   * Before pages that need a session (`proxy`, or `middleware` before Next 16): lets through who has one, renews a JWT that has ended, and
   * sends everybody else to `signIn`. Each page still looks for itself, by `session` or `authenticate`.
   */
  async function proxy(request: NextRequest, { signIn }: ProxyOptions): Promise<NextResponse> {
    if (await session(request)) return NextResponse.next();
    const renewed = ask ? await authenticate(request) : null;
    if (renewed) return onward(request, renewed);
    const away = request.nextUrl.clone();
    away.pathname = signIn;
    away.search = '';
    return NextResponse.redirect(away, 303);
  }

  /** The page behind reads the new JWT already, and the browser keeps it. */
  function onward(request: NextRequest, { session_jwt, member_session }: SessionResponse): NextResponse {
    request.cookies.set(jwt, session_jwt);
    const response = NextResponse.next({ request });
    const expires = new Date(member_session.expires_at);
    response.cookies.set(jwt, session_jwt, { path: '/', sameSite: 'lax', secure: secured(request), expires, ...cookies });
    return response;
  }

  return { session, seed, authenticate, proxy };
}

export type { Held, MemberSession, SessionResponse, Source };
