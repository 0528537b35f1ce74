'use server';

import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';

/** Forgets the session on the server alone: the client in the page finds out. */
export async function signOut() {
  const jar = await cookies();
  for (const name of ['stytch_session', 'stytch_session_jwt']) jar.delete(name);
  redirect('/');
}
