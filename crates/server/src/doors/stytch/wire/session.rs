//! Member sessions on the wire.

use serde::Serialize;
use serde_json::Value;
use vestibule_domain::session::{Factor, FactorKind, Session, SsoProtocol};

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
            authentication_factors: session.factors.iter().map(FactorOut::from).collect(),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_sso_factor: Option<SsoFactorOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saml_sso_factor: Option<SsoFactorOut>,
}

#[derive(Debug, Serialize)]
struct SsoFactorOut {
    id: String,
    provider_id: String,
    external_id: String,
}

impl From<&Factor> for FactorOut {
    fn from(factor: &Factor) -> Self {
        let FactorKind::Sso { protocol, registration_id, connection_id, external_id } = &factor.kind;
        let sso = SsoFactorOut {
            id: registration_id.to_string(),
            provider_id: connection_id.to_string(),
            external_id: external_id.clone(),
        };
        let (delivery_method, oidc, saml) = match protocol {
            SsoProtocol::Oidc => ("sso_oidc", Some(sso), None),
            SsoProtocol::Saml => ("sso_saml", None, Some(sso)),
        };
        Self {
            kind: "sso",
            delivery_method,
            sequence_order: "PRIMARY",
            created_at: factor.created_at.to_string(),
            updated_at: factor.last_authenticated_at.to_string(),
            last_authenticated_at: factor.last_authenticated_at.to_string(),
            oidc_sso_factor: oidc,
            saml_sso_factor: saml,
        }
    }
}
