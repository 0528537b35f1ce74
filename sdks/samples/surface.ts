// For the compiler only: whoever calls the official client can call ours. Every method of the table is there under the official name, and
// takes what the official one takes.
import type { StytchB2BClient as Official } from '@stytch/vanilla-js/b2b/headless';
import type { Answers, Authenticated, AuthenticateResponse, B2BClient, methods, Row, Status, Unfinished } from '@vestibule/core';
import { createStytchB2BClient, isVestibuleError, type StytchB2BClient } from '@vestibule/js/b2b';

// --- names and arguments ----------------------------------------------------------------------------------------------

type Path<Prefix extends string, K> = `${Prefix}${Prefix extends '' ? '' : '.'}${K & string}`;

/** The paths at which `Ours` could not take the place of `Theirs`. */
type Differences<Theirs, Ours, Table, Prefix extends string = ''> = {
  [K in keyof Table]: K extends keyof Theirs & keyof Ours
    ? Table[K] extends Row
      ? Theirs[K] extends (...args: infer A) => unknown
        ? Ours[K] extends (...args: infer B) => unknown
          ? A extends B
            ? never
            : Path<Prefix, K>
          : Path<Prefix, K>
        : Path<Prefix, K>
      : Differences<Theirs[K], Ours[K], Table[K], Path<Prefix, K>>
    : never;
}[keyof Table];

/** The paths of methods that only the official client has. */
type Missing<Theirs, Ours, Prefix extends string = ''> = {
  [K in keyof Theirs]: K extends keyof Ours
    ? Theirs[K] extends (...args: never) => unknown
      ? never
      : Missing<Theirs[K], Ours[K], Path<Prefix, K>>
    : Path<Prefix, K>;
}[keyof Theirs];

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>() => undefined;

holds<Same<Differences<Official, StytchB2BClient, typeof methods>, never>>();
// A widget of one provider's, from that provider's host.
holds<Same<Missing<Official, StytchB2BClient>, 'oauth.googleOneTap'>>();

// What stands beside the table.
type Beside = 'getSync' | 'getInfo' | 'onChange';
holds<Beside extends keyof StytchB2BClient['session'] & keyof StytchB2BClient['self'] & keyof StytchB2BClient['organization'] ? true : false>();
holds<'getTokens' | 'updateSession' | 'revoke' extends keyof StytchB2BClient['session'] ? true : false>();
holds<Parameters<Official['sso']['start']>[0] extends Parameters<StytchB2BClient['sso']['start']>[0] ? true : false>();
holds<Parameters<Official['session']['revoke']> extends Parameters<StytchB2BClient['session']['revoke']> ? true : false>();
holds<keyof Official['rbac'] extends keyof StytchB2BClient['rbac'] ? true : false>();

// --- unions are told apart by one word --------------------------------------------------------------------------------

declare const answer: AuthenticateResponse;
if (answer.member_authenticated) {
  holds<Same<typeof answer, Authenticated>>();
  void answer.member_session.expires_at;
} else {
  holds<Same<typeof answer, Unfinished>>();
  void answer.mfa_required?.member_options?.totp_registration_id;
}

declare const status: Status;
if (status.kind === 'authenticated') void status.session.roles;
// @ts-expect-error nobody is signed in
else void status.session;
if (status.kind === 'mfa') void status.mfa.secondary_auth_initiated;

declare const error: unknown;
if (isVestibuleError(error, 'api')) void error.request_id;
if (isVestibuleError(error) && error.kind === 'network') void error.offline;
// @ts-expect-error a network failure has no answer
if (isVestibuleError(error, 'network')) void error.request_id;

const client = createStytchB2BClient('public-token-test-1', { baseUrl: 'http://127.0.0.1:8787' });
holds<typeof client extends B2BClient ? true : false>();

const hidden = createStytchB2BClient<{ OpaqueTokens: true }>('public-token-test-1');
void hidden.session.getSync()?.roles;
holds<Same<ReturnType<typeof hidden.session.getTokens>, never>>();
holds<Same<Awaited<ReturnType<typeof hidden.session.authenticate>>['session_token'], ''>>();
holds<Same<Awaited<ReturnType<typeof hidden.sso.authenticate>>['intermediate_session_token'], ''>>();
holds<Same<Awaited<ReturnType<typeof hidden.sso.authenticate>>['member_authenticated'], boolean>>();
holds<Same<Awaited<ReturnType<typeof client.session.authenticate>>['session_token'], string>>();
// @ts-expect-error a string, not an object
void client.sso.deleteConnection({ connection_id: 'c' });
// @ts-expect-error the minutes are missing
void client.sso.authenticate({ sso_token: 't' });

// --- what is answered -------------------------------------------------------------------------------------------------

type Result<R> = R extends Row<infer _, infer Answer> ? Answer : never;
/** The members that a method promises, of every form that its answer may have. */
type Promised<R> = Result<R> extends infer Answer ? (Answer extends unknown ? keyof Answer : never) : never;
/** What is promised has to be in the document of what is served, under the same name. */
const answers = <K extends keyof Answers, R extends Row>(..._: [Exclude<Promised<R>, keyof Answers[K]>] extends [never] ? [] : [Exclude<Promised<R>, keyof Answers[K]>]) => undefined;

type Sso = (typeof methods)['sso'];
answers<'POST /b2b/sso/authenticate', Sso['authenticate']>();
answers<'GET /b2b/sso', Sso['getConnections']>();
answers<'GET /b2b/sso/discovery/connections', Sso['discoverConnections']>();
answers<'DELETE /b2b/sso/{connection_id}', Sso['deleteConnection']>();
answers<'POST /b2b/sso/saml', Sso['saml']['createConnection']>();
answers<'PUT /b2b/sso/saml/{connection_id}', Sso['saml']['updateConnection']>();
answers<'PUT /b2b/sso/saml/{connection_id}/url', Sso['saml']['updateConnectionByURL']>();
answers<'DELETE /b2b/sso/saml/{connection_id}/verification_certificates/{certificate_id}', Sso['saml']['deleteVerificationCertificate']>();
answers<'POST /b2b/sso/oidc', Sso['oidc']['createConnection']>();
answers<'PUT /b2b/sso/oidc/{connection_id}', Sso['oidc']['updateConnection']>();
answers<'POST /b2b/sso/external', Sso['external']['createConnection']>();
answers<'POST /b2b/sessions/authenticate', (typeof methods)['session']['authenticate']>();
answers<'POST /b2b/sessions/exchange', (typeof methods)['session']['exchange']>();
