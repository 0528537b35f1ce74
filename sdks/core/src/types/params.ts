/** Every authentication says for how long. */
export interface Duration {
  session_duration_minutes: number;
}

export interface Localized {
  /** `en`, `es`, `pt-br`, … for messages that the server sends. */
  locale?: string | undefined;
}

export interface SSOStartOptions {
  connection_id: string;
  login_redirect_url?: string;
  signup_redirect_url?: string;
  /** Handed on to the provider's authorize address; OpenID Connect only. */
  provider_params?: Record<string, string>;
  /** Added to the connection's scopes; OpenID Connect only. */
  custom_scopes?: string[];
  /** Whatever the application wants back from `authenticateByUrl`; it stays in this browser. */
  state?: unknown;
}

/** By connection, or by organization: its id or slug, when it has a default connection or a single one. */
export type SSOStart = SSOStartOptions | (Omit<SSOStartOptions, 'connection_id'> & { organization_id: string; connection_id?: undefined });

export interface OAuthStart {
  organization_id?: string;
  organization_slug?: string;
  login_redirect_url?: string;
  signup_redirect_url?: string;
  custom_scopes?: string[];
  provider_params?: Record<string, string>;
}

export interface OAuthDiscoveryStart {
  discovery_redirect_url?: string;
  custom_scopes?: string[];
  provider_params?: Record<string, string>;
}

export interface SSOAuthenticate extends Duration, Localized {
  /** From the address; null, which is what an address without one gives, is refused when called. */
  sso_token: string | null;
  /** Whether a sign-in that began at the provider is refused. Only this server knows it. */
  solicited_only?: boolean;
}

export interface OAuthAuthenticate extends Duration, Localized {
  oauth_token: string | null;
}

export interface NewConnection {
  display_name?: string;
  identity_provider?: string;
}

export interface RoleForAll {
  role_id: string;
}

export interface RoleForGroup {
  role_id: string;
  group: string;
}

export interface SAMLUpdate extends NewConnection {
  connection_id: string;
  idp_entity_id?: string;
  attribute_mapping?: Record<string, string>;
  idp_sso_url?: string;
  x509_certificate?: string;
  saml_connection_implicit_role_assignments?: RoleForAll[];
  saml_group_implicit_role_assignments?: RoleForGroup[];
  signing_private_key?: string;
  saml_encryption_private_key?: string;
  alternative_audience_uri?: string;
  alternative_acs_url?: string;
  nameid_format?: string;
  idp_initiated_auth_disabled?: boolean;
  allow_gateway_callback?: boolean;
}

export interface OIDCUpdate extends NewConnection {
  connection_id: string;
  issuer?: string;
  client_id?: string;
  client_secret?: string;
  authorization_url?: string;
  token_url?: string;
  userinfo_url?: string;
  jwks_url?: string;
  /** Separated by spaces. */
  custom_scopes?: string;
  attribute_mapping?: Record<string, string>;
}

export interface ExternalUpdate {
  connection_id: string;
  display_name?: string;
  external_connection_implicit_role_assignments?: RoleForAll[];
  external_group_implicit_role_assignments?: RoleForGroup[];
}

export interface AccountUpdate {
  name?: string;
  untrusted_metadata?: Record<string, unknown>;
  mfa_enrolled?: boolean;
  mfa_phone_number?: string;
  default_mfa_method?: string;
}

export interface EmailUpdate extends Localized {
  email_address: string;
  login_redirect_url?: string;
  login_template_id?: string;
  delivery_method?: 'EMAIL_MAGIC_LINK' | 'EMAIL_OTP';
}

export interface RetiredAddress {
  email_id?: string;
  email_address?: string;
}

export interface NewMember {
  email_address: string;
  name?: string;
  untrusted_metadata?: Record<string, unknown>;
  create_member_as_pending?: boolean;
  is_breakglass?: boolean;
  mfa_phone_number?: string;
  mfa_enrolled?: boolean;
  roles?: string[];
}

export interface MemberUpdate extends AccountUpdate {
  member_id: string;
  is_breakglass?: boolean;
  roles?: string[];
  preserve_existing_sessions?: boolean;
  email_address?: string;
  unlink_email?: boolean;
}

export interface Search {
  cursor?: string | null;
  limit?: number | null;
  query?: { operator: string; operands: { filter_name: string; filter_value?: unknown }[] } | null;
}

export interface OrganizationSettings {
  organization_name?: string;
  organization_slug?: string;
  organization_logo_url?: string;
  sso_jit_provisioning?: string;
  email_allowed_domains?: string[];
  email_jit_provisioning?: string;
  email_invites?: string;
  oauth_tenant_jit_provisioning?: string;
  allowed_oauth_tenants?: Record<string, unknown>;
  auth_methods?: string;
  allowed_auth_methods?: string[];
  mfa_policy?: string;
}

export interface OrganizationUpdate extends OrganizationSettings {
  sso_default_connection_id?: string | null;
  sso_jit_provisioning_allowed_connections?: string[];
  mfa_methods?: string;
  allowed_mfa_methods?: string[];
  rbac_email_implicit_role_assignments?: { domain: string; role_id: string }[];
  first_party_connected_apps_allowed_type?: string;
  third_party_connected_apps_allowed_type?: string;
  allowed_first_party_connected_apps?: string[];
  allowed_third_party_connected_apps?: string[];
}

/** A member within an organization, as calls for a second factor name them. */
export interface Whose {
  organization_id: string;
  member_id: string;
}

export interface Mail extends Localized {
  email_address: string;
  login_redirect_url?: string;
  signup_redirect_url?: string;
  login_template_id?: string;
  signup_template_id?: string;
  login_expiration_minutes?: number;
  signup_expiration_minutes?: number;
}

export interface Invitation extends Localized {
  email_address: string;
  invite_redirect_url?: string;
  invite_template_id?: string;
  invite_expiration_minutes?: number;
  name?: string;
  untrusted_metadata?: Record<string, unknown>;
  roles?: string[];
}

export interface DiscoveryMail extends Localized {
  email_address: string;
  discovery_redirect_url?: string;
  login_template_id?: string;
  discovery_expiration_minutes?: number;
}

export interface PasswordReset extends Localized {
  email_address: string;
  login_redirect_url?: string;
  reset_password_redirect_url?: string;
  reset_password_expiration_minutes?: number;
  reset_password_template_id?: string;
  verify_email_template_id?: string;
}

export interface Authorize {
  client_id: string;
  redirect_uri: string;
  response_type: string;
  scopes: string[];
  state?: string;
  nonce?: string;
  code_challenge?: string;
  prompt?: string;
  resources?: string[];
}
