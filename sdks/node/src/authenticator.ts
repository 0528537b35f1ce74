import type { SessionResponse } from '@vestibule/core';

export interface AuthenticatorOptions {
  projectId: string;
  /** Of the project. It is for servers alone. */
  secret: string;
  /** The server's address. */
  baseUrl: string;
  /** Instead of the global one. */
  fetch?: typeof fetch;
}

const PATIENCE = 10_000;

/**
 * A function that asks the server whose session a token is, and gets a JWT that begins now. Null when the session has ended. It throws
 * when the server cannot be asked, or does not take the secret.
 */
export function sessionAuthenticator({ projectId, secret, baseUrl, fetch: ask = fetch }: AuthenticatorOptions) {
  const url = `${baseUrl.replace(/\/+$/, '')}/v1/b2b/sessions/authenticate`;
  const headers = { authorization: `Basic ${btoa(`${projectId}:${secret}`)}`, 'content-type': 'application/json' };

  return async function authenticateSession(session_token: string): Promise<SessionResponse | null> {
    const body = JSON.stringify({ session_token });
    const answer = await ask(url, { method: 'POST', headers, body, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    const said = (await answer.json()) as SessionResponse & { error_type?: string };
    if (answer.ok) return said;
    if (said.error_type === 'session_not_found') return null;
    throw new Error(`the server answered ${answer.status} ${said.error_type} for a session`);
  };
}
