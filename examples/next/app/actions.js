'use server';
// What the forms do. Next takes an action only from pages of this very origin, so another site signs nobody in or out. (A route
// handler for POST has no such check: compare `Sec-Fetch-Site` there.)
import { createHash, randomBytes } from 'node:crypto';
import { revalidatePath } from 'next/cache';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';

import { forget, options, signedInNow } from '../lib/session';
import { appUrl, client, organizationOf } from '../lib/vestibule';

export async function logIn(form) {
  const email = String(form.get('email') ?? '').trim().toLowerCase();
  const organization = await organizationOf(email);
  if (!organization) redirect('/?notice=unknown');

  // PKCE: only the browser that began can finish, because only it has the verifier.
  const verifier = randomBytes(32).toString('base64url');
  (await cookies()).set('pkce_verifier', verifier, { ...options(), maxAge: 10 * 60 });
  const start = new URL('/v1/public/sso/start', process.env.BASE);
  start.search = new URLSearchParams({
    public_token: process.env.PUBLIC_TOKEN,
    connection_id: organization.sso_default_connection_id || organization.sso_active_connections[0].connection_id,
    pkce_code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    login_redirect_url: `${appUrl()}/authenticate`,
    signup_redirect_url: `${appUrl()}/authenticate`,
    login_hint: email,
  });
  redirect(start.href);
}

export async function logOut() {
  const jar = await cookies();
  const session_token = jar.get('session_token')?.value;
  if (session_token) await client().sessions.revoke({ session_token }).catch(() => {});
  forget(jar);
  redirect('/?notice=signed-out');
}

// --- the customer's administrator. With the member's own session beside our credentials, the server checks what they may do.

export async function createConnection(form) {
  const { session: { organization_id }, onBehalf } = await signedInNow();
  // SAML is the same with client().sso.saml: show acs_url and audience_uri, take metadata_url.
  await client().sso.oidc.createConnection({ organization_id, display_name: form.get('display_name') }, onBehalf);
  redirect('/admin/connections');
}

/** Answers what the server warns of: its own words go into the answer itself, not into an address. */
export async function updateConnection(connection_id, _before, form) {
  const { session: { organization_id }, onBehalf } = await signedInNow();
  const [issuer, client_id, client_secret] = ['issuer', 'client_id', 'client_secret'].map((name) => form.get(name));
  const changed = { organization_id, connection_id, issuer, client_id, client_secret };
  const { warning } = await client().sso.oidc.updateConnection(changed, onBehalf);
  if (!warning) redirect('/admin/connections?notice=saved');
  revalidatePath('/admin/connections');
  return `Saved. ${warning}`;
}
