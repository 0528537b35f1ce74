// Written by scripts/types.mjs from spec/openapi.json; not edited by hand.

export interface ActiveConnection {
  connection_id: string;
  display_name: string;
  identity_provider: string;
}

export interface ActiveScimConnection {
  bearer_token_expires_at?: string | null;
  bearer_token_last_four: string;
  connection_id: string;
  display_name: string;
}

export interface AuthenticationFactor {
  authenticator_app_factor?: AuthenticatorAppFactor | null;
  created_at?: string | null;
  delivery_method: "sso_oidc" | "sso_saml" | "email" | "sms" | "authenticator_app" | "recovery_code" | "knowledge" | "impersonation" | "imported_auth0";
  email_factor?: EmailFactor | null;
  last_authenticated_at?: string | null;
  oidc_sso_factor?: SsoFactor | null;
  phone_number_factor?: PhoneNumberFactor | null;
  recovery_code_factor?: RecoveryCodeFactor | null;
  saml_sso_factor?: SsoFactor | null;
  type: "sso" | "email_otp" | "magic_link" | "otp" | "totp" | "oauth" | "password" | "recovery_codes" | "impersonated" | "trusted_auth_token" | "imported";
  updated_at?: string | null;
}

export interface AuthenticatorAppFactor {
  totp_id: string;
}

export interface Certificate {
  certificate: string;
  certificate_id: string;
  created_at?: string | null;
  expires_at?: string | null;
  issuer: string;
  updated_at?: string | null;
}

export interface DiscoveredOrganization {
  member_authenticated: boolean;
  membership: Membership;
  mfa_required?: Record<string, unknown> | null;
  organization: Organization;
  primary_required?: Record<string, unknown> | null;
}

export interface DomainRole {
  domain: string;
  role_id: string;
}

export interface EmailFactor {
  email_address: string;
  email_id: string;
}

export interface ExternalConnection {
  connection_id: string;
  display_name: string;
  external_connection_id: string;
  external_connection_implicit_role_assignments: RoleAssignment[];
  external_group_implicit_role_assignments: GroupAssignment[];
  external_organization_id: string;
  organization_id: string;
  status: string;
}

export interface GroupAssignment {
  group: string;
  role_id: string;
}

export interface Member {
  created_at?: string | null;
  default_mfa_method: string;
  email_address: string;
  email_address_verified: boolean;
  external_id?: string | null;
  is_admin: boolean;
  is_breakglass: boolean;
  is_locked: boolean;
  lock_created_at?: string | null;
  lock_expires_at?: string | null;
  member_id: string;
  member_password_id: string;
  mfa_enrolled: boolean;
  mfa_phone_number: string;
  mfa_phone_number_verified: boolean;
  name: string;
  oauth_registrations: Record<string, unknown>[];
  organization_id: string;
  retired_email_addresses: RetiredEmail[];
  roles: MemberRole[];
  scim_registration?: ScimRegistration | null;
  sso_registrations: Registration[];
  status: string;
  totp_registration_id: string;
  trusted_metadata?: Record<string, unknown> | null;
  untrusted_metadata?: Record<string, unknown> | null;
  updated_at?: string | null;
}

export interface MemberRole {
  role_id: string;
  sources: RoleSource[];
}

export interface MemberSession {
  authentication_factors: AuthenticationFactor[];
  custom_claims?: Record<string, unknown> | null;
  expires_at: string;
  last_accessed_at: string;
  member_id: string;
  member_session_id: string;
  organization_id: string;
  organization_slug: string;
  roles: string[];
  started_at: string;
}

export interface Membership {
  details?: Record<string, unknown> | null;
  member?: Member | null;
  type: string;
}

export interface OIDCConnection {
  attribute_mapping?: Record<string, unknown> | null;
  authorization_url: string;
  client_id: string;
  client_secret: string;
  connection_id: string;
  custom_scopes: string;
  display_name: string;
  identity_provider: string;
  issuer: string;
  jwks_url: string;
  organization_id: string;
  redirect_url: string;
  status: "pending" | "active";
  token_url: string;
  userinfo_url: string;
}

export interface Organization {
  allowed_auth_methods: string[];
  allowed_first_party_connected_apps: string[];
  allowed_mfa_methods: string[];
  allowed_oauth_tenants?: Record<string, unknown> | null;
  allowed_third_party_connected_apps: string[];
  auth_methods: string;
  claimed_email_domains: string[];
  created_at?: string | null;
  custom_roles: PolicyRole[];
  email_allowed_domains: string[];
  email_invites: string;
  email_jit_provisioning: string;
  first_party_connected_apps_allowed_type: string;
  mfa_methods: string;
  mfa_policy: string;
  oauth_tenant_jit_provisioning: string;
  organization_external_id?: string | null;
  organization_id: string;
  organization_logo_url: string;
  organization_name: string;
  organization_slug: string;
  rbac_email_implicit_role_assignments: DomainRole[];
  scim_active_connection?: ActiveScimConnection | null;
  sso_active_connections: ActiveConnection[];
  sso_default_connection_id?: string | null;
  sso_jit_provisioning: string;
  sso_jit_provisioning_allowed_connections: string[];
  third_party_connected_apps_allowed_type: string;
  trusted_metadata?: Record<string, unknown> | null;
  updated_at?: string | null;
}

export interface Page {
  next_cursor?: string | null;
  total: number;
}

export interface Permission {
  actions: string[];
  resource_id: string;
}

export interface PhoneNumberFactor {
  phone_id: string;
  phone_number: string;
}

export interface Policy {
  resources: PolicyResource[];
  roles: PolicyRole[];
  scopes: PolicyScope[];
}

export interface PolicyResource {
  actions: string[];
  description: string;
  resource_id: string;
}

export interface PolicyRole {
  description: string;
  permissions: Permission[];
  role_id: string;
}

export interface PolicyScope {
  description: string;
  permissions: Permission[];
  scope: string;
}

export interface PrivateKey {
  created_at?: string | null;
  private_key: string;
  private_key_id: string;
}

export interface PublicOrganization {
  allowed_auth_methods: string[];
  allowed_mfa_methods: string[];
  allowed_oauth_tenants: Record<string, unknown>;
  auth_methods: string;
  email_allowed_domains: string[];
  email_jit_provisioning: string;
  mfa_methods: string;
  mfa_policy: string;
  oauth_tenant_jit_provisioning: string;
  organization_id: string;
  organization_logo_url: string;
  organization_name: string;
  organization_slug: string;
  sso_active_connections: ActiveConnection[];
  sso_default_connection_id?: string | null;
}

export interface RecoveryCodeFactor {
  totp_recovery_code_id: string;
}

export interface Registration {
  connection_id: string;
  external_id: string;
  registration_id: string;
  sso_attributes?: Record<string, unknown> | null;
}

export interface RetiredEmail {
  email_address: string;
  email_id: string;
}

export interface RoleAssignment {
  role_id: string;
}

export interface RoleSource {
  details?: Record<string, unknown> | null;
  type: string;
}

export interface SAMLConnection {
  acs_url: string;
  allow_gateway_callback: boolean;
  alternative_acs_url: string;
  alternative_audience_uri: string;
  attribute_mapping?: Record<string, unknown> | null;
  audience_uri: string;
  connection_id: string;
  display_name: string;
  encryption_private_keys: PrivateKey[];
  identity_provider: string;
  idp_entity_id: string;
  idp_initiated_auth_disabled: boolean;
  idp_sso_url: string;
  nameid_format: string;
  organization_id: string;
  saml_connection_implicit_role_assignments: RoleAssignment[];
  saml_encryption_private_keys: PrivateKey[];
  saml_group_implicit_role_assignments: GroupAssignment[];
  signing_certificates: Certificate[];
  status: "pending" | "active";
  verification_certificates: Certificate[];
}

export interface ScimConnection {
  base_url: string;
  bearer_token_expires_at?: string | null;
  bearer_token_last_four: string;
  connection_id: string;
  display_name: string;
  identity_provider: string;
  next_bearer_token_expires_at?: string | null;
  next_bearer_token_last_four: string;
  organization_id: string;
  scim_group_implicit_role_assignments: ScimGroupAssignment[];
  status: string;
}

export interface ScimConnectionWithNextToken {
  base_url: string;
  bearer_token_expires_at?: string | null;
  bearer_token_last_four: string;
  connection_id: string;
  display_name: string;
  identity_provider: string;
  next_bearer_token: string;
  next_bearer_token_expires_at?: string | null;
  organization_id: string;
  scim_group_implicit_role_assignments: ScimGroupAssignment[];
  status: string;
}

export interface ScimConnectionWithToken {
  base_url: string;
  bearer_token: string;
  bearer_token_expires_at?: string | null;
  connection_id: string;
  display_name: string;
  identity_provider: string;
  organization_id: string;
  scim_group_implicit_role_assignments: ScimGroupAssignment[];
  status: string;
}

export interface ScimGroup {
  connection_id: string;
  group_id: string;
  group_name: string;
  organization_id: string;
}

export interface ScimGroupAssignment {
  group_id: string;
  group_name: string;
  role_id: string;
}

export interface ScimRegistration {
  connection_id: string;
  external_id?: string | null;
  registration_id: string;
  scim_attributes?: Record<string, unknown> | null;
}

export interface SsoFactor {
  external_id: string;
  id: string;
  provider_id: string;
}

/** What each endpoint of the browser answers, inside `data`. */
export interface Answers {
  'DELETE /b2b/organizations/me': {
    organization_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/organizations/members/deletePhoneNumber': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/organizations/members/deleteTOTP': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/organizations/members/mfa_phone_numbers/{member_id}': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/organizations/members/passwords/{member_password_id}': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/organizations/members/totp/{member_id}': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/organizations/members/{member_id}': {
    member_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/scim/{connection_id}': {
    connection_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/sso/saml/{connection_id}/encryption_private_key/{private_key_id}': {
    private_key_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/sso/saml/{connection_id}/encryption_private_keys/{private_key_id}': {
    private_key_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/sso/saml/{connection_id}/verification_certificates/{certificate_id}': {
    certificate_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'DELETE /b2b/sso/{connection_id}': {
    connection_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/admin_portal_config': {
    organization_config: Record<string, unknown>;
    request_id: string;
    scim_config: Record<string, unknown>;
    sso_config: Record<string, unknown>;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/organizations/connected_apps': {
    connected_apps: Record<string, unknown>[];
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/organizations/connected_apps/{connected_app_id}': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/organizations/me': {
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/organizations/members/connected_apps': {
    connected_apps: Record<string, unknown>[];
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/organizations/members/me': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/organizations/members/{member_id}/connected_apps': {
    connected_apps: Record<string, unknown>[];
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/recovery_codes': {
    member: Member;
    member_id: string;
    organization: Organization;
    recovery_codes: string[];
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/scim': {
    connection?: ScimConnection | null;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/sso': {
    external_connections: ExternalConnection[];
    oidc_connections: OIDCConnection[];
    request_id: string;
    saml_connections: SAMLConnection[];
    status_code: 200;
    warnings?: string[];
  };
  'GET /b2b/sso/discovery/connections': {
    connections: ActiveConnection[];
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'GET /projects/bootstrap/{public_token}': {
    captcha_settings: Record<string, unknown>;
    cname_domain?: string | null;
    create_organization_enabled: boolean;
    dfp_protected_auth_enabled: boolean;
    dfp_protected_auth_mode: string;
    disable_sdk_watermark: boolean;
    email_domains: string[];
    password_config?: Record<string, unknown> | null;
    pkce_required_for_email_magic_links: boolean;
    pkce_required_for_oauth: boolean;
    pkce_required_for_password_resets: boolean;
    pkce_required_for_sso: boolean;
    project_name: string;
    rbac_policy: Policy;
    request_id: string;
    siwe_required_for_crypto_wallets: boolean;
    slug_pattern?: string | null;
    status_code: 200;
    vertical: "B2B";
    warnings?: string[];
  };
  'POST /b2b/discovery/intermediate_sessions/exchange': {
    intermediate_session_token: string;
    intermediate_session_token_expires_at?: string | null;
    member: Member;
    member_authenticated: boolean;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session?: MemberSession | null;
    mfa_required?: Record<string, unknown> | null;
    organization: Organization;
    organization_id: string;
    primary_required?: Record<string, unknown> | null;
    request_id: string;
    reset_session: boolean;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/discovery/organizations': {
    discovered_organizations: DiscoveredOrganization[];
    email_address: string;
    organization_id_hint?: string | null;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/discovery/organizations/create': {
    intermediate_session_token: string;
    intermediate_session_token_expires_at?: string | null;
    member: Member;
    member_authenticated: boolean;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session?: MemberSession | null;
    mfa_required?: Record<string, unknown> | null;
    organization: Organization;
    organization_id: string;
    primary_required?: Record<string, unknown> | null;
    request_id: string;
    reset_session: boolean;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/magic_links/authenticate': {
    intermediate_session_token: string;
    intermediate_session_token_expires_at?: string | null;
    member: Member;
    member_authenticated: boolean;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session?: MemberSession | null;
    method_id: string;
    mfa_required?: Record<string, unknown> | null;
    organization: Organization;
    organization_id: string;
    primary_required?: Record<string, unknown> | null;
    request_id: string;
    reset_session: boolean;
    reset_sessions: boolean;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/magic_links/discovery/authenticate': {
    discovered_organizations: DiscoveredOrganization[];
    email_address: string;
    intermediate_session_token: string;
    intermediate_session_token_expires_at: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/magic_links/email/discovery/send': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/magic_links/email/invite': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/magic_links/email/login_or_signup': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/oauth/authenticate': {
    intermediate_session_token: string;
    member: Member;
    member_authenticated: boolean;
    member_id: string;
    member_session?: MemberSession | null;
    mfa_required?: Record<string, unknown> | null;
    organization: Organization;
    organization_id: string;
    primary_required?: Record<string, unknown> | null;
    provider_subject: string;
    provider_type: string;
    provider_values: Record<string, unknown>;
    request_id: string;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/me/members/search': {
    members: Member[];
    organizations: Record<string, Organization>;
    request_id: string;
    results_metadata: Page;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members/connected_apps/{connected_app_id}/revoke': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members/search': {
    member?: Record<string, unknown> | null;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members/start_email_update': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members/unlink_retired_email': {
    member: Member;
    member_id: string;
    organization: Organization;
    organization_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members/{member_id}/connected_apps/{connected_app_id}/revoke': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members/{member_id}/start_email_update': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/members/{member_id}/unlink_retired_email': {
    member: Member;
    member_id: string;
    organization: Organization;
    organization_id: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/organizations/search': {
    organization?: PublicOrganization | null;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/otps/email/authenticate': {
    intermediate_session_token: string;
    intermediate_session_token_expires_at?: string | null;
    member: Member;
    member_authenticated: boolean;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session?: MemberSession | null;
    method_id: string;
    mfa_required?: Record<string, unknown> | null;
    organization: Organization;
    organization_id: string;
    primary_required?: Record<string, unknown> | null;
    request_id: string;
    reset_session: boolean;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/otps/email/discovery/authenticate': {
    discovered_organizations: DiscoveredOrganization[];
    email_address: string;
    intermediate_session_token: string;
    intermediate_session_token_expires_at: string;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/otps/email/discovery/send': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/otps/email/login_or_signup': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/otps/sms/authenticate': {
    member: Member;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session: MemberSession;
    organization: Organization;
    request_id: string;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/otps/sms/send': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/recovery_codes/recover': {
    member: Member;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session: MemberSession;
    organization: Organization;
    recovery_codes_remaining: number;
    request_id: string;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/recovery_codes/rotate': {
    member: Member;
    member_id: string;
    organization: Organization;
    recovery_codes: string[];
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/scim': {
    connection: ScimConnectionWithToken;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/scim/groups': {
    next_cursor?: string | null;
    request_id: string;
    scim_groups: ScimGroup[];
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/scim/rotate/cancel': {
    connection?: ScimConnection | null;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/scim/rotate/complete': {
    connection?: ScimConnection | null;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/scim/rotate/start': {
    connection: ScimConnectionWithNextToken;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sessions/attest': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sessions/authenticate': {
    member: Member;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session: MemberSession;
    organization: Organization;
    request_id: string;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sessions/exchange': {
    intermediate_session_token: string;
    intermediate_session_token_expires_at?: string | null;
    member: Member;
    member_authenticated: boolean;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session?: MemberSession | null;
    mfa_required?: Record<string, unknown> | null;
    organization: Organization;
    organization_id: string;
    primary_required?: Record<string, unknown> | null;
    request_id: string;
    reset_session: boolean;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sessions/exchange_access_token': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sessions/revoke': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sessions/revoke/{member_id}': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sso/authenticate': {
    intermediate_session_token: string;
    intermediate_session_token_expires_at?: string | null;
    member: Member;
    member_authenticated: boolean;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session?: MemberSession | null;
    mfa_required?: Record<string, unknown> | null;
    organization: Organization;
    organization_id: string;
    primary_required?: Record<string, unknown> | null;
    request_id: string;
    reset_session: boolean;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sso/external': {
    connection: ExternalConnection;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sso/oidc': {
    connection: OIDCConnection;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/sso/saml': {
    connection: SAMLConnection;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /b2b/totp': {
    member: Member;
    member_id: string;
    organization: Organization;
    qr_code: string;
    recovery_codes: string[];
    request_id: string;
    secret: string;
    status_code: 200;
    totp_registration_id: string;
    warnings?: string[];
  };
  'POST /b2b/totp/authenticate': {
    member: Member;
    member_device?: Record<string, unknown> | null;
    member_id: string;
    member_session: MemberSession;
    organization: Organization;
    request_id: string;
    session_jwt: string;
    session_token: string;
    status_code: 200;
    warnings?: string[];
  };
  'POST /events': {
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/organizations/me': {
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/organizations/members/update': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/organizations/members/{member_id}': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/organizations/members/{member_id}/reactivate': {
    member: Member;
    member_id: string;
    organization: Organization;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/scim/{connection_id}': {
    connection?: ScimConnection | null;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/sso/external/{connection_id}': {
    connection: ExternalConnection;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/sso/oidc/{connection_id}': {
    connection: OIDCConnection;
    request_id: string;
    status_code: 200;
    warning: string;
    warnings?: string[];
  };
  'PUT /b2b/sso/saml/{connection_id}': {
    connection: SAMLConnection;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
  'PUT /b2b/sso/saml/{connection_id}/url': {
    connection: SAMLConnection;
    request_id: string;
    status_code: 200;
    warnings?: string[];
  };
}
