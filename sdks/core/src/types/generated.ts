// Written by scripts/types.mjs from spec/openapi.json; not edited by hand.

export interface ActiveConnection {
  connection_id: string;
  display_name: string;
  identity_provider: string;
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
  scim_registration?: Record<string, unknown> | null;
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
  scim_active_connection?: Record<string, unknown> | null;
  sso_active_connections: ActiveConnection[];
  sso_default_connection_id?: string | null;
  sso_jit_provisioning: string;
  sso_jit_provisioning_allowed_connections: string[];
  third_party_connected_apps_allowed_type: string;
  trusted_metadata?: Record<string, unknown> | null;
  updated_at?: string | null;
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

export interface SsoFactor {
  external_id: string;
  id: string;
  provider_id: string;
}

/** What each endpoint of the browser answers, inside `data`. */
export interface Answers {

}
