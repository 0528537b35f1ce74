// Before every page behind the sign-in: is there a session, and is its JWT still good?
import { NextResponse } from 'next/server';

import { authenticated, forget, keep, verified } from './lib/session';
import { appUrl } from './lib/vestibule';

export const config = { matcher: ['/account/:path*', '/admin/:path*'] };

export async function proxy(request) {
  // An administrator's pages are worth a question to the server each time; elsewhere the JWT will do.
  const isAdmin = request.nextUrl.pathname.startsWith('/admin');
  if (!isAdmin && (await verified(request.cookies.get('session_jwt')?.value))) return NextResponse.next();

  const session_token = request.cookies.get('session_token')?.value;
  const answer = await authenticated(session_token);
  if (!answer) {
    const away = NextResponse.redirect(`${appUrl()}/?notice=sign-in`, 303);
    // Who came without a session keeps what they have: a form on another site comes without, and must sign nobody out.
    if (session_token) forget(away.cookies);
    return away;
  }
  // The page behind this reads the new one already, and the browser keeps it.
  request.cookies.set('session_jwt', answer.session_jwt);
  const onward = NextResponse.next({ request });
  keep(onward.cookies, answer);
  return onward;
}
