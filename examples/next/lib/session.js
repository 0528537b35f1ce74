// The session: two cookies, and two ways to ask whose it is.
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';

import { appUrl, client } from './vestibule';

/**
 * Scripts do not read them. `lax` lets the provider's redirect through; it does not stop other sites' forms: signing in needs no
 * cookie, and another port or subdomain counts as the same site. Next does: it compares where an action comes from.
 */
export const options = () => ({
  httpOnly: true,
  sameSite: 'lax',
  secure: appUrl().startsWith('https:'),
  path: '/',
});

/** The browser keeps two: the JWT that is checked here, and the opaque token that gets the next one. */
export function keep(jar, { session_token, session_jwt, member_session }) {
  const kept = { ...options(), expires: new Date(member_session.expires_at) };
  jar.set('session_token', session_token, kept);
  jar.set('session_jwt', session_jwt, kept);
}

export function forget(jar) {
  jar.delete('session_token');
  jar.delete('session_jwt');
}

/**
 * Whose JWT this is: signature against the project's published keys, issuer, audience and time, and no request to the
 * server. The price: a JWT is good for five minutes after it was made, so whoever was signed out elsewhere, or removed, still
 * gets in for up to five minutes. Where that is too long, use `signedInNow`.
 */
export const verified = (session_jwt) =>
  client().sessions.authenticateJwtLocal({ session_jwt: session_jwt ?? '' }).catch(() => undefined);

/** Whose session this is, by the server's word; nobody's when it has ended or been revoked. */
export async function authenticated(session_token) {
  if (!session_token) return undefined;
  try {
    return await client().sessions.authenticate({ session_token });
  } catch (error) {
    if (error.status_code === 404) return undefined;
    throw error;
  }
}

/** For pages: who asks. `proxy.js` has renewed the JWT if it had ended; each page still checks for itself. */
export async function signedIn() {
  const session = await verified((await cookies()).get('session_jwt')?.value);
  return session ?? redirect('/?notice=sign-in');
}

/** For pages and actions where five minutes are too long: who asks, and the right to act in their name. */
export async function signedInNow() {
  const session_token = (await cookies()).get('session_token')?.value;
  const answer = await authenticated(session_token);
  if (!answer) redirect('/?notice=again');
  return { session: answer.member_session, onBehalf: { authorization: { session_token } } };
}
