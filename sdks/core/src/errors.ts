/** Error types that end a session: whatever was known of it is no longer true. */
const terminal = /^(session_not_found|user_unauthenticated|unauthorized_credentials|invalid_secret_authentication)$/;

/** Error types that are met around a sign-in. The server has more. */
export type KnownType =
  | 'sso_token_not_found'
  | 'pkce_expected_code_verifier'
  | 'pkce_did_not_expect_code_verifier'
  | 'pkce_mismatch'
  | 'operation_restricted_by_organization_auth_methods'
  | 'endpoint_not_authorized_for_sdk'
  | 'bad_domain_for_stytch_sdk'
  | 'session_authorization_error'
  | 'session_not_found'
  | 'user_unauthenticated'
  | 'unauthorized_credentials'
  | 'invalid_secret_authentication'
  | 'too_many_requests'
  | 'route_not_found';

/** Why a sign-in could not be finished, in the words of somebody who has to say so on a page. */
export type Attempt = 'expired' | 'spent' | 'other-browser' | 'policy' | 'network';

/** The base of everything that the client rejects with. `kind` tells what it is. */
export class StytchError extends Error {
  declare readonly kind: string;
  /** Set when a sign-in could not be finished. */
  declare attempt?: Attempt;
  /** In seconds, when the server said so. */
  declare retryAfter?: number;

  constructor(name: string, message: string, more?: object) {
    super(message);
    Object.assign(this, { name }, more);
  }
}

/** The server's refusal, with what it said. */
export class StytchAPIError extends StytchError {
  declare readonly kind: 'api';
  declare readonly error_type: KnownType | (string & {});
  declare readonly error_message: string;
  declare readonly error_url: string;
  declare readonly request_id: string;
  declare readonly status_code: number;
  declare readonly error_details?: unknown;

  constructor(said: Partial<StytchAPIError>) {
    super('StytchAPIError', `${said.status_code} ${said.error_type}: ${said.error_message}`, { ...said, kind: 'api' });
  }
}

/** There was no answer, or none that the server would give. */
export class StytchAPIUnreachableError extends StytchError {
  declare readonly kind: 'network' | 'timeout';
  /** What the platform said, or the status of an answer that was not the server's. */
  declare readonly cause?: unknown;
  declare readonly offline: boolean;

  constructor(kind: 'network' | 'timeout', cause?: unknown, offline = false) {
    super('StytchAPIUnreachableError', kind, { cause, offline, kind });
  }
}

/** The client itself refused. `reason` says more where there is more to say. */
export class StytchSDKError extends StytchError {
  declare readonly kind: 'aborted' | 'cancelled' | 'pkce' | 'usage';
  declare readonly reason?: 'missing' | 'mismatch';

  constructor(kind: 'aborted' | 'cancelled' | 'pkce' | 'usage', message: string, reason?: 'missing' | 'mismatch') {
    super('StytchSDKError', message, { kind, reason });
  }
}

/** The client was asked for what it cannot do. */
export class StytchSDKUsageError extends StytchSDKError {
  constructor(message: string) {
    super('usage', message);
    this.name = 'StytchSDKUsageError';
  }
}

/** The official name for a request of a form that the server does not take. Vestibule refuses such a request as any other. */
export class StytchAPISchemaError extends StytchError {
  declare readonly kind: 'schema';

  constructor(said: object) {
    super('StytchAPISchemaError', 'the server does not take a request of this form', { ...said, kind: 'schema' });
  }
}

/** Whatever a call can reject with, told apart by `kind`. */
export type VestibuleError =
  | StytchAPIError
  | (StytchAPIUnreachableError & { kind: 'network' })
  | (StytchAPIUnreachableError & { kind: 'timeout' })
  | (StytchSDKError & { kind: 'aborted' })
  | (StytchSDKError & { kind: 'cancelled' })
  | (StytchSDKError & { kind: 'pkce' })
  | (StytchSDKError & { kind: 'usage' });

/** Whether `error` is one of ours, of this `kind` if one is named. */
export function isVestibuleError<K extends VestibuleError['kind'] = VestibuleError['kind']>(
  error: unknown,
  kind?: K,
): error is Extract<VestibuleError, { kind: K }> {
  return error instanceof StytchError && (!kind || error.kind === kind);
}

/** Whether the server said that there is no session any more. */
export const endsSession = (error: unknown): boolean => terminal.test((error as StytchAPIError).error_type);

/** What a refused redemption means for the person at the screen. */
export function attemptOf(error: unknown): { error_type: string; attempt: Attempt | undefined } {
  const { error_type = '', kind } = error as StytchAPIError;
  let attempt: Attempt | undefined;
  if (/network|timeout/.test(kind)) attempt = 'network';
  if (/^pkce_/.test(error_type)) attempt = 'other-browser';
  if (/_token_not_found$/.test(error_type)) attempt = 'expired';
  if (/^operation_restricted/.test(error_type)) attempt = 'policy';
  return { error_type, attempt };
}
