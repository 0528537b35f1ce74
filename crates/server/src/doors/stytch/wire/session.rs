//! Member sessions on the wire.

use serde::Serialize;
use serde_json::Value;
use vestibule_domain::id::{EmailId, PhoneNumberId, ProjectId};
use vestibule_domain::session::{EmailMethod, Factor, FactorKind, Session, SsoProtocol};

use crate::operations::views::{ListedSession, SessionView};

/// A session.
#[derive(Debug, Serialize)]
pub(crate) struct SessionOut {
    member_session_id: String,
    member_id: String,
    organization_id: String,
    organization_slug: String,
    started_at: String,
    last_accessed_at: String,
    expires_at: String,
    roles: Vec<String>,
    custom_claims: serde_json::Map<String, Value>,
    authentication_factors: Vec<FactorOut>,
}

impl From<&SessionView> for SessionOut {
    fn from(view: &SessionView) -> Self {
        let slug = view.organization.organization.slug.clone();
        Self::new(&view.session, view.roles.clone(), slug)
    }
}

impl From<ListedSession> for SessionOut {
    fn from(listed: ListedSession) -> Self {
        Self::new(&listed.session, listed.roles, listed.organization_slug)
    }
}

impl SessionOut {
    fn new(session: &Session, roles: Vec<String>, organization_slug: String) -> Self {
        Self {
            member_session_id: session.id.to_string(),
            member_id: session.member_id.to_string(),
            organization_id: session.organization_id.to_string(),
            organization_slug,
            started_at: session.started_at.to_string(),
            last_accessed_at: session.last_accessed_at.to_string(),
            expires_at: session.expires_at.to_string(),
            roles,
            custom_claims: session.custom_claims.clone(),
            authentication_factors: session
                .factors
                .iter()
                .map(|factor| FactorOut::of(session.project_id, factor))
                .collect(),
        }
    }
}

/// One thing that was proved. Names come from the closed lists of the contract: a client refuses others.
#[derive(Debug, Serialize)]
pub(crate) struct FactorOut {
    #[serde(rename = "type")]
    kind: &'static str,
    delivery_method: &'static str,
    sequence_order: &'static str,
    created_at: String,
    updated_at: String,
    last_authenticated_at: String,
    #[serde(flatten)]
    detail: DetailOut,
}

/// What the factor is about: the one member of its kind, the others are left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum DetailOut {
    OidcSsoFactor(SsoFactorOut),
    SamlSsoFactor(SsoFactorOut),
    EmailFactor {
        email_id: String,
        email_address: String,
    },
    PhoneNumberFactor {
        phone_id: String,
        phone_number: String,
    },
    AuthenticatorAppFactor {
        totp_id: String,
    },
    RecoveryCodeFactor {
        totp_recovery_code_id: String,
    },
    /// None of the members of the contract is about it.
    #[serde(untagged)]
    Nothing {},
}

#[derive(Debug, Serialize)]
struct SsoFactorOut {
    id: String,
    provider_id: String,
    external_id: String,
}

impl FactorOut {
    /// A factor of a project's member.
    pub(crate) fn of(project: ProjectId, factor: &Factor) -> Self {
        let (kind, delivery_method) = names(&factor.kind);
        Self {
            kind,
            delivery_method,
            sequence_order: if factor.kind.is_second() { "SECONDARY" } else { "PRIMARY" },
            created_at: factor.created_at.to_string(),
            updated_at: factor.last_authenticated_at.to_string(),
            last_authenticated_at: factor.last_authenticated_at.to_string(),
            detail: detail(project, &factor.kind),
        }
    }
}

/// Its type and its delivery method.
const fn names(kind: &FactorKind) -> (&'static str, &'static str) {
    match kind {
        FactorKind::Sso { protocol: SsoProtocol::Oidc, .. } => ("sso", "sso_oidc"),
        FactorKind::Sso { protocol: SsoProtocol::Saml, .. } => ("sso", "sso_saml"),
        FactorKind::Email { method: EmailMethod::MagicLink, .. } => ("magic_link", "email"),
        FactorKind::Email { method: EmailMethod::Otp, .. } => ("email_otp", "email"),
        FactorKind::Totp { .. } => ("totp", "authenticator_app"),
        FactorKind::Sms { .. } => ("otp", "sms"),
        FactorKind::RecoveryCode { .. } => ("recovery_codes", "recovery_code"),
        // The only way of delivery that clients know for it.
        FactorKind::Imported { .. } => ("imported", "imported_auth0"),
    }
}

fn detail(project: ProjectId, kind: &FactorKind) -> DetailOut {
    match kind {
        FactorKind::Sso { protocol, registration_id, connection_id, external_id } => {
            let sso = SsoFactorOut {
                id: registration_id.to_string(),
                provider_id: connection_id.to_string(),
                external_id: external_id.clone(),
            };
            match protocol {
                SsoProtocol::Oidc => DetailOut::OidcSsoFactor(sso),
                SsoProtocol::Saml => DetailOut::SamlSsoFactor(sso),
            }
        }
        FactorKind::Email { address, .. } => DetailOut::EmailFactor {
            email_id: EmailId::of(project, address).to_string(),
            email_address: address.to_string(),
        },
        FactorKind::Sms { phone_number } => DetailOut::PhoneNumberFactor {
            phone_id: PhoneNumberId::of(project, phone_number).to_string(),
            phone_number: phone_number.clone(),
        },
        FactorKind::Totp { totp_id } => DetailOut::AuthenticatorAppFactor { totp_id: totp_id.to_string() },
        FactorKind::RecoveryCode { totp_id } => {
            DetailOut::RecoveryCodeFactor { totp_recovery_code_id: totp_id.to_string() }
        }
        FactorKind::Imported { .. } => DetailOut::Nothing {},
    }
}
