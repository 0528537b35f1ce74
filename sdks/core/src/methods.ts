import type { Waited } from './abort.js';
import type { Row } from './row.js';
import type { Member, Organization, PublicOrganization } from './types/generated.js';
import type * as P from './types/params.js';
import type * as R from './types/results.js';

export const ssoAuthenticate = 'POST /b2b/sso/authenticate auth ist via:sso' as Row<[P.SSOAuthenticate], R.AuthenticateResponse>;

const self = {
  get: 'GET /b2b/organizations/members/me me pick:member' as Row<[], Member>,
  update: 'PUT /b2b/organizations/members/update me' as Row<[P.AccountUpdate], R.MemberResponse>,
  deleteMFAPhoneNumber: 'DELETE /b2b/organizations/members/deletePhoneNumber me' as Row<[], R.MemberResponse>,
  deleteMFATOTP: 'DELETE /b2b/organizations/members/deleteTOTP me' as Row<[], R.MemberResponse>,
  deletePassword: 'DELETE /b2b/organizations/members/passwords/{member_password_id} me' as Row<[id: string], R.MemberResponse>,
  unlinkRetiredEmail: 'POST /b2b/organizations/members/unlink_retired_email me' as Row<[P.RetiredAddress], R.MemberResponse>,
  startEmailUpdate: 'POST /b2b/organizations/members/start_email_update me' as Row<[P.EmailUpdate], R.MemberResponse>,
  getConnectedApps: 'GET /b2b/organizations/members/connected_apps' as Row<[], R.Answer & { connected_apps: R.ConnectedApp[] }>,
  revokeConnectedApp: 'POST /b2b/organizations/members/connected_apps/{connected_app_id}/revoke' as Row<
    [{ connected_app_id: string }],
    R.Answer
  >,
};

/** Every call to the server, in the shape that the client has. What is not a call alone stands in `client.ts`. */
export const methods = {
  sso: {
    authenticate: ssoAuthenticate,
    getConnections: 'GET /b2b/sso' as Row<[], R.ConnectionsResponse>,
    discoverConnections: 'GET /b2b/sso/discovery/connections?email_address' as Row<
      [emailAddress: string],
      R.Answer & { connections: R.DiscoveredConnection[] }
    >,
    deleteConnection: 'DELETE /b2b/sso/{connection_id}' as Row<[connectionId: string], R.Answer & { connection_id: string }>,
    saml: {
      createConnection: 'POST /b2b/sso/saml' as Row<[P.NewConnection], R.SAMLResponse>,
      updateConnection: 'PUT /b2b/sso/saml/{connection_id}' as Row<[P.SAMLUpdate], R.SAMLResponse>,
      updateConnectionByURL: 'PUT /b2b/sso/saml/{connection_id}/url' as Row<
        [{ connection_id: string; metadata_url: string }],
        R.SAMLResponse
      >,
      deleteVerificationCertificate: 'DELETE /b2b/sso/saml/{connection_id}/verification_certificates/{certificate_id}' as Row<
        [{ connection_id: string; certificate_id: string }],
        R.Answer & { certificate_id: string }
      >,
      // The official clients write the singular here, and the server takes both.
      deleteEncryptionPrivateKey: 'DELETE /b2b/sso/saml/{connection_id}/encryption_private_key/{private_key_id}' as Row<
        [{ connection_id: string; private_key_id: string }],
        R.Answer & { private_key_id: string }
      >,
    },
    oidc: {
      createConnection: 'POST /b2b/sso/oidc' as Row<[P.NewConnection], R.OIDCResponse>,
      updateConnection: 'PUT /b2b/sso/oidc/{connection_id}' as Row<[P.OIDCUpdate], R.OIDCUpdateResponse>,
    },
    external: {
      createConnection: 'POST /b2b/sso/external' as Row<
        [{ external_organization_id: string; external_connection_id: string; display_name?: string }],
        R.ExternalResponse
      >,
      updateConnection: 'PUT /b2b/sso/external/{connection_id}' as Row<[P.ExternalUpdate], R.ExternalResponse>,
    },
  },
  session: {
    authenticate: 'POST /b2b/sessions/authenticate auth' as Row<[Partial<P.Duration>?], R.SessionResponse>,
    revokeForMember: 'POST /b2b/sessions/revoke/{member_id}' as Row<[{ member_id: string }], R.Answer>,
    exchange: 'POST /b2b/sessions/exchange auth' as Row<
      [P.Duration & P.Localized & { organization_id: string }],
      R.AuthenticateResponse
    >,
    exchangeAccessToken: 'POST /b2b/sessions/exchange_access_token auth' as Row<
      [P.Duration & { access_token: string }],
      R.SessionResponse
    >,
    attest: 'POST /b2b/sessions/attest auth' as Row<
      [P.Duration & { profile_id: string; token: string; organization_id?: string; session_token?: string; session_jwt?: string }],
      R.SessionResponse
    >,
  },
  self,
  /** The older name of `self`. */
  member: self,
  organization: {
    get: 'GET /b2b/organizations/me org pick:organization' as Row<[], Organization>,
    update: 'PUT /b2b/organizations/me org' as Row<[P.OrganizationUpdate], R.Answer & { organization: Organization }>,
    delete: 'DELETE /b2b/organizations/me gone' as Row<[], R.Answer & { organization_id: string }>,
    getBySlug: 'POST /b2b/organizations/search' as Row<
      [{ organization_slug: string }],
      R.Answer & { organization: PublicOrganization | null }
    >,
    getConnectedApps: 'GET /b2b/organizations/connected_apps' as Row<[], R.Answer & { connected_apps: R.ConnectedApp[] }>,
    getConnectedApp: 'GET /b2b/organizations/connected_apps/{connected_app_id}' as Row<
      [{ connected_app_id: string }],
      R.Answer & R.ConnectedApp & { active_members: { member_id: string; granted_scopes: string[] }[] }
    >,
    members: {
      create: 'POST /b2b/organizations/members' as Row<[P.NewMember], R.MemberResponse>,
      search: 'POST /b2b/organizations/me/members/search' as Row<[query?: P.Search], R.SearchResponse>,
      update: 'PUT /b2b/organizations/members/{member_id}' as Row<[P.MemberUpdate], R.MemberResponse>,
      delete: 'DELETE /b2b/organizations/members/{member_id} gone' as Row<[memberId: string], R.Answer & { member_id: string }>,
      reactivate: 'PUT /b2b/organizations/members/{member_id}/reactivate' as Row<[memberId: string], R.MemberResponse>,
      deletePassword: 'DELETE /b2b/organizations/members/passwords/{member_password_id}' as Row<[id: string], R.MemberResponse>,
      deleteMFAPhoneNumber: 'DELETE /b2b/organizations/members/mfa_phone_numbers/{member_id}' as Row<
        [memberId: string],
        R.MemberResponse
      >,
      deleteMFATOTP: 'DELETE /b2b/organizations/members/totp/{member_id}' as Row<[memberId: string], R.MemberResponse>,
      unlinkRetiredEmail: 'POST /b2b/organizations/members/{member_id}/unlink_retired_email' as Row<
        [P.RetiredAddress & { member_id: string }],
        R.MemberResponse
      >,
      startEmailUpdate: 'POST /b2b/organizations/members/{member_id}/start_email_update' as Row<
        [P.EmailUpdate & { member_id: string }],
        R.MemberResponse
      >,
      getConnectedApps: 'GET /b2b/organizations/members/{member_id}/connected_apps' as Row<
        [{ member_id: string }],
        R.Answer & { connected_apps: R.ConnectedApp[] }
      >,
      revokeConnectedApp: 'POST /b2b/organizations/members/{member_id}/connected_apps/{connected_app_id}/revoke' as Row<
        [{ member_id: string; connected_app_id: string }],
        R.Answer
      >,
    },
  },
  discovery: {
    organizations: {
      list: 'POST /b2b/discovery/organizations ist' as Row<
        [],
        Omit<R.DiscoveryResponse, 'intermediate_session_token'> & { organization_id_hint?: string | null }
      >,
      create: 'POST /b2b/discovery/organizations/create auth ist' as Row<
        [P.Duration & P.OrganizationSettings],
        R.AuthenticateResponse
      >,
    },
    intermediateSessions: {
      exchange: 'POST /b2b/discovery/intermediate_sessions/exchange auth ist' as Row<
        [P.Duration & P.Localized & { organization_id: string }],
        R.AuthenticateResponse
      >,
    },
  },
  scim: {
    createConnection: 'POST /b2b/scim' as Row<[P.NewConnection], R.SCIMResponse>,
    updateConnection: 'PUT /b2b/scim/{connection_id}' as Row<
      [
        P.NewConnection & {
          connection_id: string;
          scim_group_implicit_role_assignments?: { role_id: string; group_id: string }[];
        },
      ],
      R.SCIMResponse
    >,
    deleteConnection: 'DELETE /b2b/scim/{connection_id}' as Row<[connectionId: string], R.Answer & { connection_id: string }>,
    // An organization has one; the argument is taken because the official method has it.
    getConnection: 'GET /b2b/scim' as Row<[connectionId?: string], R.SCIMResponse>,
    getConnectionGroups: 'POST /b2b/scim/groups' as Row<
      [{ limit?: number; cursor?: string }],
      R.Answer & {
        scim_groups: { organization_id: string; connection_id: string; group_id: string; group_name: string }[];
        next_cursor?: string | null;
      }
    >,
    rotateStart: 'POST /b2b/scim/rotate/start?connection_id' as Row<[connectionId: string], R.SCIMResponse>,
    rotateComplete: 'POST /b2b/scim/rotate/complete?connection_id' as Row<[connectionId: string], R.SCIMResponse>,
    rotateCancel: 'POST /b2b/scim/rotate/cancel?connection_id' as Row<[connectionId: string], R.SCIMResponse>,
  },
  magicLinks: {
    email: {
      loginOrSignup: 'POST /b2b/magic_links/email/login_or_signup for:magic_links' as Row<
        [P.Mail & { organization_id: string }],
        R.Answer
      >,
      invite: 'POST /b2b/magic_links/email/invite' as Row<[P.Invitation], R.MemberResponse>,
      discovery: { send: 'POST /b2b/magic_links/email/discovery/send for:magic_links' as Row<[P.DiscoveryMail], R.Answer> },
    },
    authenticate: 'POST /b2b/magic_links/authenticate auth ist via:magic_links' as Row<
  [P.Duration & P.Localized & { magic_links_token: string }],
  R.AuthenticateResponse
>,
    discovery: { authenticate: 'POST /b2b/magic_links/discovery/authenticate found via:magic_links' as Row<
  [{ discovery_magic_links_token: string }],
  R.DiscoveryResponse
> },
  },
  otps: {
    sms: {
      send: 'POST /b2b/otps/sms/send ist' as Row<
        [
          P.Whose &
            P.Localized & { mfa_phone_number?: string; enable_autofill?: boolean; autofill_session_duration_minutes?: number },
        ],
        R.MemberResponse
      >,
      authenticate: 'POST /b2b/otps/sms/authenticate auth ist' as Row<
        [P.Whose & P.Duration & { code: string; set_mfa_enrollment?: 'enroll' | 'unenroll' }],
        R.Authenticated
      >,
    },
    email: {
      loginOrSignup: 'POST /b2b/otps/email/login_or_signup' as Row<[P.Mail & { organization_id: string }], R.Answer>,
      authenticate: 'POST /b2b/otps/email/authenticate auth ist' as Row<
        [P.Duration & P.Localized & { organization_id: string; email_address: string; code: string }],
        R.AuthenticateResponse
      >,
      discovery: {
        send: 'POST /b2b/otps/email/discovery/send' as Row<[P.DiscoveryMail], R.Answer>,
        authenticate: 'POST /b2b/otps/email/discovery/authenticate found' as Row<
          [{ email_address: string; code: string }],
          R.DiscoveryResponse
        >,
      },
    },
  },
  totp: {
    create: 'POST /b2b/totp ist' as Row<[P.Whose & { expiration_minutes?: number }], R.TOTPResponse>,
    authenticate: 'POST /b2b/totp/authenticate auth ist' as Row<
      [P.Whose & P.Duration & { code: string; set_mfa_enrollment?: 'enroll' | 'unenroll'; set_default_mfa?: boolean }],
      R.Authenticated
    >,
  },
  recoveryCodes: {
    recover: 'POST /b2b/recovery_codes/recover auth ist' as Row<
      [P.Whose & P.Duration & { recovery_code: string }],
      R.Authenticated & { recovery_codes_remaining: number }
    >,
    rotate: 'POST /b2b/recovery_codes/rotate' as Row<[], R.MemberResponse & { recovery_codes: string[] }>,
    get: 'GET /b2b/recovery_codes' as Row<[], R.MemberResponse & { recovery_codes: string[] }>,
  },
  passwords: {
    authenticate: 'POST /b2b/passwords/authenticate auth ist' as Row<
      [P.Duration & P.Localized & { organization_id: string; email_address: string; password: string }],
      R.AuthenticateResponse
    >,
    resetByEmailStart: 'POST /b2b/passwords/email/reset/start' as Row<
      [P.PasswordReset & { organization_id: string }],
      R.Answer
    >,
    resetByEmail: 'POST /b2b/passwords/email/reset auth ist' as Row<
      [P.Duration & P.Localized & { password_reset_token: string; password: string }],
      R.AuthenticateResponse
    >,
    resetByExistingPassword: 'POST /b2b/passwords/existing_password/reset auth' as Row<
      [
        P.Duration &
          P.Localized & { organization_id: string; email_address: string; existing_password: string; new_password: string },
      ],
      R.AuthenticateResponse
    >,
    resetBySession: 'POST /b2b/passwords/session/reset auth' as Row<[P.Localized & { password: string }], R.SessionResponse>,
    strengthCheck: 'POST /b2b/passwords/strength_check' as Row<
      [{ password: string; email_address?: string }],
      R.Answer & { valid_password: boolean; score: number }
    >,
    discovery: {
      resetByEmailStart: 'POST /b2b/passwords/discovery/reset/start' as Row<
        [P.DiscoveryMail & { reset_password_redirect_url?: string }],
        R.Answer
      >,
      resetByEmail: 'POST /b2b/passwords/discovery/reset found ist' as Row<
        [P.Localized & { password_reset_token: string; password: string }],
        R.DiscoveryResponse
      >,
      authenticate: 'POST /b2b/passwords/discovery/authenticate found' as Row<
        [{ email_address: string; password: string }],
        R.DiscoveryResponse
      >,
    },
  },
  oauth: { authenticate: 'POST /b2b/oauth/authenticate auth ist via:oauth' as Row<
  [P.OAuthAuthenticate],
  R.AuthenticateResponse & { provider_values: Record<string, unknown> }
>, discovery: { authenticate: 'POST /b2b/oauth/discovery/authenticate found via:oauth' as Row<
  [{ discovery_oauth_token: string }],
  R.DiscoveryResponse
> } },
  impersonation: { authenticate: 'POST /b2b/impersonation/authenticate auth' as Row<[{ impersonation_token: string }], R.Authenticated> },
  idp: {
    oauthAuthorizeStart: 'POST /idp/b2b/oauth/authorize/start' as Row<[P.Authorize], R.Answer & Record<string, unknown>>,
    oauthAuthorizeSubmit: 'POST /idp/b2b/oauth/authorize/submit' as Row<
      [P.Authorize & { consent_granted: boolean }],
      R.Answer & { redirect_uri: string }
    >,
    oauthLogoutStart: 'POST /b2b/oauth/logout/start' as Row<
      [{ client_id: string; post_logout_redirect_uri: string; state: string; id_token_hint?: string }],
      R.Answer & Record<string, unknown>
    >,
  },
};

/** The type of the client's calls: every row as the function that it stands for. */
export type Calls<T> = {
  readonly [K in keyof T]: T[K] extends Row<infer A, infer R> ? (...args: Waited<A>) => Promise<R> : Calls<T[K]>;
};
