// Where the browser comes back with a token that is good for one session.
import { NextResponse } from 'next/server';

import { keep } from '../../lib/session';
import { appUrl, client } from '../../lib/vestibule';

const away = (notice) => NextResponse.redirect(`${appUrl()}/?notice=${notice}`, 303);

export async function GET(request) {
  const verifier = request.cookies.get('pkce_verifier')?.value;
  const token = request.nextUrl.searchParams.get('token');
  // A sign-in that nobody began here: from a tile at the provider, or somebody else's link. Begin a new one.
  if (!verifier || !token) return away('begin');
  try {
    const answer = await client().sso.authenticate({
      sso_token: token,
      pkce_code_verifier: verifier,
      session_duration_minutes: 8 * 60,
    });
    // What the company asks for beside: go on with `answer.intermediate_session_token` (docs/guides/second-factors.md).
    if (!answer.member_authenticated) return away('second-factor');
    // Away from the address with the token, which is spent: a reload must not send it again.
    const onward = NextResponse.redirect(`${appUrl()}/account`, 303);
    onward.cookies.delete('pkce_verifier');
    keep(onward.cookies, answer);
    return onward;
  } catch (error) {
    if (!(error.status_code < 500)) throw error;
    console.error(error.error_message);
    return away('failed');
  }
}
