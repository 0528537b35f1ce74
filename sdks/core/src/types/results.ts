import type {
  DiscoveredOrganization,
  ExternalConnection,
  Member,
  MemberSession,
  OIDCConnection,
  Organization,
  SAMLConnection,
} from './generated.js';

/** What every answer has. */
export interface Answer {
  request_id: string;
  status_code: number;
}

/** A second factor is missing. `member_options` is null when the member has not enrolled. */
export interface MfaRequired {
  member_options: { mfa_phone_number: string; totp_registration_id: string } | null;
  secondary_auth_initiated: 'sms_otp' | null;
}

/** The organization asks for another way in. */
export interface PrimaryRequired {
  allowed_auth_methods: string[];
}

interface Identified extends Answer {
  member_id: string;
  organization_id: string;
  member: Member;
  organization: Organization;
  session_token: string;
  session_jwt: string;
}

/** Somebody is signed in. */
export interface Authenticated extends Identified {
  member_authenticated: true;
  member_session: MemberSession;
  intermediate_session_token: '';
  mfa_required: null;
  primary_required: null;
}

/** Something is missing: go on with the intermediate session token, which the client keeps. */
export interface Unfinished extends Identified {
  member_authenticated: false;
  member_session: null;
  intermediate_session_token: string;
  mfa_required: MfaRequired | null;
  primary_required: PrimaryRequired | null;
}

/** The end of an authentication; `member_authenticated` tells which. */
export type AuthenticateResponse = Authenticated | Unfinished;

/** A session was confirmed. There is no second factor to ask for. */
export interface SessionResponse extends Omit<Identified, 'organization_id'> {
  member_session: MemberSession;
}

export interface MemberResponse extends Answer {
  member_id: string;
  member: Member;
  organization: Organization;
}

export interface DiscoveryResponse extends Answer {
  intermediate_session_token: string;
  email_address: string;
  discovered_organizations: DiscoveredOrganization[];
}

export type SAMLResponse = Answer & { connection: SAMLConnection };
export type OIDCResponse = Answer & { connection: OIDCConnection };
export type ExternalResponse = Answer & { connection: ExternalConnection };
export type OIDCUpdateResponse = OIDCResponse & { warning: string };

export interface ConnectionsResponse extends Answer {
  saml_connections: SAMLConnection[];
  oidc_connections: OIDCConnection[];
  external_connections: ExternalConnection[];
}

export interface DiscoveredConnection {
  connection_id: string;
  display_name: string;
  identity_provider: string;
}

export interface ConnectedApp {
  connected_app_id: string;
  name: string;
  description: string;
  client_type: string;
  logo_url?: string;
  scopes_granted: string;
}

export interface SCIMConnection {
  organization_id: string;
  connection_id: string;
  status: string;
  display_name: string;
  identity_provider: string;
  base_url: string;
  bearer_token_last_four?: string;
  bearer_token?: string;
  bearer_token_expires_at?: string;
  next_bearer_token_last_four?: string;
  next_bearer_token?: string;
  next_bearer_token_expires_at?: string;
  scim_group_implicit_role_assignments: { role_id: string; group_id: string; group_name?: string }[];
}

export type SCIMResponse = Answer & { connection: SCIMConnection };

export interface SearchResponse extends Answer {
  members: Member[];
  results_metadata: { total: number; next_cursor?: string | null };
  organizations: Record<string, Organization>;
}

export interface TOTPResponse extends Answer {
  member_id: string;
  organization_id: string;
  totp_registration_id: string;
  secret: string;
  qr_code: string;
  recovery_codes: string[];
  member: Member;
  organization: Organization;
}
