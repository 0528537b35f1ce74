import type { Member, MemberSession, Organization } from './types/generated.js';
import type { AuthenticateResponse, MfaRequired, SessionResponse } from './types/results.js';

/** What is kept of somebody who is signed in. Seeded from a token alone, member and organization are null until the server was asked. */
export interface Held {
  session: MemberSession;
  member: Member | null;
  organization: Organization | null;
}

/** The server could not be asked since then; `retryAt` is null when nobody will try until somebody looks at the page again. */
export interface Stale {
  /** The kind of the error. */
  reason: string;
  since: number;
  retryAt: number | null;
}

/** Where a person stands, in one word. */
export type Status =
  | { kind: 'loading' }
  | { kind: 'anonymous'; reason?: 'expired' | 'revoked' }
  | { kind: 'mfa'; mfa: MfaRequired; member: Member; organization: Organization }
  | { kind: 'primary'; allowed: string[]; member: Member; organization: Organization }
  | ({ kind: 'authenticated'; stale?: Stale } & Held);

/** One snapshot. Its identity changes when something in it does. `fromCache` holds until the server has confirmed it once. */
export interface State {
  status: Status;
  fromCache: boolean;
}

/** What is kept, if somebody is signed in. */
export const held = ({ status }: State): Held | null => (status.kind === 'authenticated' ? status : null);

/** What a store held, if it is what was written there. */
export function parsed<T>(text: string | null): T | null {
  try {
    // Null is read as such.
    return JSON.parse(text as string) as T | null;
  } catch {
    return null;
  }
}

/** As text for comparison: when a session was used last is no change of it. */
export const print = (value: unknown): string =>
  JSON.stringify(value, (key, inner) => (key === 'last_accessed_at' ? undefined : inner));

const three = ({ session, member, organization }: Held): Held => ({ session, member, organization });

/** What is kept, alone. */
export const kept = (state: State): Held | null => {
  const now = held(state);
  return now && three(now);
};

const at = (status: Status, fromCache = false): State => ({ status, fromCache });

export const signedOut = (reason?: 'expired' | 'revoked'): State => at({ kind: 'anonymous', ...(reason && { reason }) });

export const signedIn = (now: Held, fromCache?: boolean): State => at({ kind: 'authenticated', ...three(now) }, fromCache);

/** What a page that a server has rendered is to show first: what that server knew, or that nothing is known. */
export const initially = (seed: Held | null | undefined): State => (seed ? signedIn(seed, true) : at({ kind: 'loading' }));

/** After an answer that ends an authentication, or does not quite. */
export function answered(data: AuthenticateResponse | SessionResponse): State {
  const { member, organization, member_session: session } = data;
  if (session) return signedIn({ session, member, organization });
  const { primary_required: primary, mfa_required: mfa } = data;
  if (primary) return at({ kind: 'primary', allowed: primary.allowed_auth_methods, member, organization });
  return mfa ? at({ kind: 'mfa', mfa, member, organization }) : signedOut();
}

/** After an answer with member or organization as they are now; an answer about somebody else changes nothing. */
export function amended(state: State, data: { member?: Member | undefined; organization?: Organization | undefined }): State {
  const now = held(state);
  if (!now) return state;
  const { session } = now;
  const member = data.member?.member_id === session.member_id ? data.member : now.member;
  const organization = data.organization?.organization_id === session.organization_id ? data.organization : now.organization;
  return { ...state, status: { ...state.status, member, organization } as Status };
}
