//! The catalogue of this dialect: everything it may refuse with, each with a stable name, an HTTP status and a sentence.

macro_rules! catalogue {
    ($($variant:ident = $status:literal $name:literal $message:literal;)*) => {
        /// One error of this dialect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind {
            $(
                #[doc = concat!($status, " `", $name, "`: ", $message)]
                $variant,
            )*
        }

        impl ErrorKind {
            /// Every error, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The stable name, `error_type` on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The sentence that is always shown.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

catalogue! {
    // The request itself
    InvalidRequest = 400 "bad_request" "The request could not be read.";
    MissingField = 400 "missing_required_field" "A required field is missing.";
    InvalidField = 400 "invalid_field" "A field has a value that is not allowed.";
    BodyTooLarge = 413 "request_body_too_large" "The request body is larger than this endpoint takes.";
    UnsupportedMediaType = 415 "unsupported_media_type" "The request body must be JSON with Content-Type application/json.";
    RouteNotFound = 404 "route_not_found" "There is no such endpoint. Check the path and the method.";
    FeatureNotSupported = 400 "feature_not_supported" "This server does not have what this endpoint is for.";
    FeatureNotConfigured = 400 "feature_not_configured" "The project has not set up what this endpoint needs.";
    MethodNotAllowed = 405 "method_not_allowed" "This endpoint does not take this method.";
    TooManyRequests = 429 "too_many_requests" "Too many requests. Wait and try again.";
    Internal = 500 "internal_server_error" "Something went wrong on our side. Give the request id to your operator.";
    Unavailable = 503 "service_unavailable" "The server cannot take this request right now. Try again in a moment.";
    Busy = 503 "server_busy" "Nothing was done. Try again in a few seconds.";
    EmailNotConfigured = 400 "email_delivery_not_configured" "This server has no mail server to send by. Whoever runs it sets mail.host and mail.from.";
    SmsNotConfigured = 400 "sms_delivery_not_configured" "This server has no way to send text messages. Whoever runs it sets sms.webhook_url and sms.webhook_secret.";

    // Who is asking
    UnauthorizedCredentials = 401 "unauthorized_credentials" "The project id or the secret is not right.";
    InvalidSecretAuthentication = 401 "invalid_secret_authentication" "The Authorization header must be Basic with the project id and the secret.";
    BadDomain = 400 "bad_domain_for_stytch_sdk" "The project does not serve this page or program: PUT /v1/vestibule/project/sdk says which it serves.";
    UserUnauthenticated = 401 "user_unauthenticated" "Nobody is signed in.";
    EndpointNotForSdk = 401 "endpoint_not_authorized_for_sdk" "The project does not let this be done from a browser: PUT /v1/vestibule/project/sdk says what may be.";
    SessionAuthorization = 403 "session_authorization_error" "The member is not allowed to do this.";
    SessionAuthorizationTenancy = 403 "session_authorization_tenancy_error" "The member belongs to another organization.";
    CannotUpdateTrustedMetadata = 401 "cannot_update_trusted_metadata" "A member cannot change trusted_metadata. Make this change with the project's credentials alone.";
    CannotUpdateOwnRoles = 403 "cannot_update_own_roles" "A member cannot change their own roles or address.";
    TestIdInLive = 400 "test_id_used_in_live_environment" "An id of the test environment was used in a live project.";
    LiveIdInTest = 400 "live_id_used_in_test_environment" "An id of the live environment was used in a test project.";

    // The project
    ProjectNotFound = 404 "project_not_found" "There is no project with this id.";
    SetupLinkNotFound = 404 "setup_link_not_found" "The project has no set-up link with this id.";
    ConnectionTestNotFound = 404 "connection_test_not_found" "The connection has no test with this id.";
    DomainNotFound = 404 "domain_not_found" "The organization shows no such domain to be its own.";
    TooManyDomains = 400 "too_many_domains" "The organization shows as many domains as it may. Remove one that is not used any more first.";
    ApiSecretNotFound = 404 "api_secret_not_found" "The project has no good API secret with this id.";
    TooManySetupLinks = 400 "too_many_setup_links" "The organization has as many set-up links as it may have. Old ones go by themselves.";
    TooManyApiSecrets = 400 "too_many_api_secrets" "The project has as many good API secrets as it may have. Revoke one that is not used any more first.";
    CannotRevokeLastApiSecret = 400 "cannot_revoke_last_api_secret" "No API secret of the project would be left that stays good. Make another first.";
    TooManySessionKeys = 400 "too_many_session_keys" "As many session keys of the project are published as may be.";

    // Organizations
    OrganizationNotFound = 404 "organization_not_found" "The organization could not be found.";
    InvalidOrganizationId = 400 "invalid_organization_id" "The organization_id is not an id, a slug or an external id.";
    InvalidOrganizationName = 400 "invalid_organization_name" "organization_name must have 1 to 128 characters.";
    InvalidOrganizationSlug = 400 "invalid_organization_slug" "organization_slug must have 2 to 128 of the characters A-Z a-z 0-9 - . _ ~.";
    OrganizationSlugUsed = 400 "organization_slug_already_used" "Another organization has this slug.";
    InvalidOrganizationExternalId = 400 "invalid_organization_external_id" "organization_external_id must have 1 to 128 of the characters A-Z a-z 0-9 . _ - |.";
    OrganizationExternalIdUsed = 400 "organization_external_id_already_used" "Another organization has this external id.";
    InvalidSsoDefaultConnection = 400 "invalid_sso_default_connection_id" "sso_default_connection_id must be a connection of this organization.";
    CannotDeleteDefaultConnection = 400 "cannot_delete_default_sso_connection" "This is the organization's default connection. Choose another default first.";
    InvalidConnectionForJit = 400 "invalid_connection_for_jit_provisioning" "sso_jit_provisioning_allowed_connections must name connections of this organization.";
    InvalidEmailDomain = 400 "organization_settings_invalid_domain" "A domain must be a host name such as acme.com.";
    PublicEmailDomain = 400 "organization_settings_domain_too_common" "Public mail domains cannot be allowed or claimed by an organization.";
    ClaimedEmailDomainUsed = 400 "action_not_allowed_email_domain_is_claimed" "Another organization has claimed this domain.";
    ProvisioningAllOff = 400 "organization_settings_all_provisioning_not_allowed" "sso_jit_provisioning, email_jit_provisioning and email_invites may not all be NOT_ALLOWED.";
    AllowedAuthMethodsRequired = 400 "allowed_auth_methods_required_for_restricted" "RESTRICTED needs a list with at least one method.";
    InvalidRole = 400 "invalid_rbac_role" "A role that is assigned must exist in the project's policy or in the organization.";
    MetadataTooLarge = 400 "metadata_too_large" "The metadata is larger than 4096 bytes of JSON.";

    // Members
    MemberNotFound = 404 "member_not_found" "The member could not be found.";
    InvalidMemberId = 400 "invalid_member_id" "The member_id is not an id or an external id.";
    InvalidEmail = 400 "invalid_email" "The e-mail address is not one we can take.";
    DuplicateMemberEmail = 400 "duplicate_member_email" "Another member of this organization has this address.";
    DuplicateMemberExternalId = 400 "duplicate_member_external_id" "Another member of this organization has this external id.";
    InvalidMemberExternalId = 400 "invalid_member_external_id" "external_id must have 1 to 128 of the characters A-Z a-z 0-9 . _ - |.";
    InvalidPhoneNumber = 400 "invalid_phone_number" "A phone number must be in E.164 form, such as +15555550123.";
    ActiveMembersOnly = 400 "action_available_only_for_active_members" "This is possible for active members only.";
    MemberNotDeleted = 400 "member_reactivation_not_deleted" "Only a deleted member can be reactivated.";
    EmailNotFound = 404 "email_not_found" "The member has no such retired address.";
    MemberPasswordNotFound = 404 "member_password_not_found" "No member has a password with this id.";
    ConnectedAppNotFound = 404 "connected_app_not_found" "The connected app could not be found.";
    InactiveEmail = 400 "inactive_email" "The member has no verified address.";
    EmailInvitesNotAllowed = 400 "member_email_invites_not_allowed" "The organization's email_invites setting does not let this address be added.";

    // Searches
    InvalidSearchOperator = 400 "organization_search_invalid_operator" "query.operator must be AND or OR.";
    InvalidSearchFilter = 400 "organization_search_invalid_filter" "A search filter is not known or has a value of the wrong type.";
    InvalidSearchCursor = 400 "organization_search_invalid_cursor" "The cursor is not one that this search gave.";
    InvalidSearchLimit = 400 "organization_search_invalid_limit" "limit must be 1 to 1000.";
    MemberSearchMissingOrganization = 400 "member_search_missing_organization_ids" "organization_ids must name at least one organization.";
    MemberSearchInvalidFilter = 400 "member_search_invalid_filter" "A search filter is not known or has a value of the wrong type.";
    MemberSearchInvalidOperator = 400 "member_search_invalid_operator" "query.operator must be AND or OR.";
    MemberSearchInvalidCursor = 400 "member_search_invalid_cursor" "The cursor is not one that this search gave.";
    MemberSearchInvalidLimit = 400 "member_search_invalid_limit" "limit must be 1 to 1000.";

    // Connections
    RegistrationNotFound = 404 "sso_registration_not_found" "The member has no registration with this id.";
    ConnectionNotFound = 404 "sso_connection_not_found" "The connection could not be found.";
    OidcConnectionNotFound = 404 "oidc_connection_not_found" "The OpenID Connect connection could not be found.";
    InvalidConnectionId = 400 "invalid_connection_id" "The connection_id is not one.";
    InvalidIdp = 400 "invalid_sso_idp" "identity_provider is not one we know.";
    TooManyConnections = 400 "too_many_sso_connections" "The organization has as many connections as it may have.";
    InvalidIssuer = 400 "invalid_issuer" "The issuer is not usable.";
    InvalidClientId = 400 "invalid_client_id" "The client_id is not usable.";
    ClientSecretTooLong = 400 "client_secret_too_long" "The client_secret has more than 1024 characters.";
    InvalidAuthorizationUrl = 400 "invalid_authorization_url" "The authorization_url is not usable.";
    InvalidTokenUrl = 400 "invalid_token_url" "The token_url is not usable.";
    InvalidUserinfoUrl = 400 "invalid_userinfo_url" "The userinfo_url is not usable.";
    InvalidJwksUrl = 400 "invalid_jwks_url" "The jwks_url is not usable.";
    InvalidCustomScopes = 400 "invalid_custom_scopes" "custom_scopes must be scope names separated by single spaces.";
    InvalidAttributeMapping = 400 "invalid_attribute_mapping" "attribute_mapping must map up to 100 names to claim names.";
    InvalidChannel = 400 "invalid_oidc_channel" "type must be back_channel or front_channel.";
    InvalidDisplayName = 400 "invalid_display_name" "display_name may have up to 128 characters.";

    // SAML connections
    SamlConnectionNotFound = 404 "saml_connection_not_found" "The SAML connection could not be found.";
    VerificationKeyNotFound = 404 "sso_verification_key_not_found" "The connection has no verification certificate with this id.";
    EncryptionKeyNotFound = 404 "sso_encryption_private_key_not_found" "The connection has no encryption private key with this id.";
    ExternalConnectionIdNotFound = 404 "external_connection_id_not_found" "external_connection_id must be a SAML or OpenID Connect connection of external_organization_id.";
    ExternalSameOrganization = 400 "external_organization_id_same_as_organization_id" "An organization cannot borrow its own connection: external_organization_id must be another organization.";
    ExternalNotActive = 400 "external_connection_not_active" "Only an active connection can be borrowed.";
    DuplicateExternalConnection = 400 "duplicate_external_sso_connection" "The organization borrows this connection already.";
    TooManyExternalConnections = 400 "too_many_external_sso_connections" "The organization lends its connections as often as it may.";
    DuplicateSamlConnection = 400 "duplicate_saml_connection" "Another connection of this organization has this idp_entity_id.";
    InvalidIdpEntityId = 400 "invalid_idp_entity_id" "The idp_entity_id is not usable.";
    InvalidIdpSsoUrl = 400 "invalid_idp_sso_url" "The idp_sso_url is not usable.";
    IdpSsoUrlRequired = 400 "saml_connection_idp_sso_url_required" "The connection has no idp_sso_url yet.";
    IdpSsoUrlFormat = 400 "saml_connection_idp_sso_url_invalid_format" "The idp_sso_url is not an absolute URL.";
    IdpSsoUrlNotHttps = 400 "saml_connection_idp_sso_url_not_https" "The idp_sso_url must begin with https.";
    InvalidX509Certificate = 400 "invalid_x509_certificate" "The x509_certificate is not a certificate, or several, in PEM.";
    TooManyVerificationCertificates = 400 "too_many_sso_verification_certificates" "A connection has at most 5 verification certificates. Delete one that is not used any more first.";
    CannotDeleteLastVerificationKey = 400 "cannot_delete_last_sso_verification_key" "This is the only verification certificate of an active connection. Add its successor first.";
    TooManyEncryptionKeys = 400 "too_many_encryption_certificates" "A connection has at most 5 encryption private keys. Delete one that is not used any more first.";
    PrivateKeyTooLong = 400 "private_key_too_long" "The private key is longer than any we take.";
    SigningKeyFormat = 400 "saml_signing_private_key_format_not_supported" "A private key must be an RSA key in PEM, PKCS#1 or PKCS#8, that is not protected by a password.";
    SigningKeyInvalid = 400 "saml_signing_private_key_invalid" "The private key cannot be used.";
    SamlMappingRequired = 400 "saml_connection_attribute_mapping_required" "attribute_mapping must have entries.";
    SamlMappingMissingGroups = 400 "saml_connection_attribute_mapping_missing_groups_key" "Role assignments for groups need a groups key in attribute_mapping.";
    SamlMappingEmailRequired = 400 "saml_connection_email_mapping_required" "attribute_mapping must have an email key. Its value is the attribute that holds the address, or NameID.";
    SamlMappingNameRequired = 400 "saml_connection_name_mapping_required" "attribute_mapping must have a full_name key, or both first_name and last_name.";
    SamlMappingNested = 400 "saml_connection_no_nested_keys_in_attribute_mapping" "The values of attribute_mapping must be the names of attributes.";
    InvalidNameIdFormat = 400 "invalid_nameid_format" "nameid_format is not one of the formats of SAML.";
    InvalidAlternativeUrl = 400 "invalid_saml_alternative_url" "alternative_acs_url or alternative_audience_uri is not usable.";
    InvalidMetadataUrl = 400 "invalid_saml_metadata_url" "The metadata could not be fetched from metadata_url.";
    InvalidMetadataXml = 400 "invalid_xml_from_saml_metadata_url" "The metadata is not the XML of a SAML identity provider.";
    UnusableMetadata = 400 "saml_connection_metadata_invalid_format" "The metadata does not describe an identity provider that can be used.";
    OptionsTooLarge = 400 "connection_options_too_large" "The options of the connection are larger than is kept.";
    ConnectionNameUsed = 409 "duplicate_connection_name" "Another connection of the project has this name.";
    InvalidLegacySwitch = 400 "invalid_saml_legacy_switch" "A legacy switch takes the time at which it ends, at most 180 days ahead, or an empty text to turn it off.";

    // Starting a sign-in
    MissingConnectionLocator = 400 "missing_sso_connection_locator" "Give connection_id or organization_id.";
    TooManyConnectionLocators = 400 "too_many_sso_connection_locators" "Give connection_id or organization_id, not both.";
    NoConnectionForOrganization = 400 "no_sso_connection_exists_for_organization" "The organization has no active connection.";
    IndeterminateConnection = 400 "indeterminate_sso_connection_for_organization" "The organization has several active connections and no default. Choose a default or give connection_id.";
    ConnectionSwitchedOff = 400 "sso_connection_switched_off" "The connection is switched off: nobody signs in through it.";
    ConnectionNotActive = 400 "requires_active_sso_connection" "The connection is not active yet.";
    InvalidPublicToken = 400 "invalid_public_token_id" "public_token is missing or not one.";
    PublicTokenNotFound = 404 "public_token_not_found" "There is no project with this public token.";
    NoMatchForRedirectUrl = 400 "no_match_for_provided_sso_url" "The redirect URL is not registered for this project.";
    InvalidLoginUrl = 400 "invalid_login_sso_url" "There is no usable login redirect URL.";
    InvalidSignupUrl = 400 "invalid_signup_sso_url" "There is no usable signup redirect URL.";
    NoMatchForLinkUrl = 400 "no_match_for_provided_magic_link_url" "The redirect URL of the link is not registered for this project.";
    NoLoginUrl = 400 "no_login_redirect_urls_set" "There is no usable login redirect URL for a link.";
    NoSignupUrl = 400 "no_signup_redirect_urls_set" "There is no usable signup redirect URL for a link.";
    NoInviteUrl = 400 "no_invite_redirect_urls_set" "There is no usable invite redirect URL.";
    NoDiscoveryUrl = 400 "no_discovery_redirect_urls_set" "There is no usable discovery redirect URL.";
    InvalidRedirectUrl = 400 "invalid_redirect_url" "The redirect URL is not usable.";
    InvalidPkceChallenge = 400 "invalid_pkce_code_challenge" "pkce_code_challenge must be 43 base64url characters: SHA-256 of the verifier without padding.";

    // Coming back from an OpenID Connect provider
    OidcInvalidCallback = 400 "oidc_invalid_callback_request" "The identity provider sent a callback that cannot be read.";
    OidcAuthCodeError = 400 "oidc_auth_code_error" "The identity provider refused the sign-in or the exchange of its code.";
    OidcNotAssigned = 400 "oidc_user_not_assigned_to_app_in_idp" "The identity provider let nobody in: the person declined, or may not use the application.";
    MissingOidcState = 400 "missing_oidc_state_param" "The callback has no state parameter.";
    MissingOidcCookie = 400 "missing_oidc_csrf_cookie" "This browser did not start this sign-in, its cookie was lost, or the sign-in was finished before.";
    OidcCookieMismatch = 400 "oidc_csrf_cookie_mismatch" "This browser did not start this sign-in.";
    UnsolicitedOidcResponse = 400 "unsolicited_oidc_response" "No sign-in is waiting for this response; it may have been used already.";
    ExpiredOidcResponse = 400 "expired_oidc_response" "The sign-in took too long, or the id token that it brought has expired.";
    OidcInvalidIdToken = 400 "oidc_invalid_id_token" "The identity provider's id token was not accepted.";
    OidcInvalidUserinfo = 400 "oidc_invalid_userinfo" "The identity provider's user information was not accepted.";
    OidcProviderUnreachable = 400 "oidc_provider_unreachable" "The identity provider did not answer as it should.";
    OidcEmailMissing = 400 "oidc_response_email_missing" "The identity provider sent no usable e-mail address.";
    OidcNameMissing = 400 "oidc_response_name_missing" "The identity provider sent no name.";
    OidcSubjectMissing = 400 "oidc_response_subject_missing" "The identity provider sent no subject.";
    OidcSubjectMismatch = 400 "oidc_response_subject_mismatch" "The subject does not match: the address is known by another, or user information and id token are about two people.";
    OidcUnverifiedEmail = 400 "oidc_response_unverified_email" "The identity provider says that the e-mail address is not verified.";
    EmailJitNotAllowed = 400 "email_jit_provisioning_not_allowed" "There is no such member, and the organization lets nobody with this address in.";
    NobodyIsMade = 400 "sso_connection_creates_no_members" "There is no such member, and signing in through this connection makes nobody.";
    JitNotAllowed = 400 "jit_provisioning_not_allowed" "There is no such member, and the organization does not let this connection create members.";
    AddressNotSpokenFor = 400 "external_connection_address_not_accepted" "The connection is borrowed from another organization, whose identity provider does not speak for this address here.";
    AuthMethodRestricted = 400 "operation_restricted_by_organization_auth_methods" "The organization does not allow signing in by SSO.";
    InvalidCallbackId = 400 "invalid_callback_id" "The callback address does not name a connection.";

    RemovedByDirectory = 400 "member_removed_by_directory" "The organization's directory has removed or deactivated whoever has this address. Activate the person there, or add the member by hand.";

    // Directories
    InvalidScimIdp = 400 "invalid_scim_idp" "identity_provider is none that a SCIM connection can have.";
    ActiveScimConnection = 400 "active_scim_connection_exists" "The organization has an active SCIM connection. Delete it before another one is made.";
    ScimConnectionNotFound = 404 "scim_connection_not_found" "The SCIM connection could not be found.";
    ScimGroupNotFound = 400 "scim_group_role_assignment_group_not_found" "A role assignment names a group that the directory does not have.";
    ScimNotRotating = 400 "scim_connection_not_rotating_token" "No token of the SCIM connection is being replaced.";
    ScimRotating = 400 "scim_connection_already_rotating_token" "A token of the SCIM connection is being replaced. Complete or cancel that first.";
    BreakglassStays = 400 "member_is_breakglass" "The member is kept for the day on which the directory is wrong.";
    DirectoryTraceNotFound = 404 "directory_trace_not_found" "The trace of the directory's request could not be found.";

    // Coming back from a SAML identity provider
    MissingSamlResponse = 400 "missing_saml_response" "The callback has no SAMLResponse.";
    MissingSamlRelayState = 400 "missing_saml_relay_state" "The callback has no RelayState, although it answers a sign-in that was started here.";
    MissingSamlCookie = 400 "missing_saml_csrf_cookie" "This browser did not start this sign-in, its cookie was lost, or the sign-in was finished before.";
    SamlCookieMismatch = 400 "saml_csrf_cookie_mismatch" "This browser did not start this sign-in.";
    InvalidSamlResponse = 400 "invalid_saml_response" "The identity provider's SAML response was not accepted.";
    InvalidXmlSamlResponse = 400 "invalid_xml_saml_response" "The identity provider's SAML response is not XML that is accepted.";
    XmlValidationSaml = 400 "xml_validation_saml_unknown_error" "The identity provider's SAML response could not be validated.";
    MissingSignatureSamlResponse = 400 "missing_signature_saml_response" "The SAML response is not signed where it must be. Let the identity provider sign the response, the assertion, or both.";
    InvalidSignatureSamlResponse = 400 "invalid_signature_saml_response" "The signature of the SAML response is not valid.";
    SamlCertificateMismatch = 400 "saml_certificate_mismatch" "The SAML response is not signed by any of the connection's verification certificates.";
    InvalidAudienceSamlResponse = 400 "invalid_audience_saml_response" "The SAML response is meant for another audience.";
    InvalidIssuerSamlResponse = 400 "invalid_issuer_saml_response" "The SAML response comes from another identity provider than the connection's.";
    InvalidRecipientSamlResponse = 400 "invalid_recipient_saml_response" "The SAML response is addressed to another callback than the connection's.";
    ExpiredSamlResponse = 400 "expired_saml_response" "The SAML response, or the sign-in it answers, has expired.";
    NotYetValidSamlResponse = 400 "not_yet_valid_saml_response" "The SAML response is not valid yet. The identity provider's clock may be ahead.";
    DuplicateSamlResponse = 400 "duplicate_saml_response" "The SAML response was used before.";
    FailedSamlResponse = 400 "failed_saml_response" "The identity provider answered that the sign-in failed.";
    UnsolicitedSamlResponse = 400 "unsolicited_saml_response" "The SAML response answers no sign-in that waits for it; it may have been used already.";
    SamlIdpInitiatedDisabled = 400 "saml_idp_initiated_auth_disabled" "The connection does not take sign-ins that begin at the identity provider.";
    UndecryptableSamlResponse = 400 "undecryptable_saml_response" "The encrypted part of the SAML response cannot be used with any of the connection's encryption keys.";
    UnsupportedAlgorithmSamlResponse = 400 "unsupported_algorithm_saml_response" "The SAML response uses an algorithm that is not accepted.";
    SamlSubjectMissing = 400 "saml_response_subject_missing" "The SAML response names nobody in a way that is the same at every sign-in.";
    SamlSubjectMismatch = 400 "saml_response_subject_mismatch" "The subject does not match the one this address is known by.";
    InvalidSamlEmail = 400 "invalid_saml_response_email" "The SAML response has no usable e-mail address.";
    InvalidSamlGroups = 400 "invalid_saml_response_groups" "The groups in the SAML response cannot be used.";
    SamlNoMatchingGroup = 400 "saml_group_role_assignment_does_not_contain_member_group" "None of the connection's role assignments is for a group of this member.";

    // Redeeming the token
    SsoTokenNotFound = 404 "sso_token_not_found" "The sso_token could not be found. It may have expired or been used.";
    PkceExpectedVerifier = 400 "pkce_expected_code_verifier" "The sign-in was started with a challenge: pkce_code_verifier is needed.";
    PkceUnexpectedVerifier = 400 "pkce_did_not_expect_code_verifier" "The sign-in was started without a challenge: leave pkce_code_verifier out.";
    PkceMismatch = 400 "pkce_mismatch" "pkce_code_verifier does not fit the challenge.";
    InvalidPkceVerifier = 400 "invalid_pkce_code_verifier" "pkce_code_verifier must have 43 to 128 characters.";
    InvalidLocale = 400 "invalid_locale" "locale is not one we know.";
    IntermediateSessionNotFound = 404 "intermediate_session_not_found" "The intermediate session could not be found.";

    // Signing in by mail
    DeadMagicLink = 401 "unable_to_auth_magic_link" "The magic link could not be authenticated. It may have expired or been used. Send another one.";
    WrongEmailCode = 404 "otp_code_not_found" "The passcode could not be authenticated. It may be wrong, expired or used. Try again, or send another one.";

    // Sessions
    SessionNotFound = 404 "session_not_found" "The session could not be found. It may have expired or been revoked.";
    InvalidSessionDuration = 400 "invalid_session_duration_minutes" "session_duration_minutes must be 5 to 527040.";
    CustomClaimsTooLarge = 400 "custom_claims_too_large" "The custom claims are larger than 4096 bytes of JSON.";
    ReservedCustomClaims = 400 "reserved_claims_in_custom_claims" "Custom claims may not be named iss, sub, aud, exp, nbf, iat or jti.";
    StytchCustomClaims = 400 "stytch_claims_in_custom_claims" "Custom claims may not be named like the session's own claims.";
    TooManySessionArguments = 400 "too_many_session_arguments" "Give session_token or session_jwt, not both.";
    NoSessionArguments = 400 "no_session_arguments" "Give session_token or session_jwt.";
    NoRevokeArguments = 400 "no_session_revoke_arguments" "Give member_session_id, session_token, session_jwt or member_id.";
    TooManyRevokeArguments = 400 "too_many_session_revoke_arguments" "Give only one of member_session_id, session_token, session_jwt and member_id.";
    UnparsableSessionJwt = 400 "unable_to_parse_session_jwt" "session_jwt is not a token of this project.";
    SessionMemberMismatch = 400 "session_member_mismatch" "The presented session belongs to another member.";
    InsufficientFactors = 400 "insufficient_factors_for_session_exchange" "Nothing that the session was proved by counts in the other organization.";

    // Second factors
    TotpNotFound = 404 "totp_not_found" "The member has no authenticator application, or the one that was begun waited too long for its first code.";
    ActiveTotpExists = 400 "active_totp_exists" "The member has an authenticator application. Delete it before another one is added.";
    InvalidTotpCode = 400 "invalid_totp_code" "code must be the six digits that the authenticator application shows.";
    WrongTotpCode = 401 "unable_to_authenticate_totp" "The code is not the one that the member's authenticator application shows now.";
    TotpCodeUsed = 400 "totp_code_already_authenticated" "The code was used before, or is older than one that was. The application shows another one in half a minute.";
    InvalidTotpSecret = 400 "invalid_totp_secret" "The secret is not one of an authenticator application.";
    InvalidExpiration = 400 "invalid_expiration" "The number of minutes is outside of what is allowed.";
    RecoveryCodesNotFound = 404 "recovery_codes_not_found" "The member has no recovery codes: they come with an authenticator application, once it was proved.";
    InvalidRecoveryCode = 400 "invalid_recovery_code" "A recovery code is not usable.";
    TooManyRecoveryCodes = 400 "too_many_recovery_codes" "At most 50 recovery codes can be brought along.";
    WrongRecoveryCode = 401 "unable_to_authenticate_recovery_code" "The code is none of the member's recovery codes, or was used before.";
    PhoneNumberNotFound = 404 "member_phone_number_not_found" "The member has no phone number. Give mfa_phone_number.";
    InvalidCode = 400 "invalid_code" "code must be the six digits that were sent.";
    OtpCodeSpent = 401 "unable_to_auth_otp_code" "No code is waiting: it was used, has ended, or went to another number. Send a new one.";
    MfaMethodRestricted = 400 "operation_restricted_by_organization_mfa_methods" "The organization does not take this second factor.";
    PrimaryNeeded = 400 "action_available_only_once_primary_authentication_is_met" "A way to sign in that the organization takes has to be proved before a second factor.";
    SecondFactorNeeded = 403 "second_factor_required" "The second factor of the member has to be proved before this.";

    // RBAC
    InvalidRbacPolicy = 400 "invalid_rbac_policy" "The policy is not valid.";
    InvalidRbacId = 400 "invalid_rbac_id" "The id of a role, a resource, an action or a scope must have 1 to 128 of the characters A-Z a-z 0-9 . _ - : /.";
    InvalidRbacResource = 400 "invalid_rbac_resource" "A permission must be on a resource of the project's policy.";
    InvalidRbacAction = 400 "invalid_rbac_action" "A permission must be for actions of its resource.";
    RbacReservedId = 400 "rbac_reserved_id" "Ids that begin with stytch, and the standard scopes of OpenID Connect, are kept for what is built in.";
    RbacDuplicateId = 400 "rbac_duplicate_id" "Two of one kind have the same id.";
    RbacBuiltIn = 400 "rbac_builtin_not_changeable" "What is built in can be added to, and not changed.";
    RbacPolicyInUse = 400 "rbac_policy_in_use" "The change takes something away, or gives something, by assignments that were made before. Give force to make it all the same.";
    RbacPolicyChanged = 400 "rbac_policy_changed" "Another version of the policy is in force than the one that was named.";

    // Traces
    TraceNotFound = 404 "sign_in_trace_not_found" "The sign-in trace could not be found.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_statuses_are_refusals() {
        let names: HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), ErrorKind::ALL.len());
        assert!(ErrorKind::ALL.iter().all(|kind| (400..=599).contains(&kind.status())));
    }
}
