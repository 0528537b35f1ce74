//! Everything that changes something, as data.

use serde_json::json;

use super::scene::{ADA, Act, Protocol, Scene};
use crate::app::{TestApp, text};
use crate::browser::Browser;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    DefaultConnection,
    JitList,
    OrganizationName,
    OrganizationSlug,
    OrganizationExternalId,
    CreateMember,
    MemberName,
    MemberEmail,
    MemberRoles,
    MemberExternalId,
    Reactivate,
    CreateConnection,
    UpdateOidc,
    UpdateIssuer,
    UpdateSaml,
    RemoveCertificate,
    Redeem,
    RedeemIntoSession,
    Authenticate,
    Prolong,
    Exchange,
    OidcCallback,
    SamlCallback,
    Start,
}

pub(super) const MUTATIONS: [(Mutation, &str); 24] = [
    (Mutation::DefaultConnection, "set the default connection"),
    (Mutation::JitList, "set the JIT list"),
    (Mutation::OrganizationName, "rename the organization"),
    (Mutation::OrganizationSlug, "change the organization's slug"),
    (Mutation::OrganizationExternalId, "clear the organization's external id"),
    (Mutation::CreateMember, "create a member"),
    (Mutation::MemberName, "rename the member"),
    (Mutation::MemberEmail, "change the member's address"),
    (Mutation::MemberRoles, "change the member's roles"),
    (Mutation::MemberExternalId, "clear the member's external id"),
    (Mutation::Reactivate, "reactivate the member"),
    (Mutation::CreateConnection, "create a connection"),
    (Mutation::UpdateOidc, "update the OIDC connection"),
    (Mutation::UpdateIssuer, "change the OIDC issuer"),
    (Mutation::UpdateSaml, "update the SAML connection"),
    (Mutation::RemoveCertificate, "remove a certificate"),
    (Mutation::Redeem, "redeem"),
    (Mutation::RedeemIntoSession, "redeem into a session"),
    (Mutation::Authenticate, "authenticate"),
    (Mutation::Prolong, "authenticate and prolong"),
    (Mutation::Exchange, "exchange the session"),
    (Mutation::OidcCallback, "OIDC callback"),
    (Mutation::SamlCallback, "SAML callback"),
    (Mutation::Start, "start a sign-in"),
];

impl Mutation {
    pub(super) const fn protocol(self) -> Protocol {
        match self {
            Self::UpdateSaml | Self::RemoveCertificate | Self::SamlCallback => Protocol::Saml,
            _ => Protocol::Oidc,
        }
    }

    /// Sets the scene for the request, and gives it.
    pub(super) async fn prepare(self, scene: &mut Scene) -> Act {
        match self {
            Self::DefaultConnection
            | Self::JitList
            | Self::OrganizationName
            | Self::OrganizationSlug
            | Self::OrganizationExternalId => self.of_organization(scene),
            Self::CreateMember => Act::post(
                scene.organization_path("/members"),
                json!({ "email_address": "grace@example.com" }),
            ),
            Self::MemberName | Self::MemberEmail | Self::MemberRoles => self.of_member(scene),
            Self::MemberExternalId => {
                scene.app.put(&scene.member_path(""), json!({ "external_id": "employee-1" })).await.ok();
                Act::delete(scene.member_path("/external_id"))
            }
            Self::Reactivate => {
                scene.app.delete(&scene.member_path("")).await.ok();
                Act::put(scene.member_path("/reactivate"), json!({}))
            }
            Self::CreateConnection => {
                Act::post(format!("/v1/b2b/sso/oidc/{}", scene.organization), json!({ "display_name": "B" }))
            }
            Self::UpdateOidc => {
                Act::put(scene.settings_path(), json!({ "display_name": "New", "client_id": "another" }))
            }
            Self::UpdateIssuer => Act::put(scene.settings_path(), scene.moved()),
            Self::UpdateSaml => Act::put(scene.settings_path(), json!({ "display_name": "New" })),
            Self::RemoveCertificate => remove_certificate(scene).await,
            Self::Redeem => redeem(json!({ "sso_token": scene.sso_token().await })),
            Self::RedeemIntoSession => redeem_into_session(scene).await,
            Self::Authenticate => authenticate(json!({ "session_token": scene.session })),
            Self::Prolong => {
                authenticate(json!({ "session_token": scene.session, "session_duration_minutes": 600 }))
            }
            Self::Exchange => Act::post(
                "/v1/b2b/sessions/exchange",
                json!({ "session_token": scene.session, "organization_id": scene.organization }),
            ),
            Self::OidcCallback | Self::SamlCallback => Act::Bring(Box::new(scene.returning().await)),
            Self::Start => Act::Start(Box::new(Browser::new(&scene.app))),
        }
    }

    fn of_organization(self, scene: &Scene) -> Act {
        let connection = &scene.connection;
        let body = match self {
            Self::DefaultConnection => json!({ "sso_default_connection_id": connection }),
            Self::JitList => json!({
                "sso_jit_provisioning": "RESTRICTED",
                "sso_jit_provisioning_allowed_connections": [connection],
            }),
            Self::OrganizationSlug => json!({ "organization_slug": format!("{}-new", slug(scene)) }),
            Self::OrganizationExternalId => return Act::delete(scene.organization_path("/external_id")),
            _ => json!({ "organization_name": "New name" }),
        };
        Act::put(scene.organization_path(""), body)
    }

    fn of_member(self, scene: &Scene) -> Act {
        let body = match self {
            Self::MemberEmail => json!({ "email_address": "ada@new.example.com" }),
            Self::MemberRoles => json!({ "roles": ["stytch_admin"] }),
            _ => json!({ "name": "New name" }),
        };
        Act::put(scene.member_path(""), body)
    }
}

fn slug(scene: &Scene) -> &str {
    scene.organization.rsplit('-').next().unwrap()
}

fn redeem(body: serde_json::Value) -> Act {
    Act::post("/v1/b2b/sso/authenticate", body)
}

fn authenticate(body: serde_json::Value) -> Act {
    Act::post("/v1/b2b/sessions/authenticate", body)
}

/// The session comes from one connection, the token from another.
async fn redeem_into_session(scene: &mut Scene) -> Act {
    let app: TestApp = scene.app.clone();
    let until = app.app.clock.now().plus(vestibule_domain::time::Span::days(1)).to_string();
    let takes_over = json!({ "link_existing_members_until": until });
    let other = app.connection_with(&scene.organization, takes_over).await;
    scene.hold(&app.session(&other, ADA).await);
    redeem(json!({ "sso_token": scene.sso_token().await, "session_token": scene.session }))
}

async fn remove_certificate(scene: &Scene) -> Act {
    let listed = scene.app.get(&format!("/v1/b2b/sso/{}", scene.organization)).await.ok();
    let certificates = &listed["saml_connections"][0]["verification_certificates"];
    let id = text(&certificates[1]["certificate_id"]);
    Act::delete(format!("{}/verification_certificates/{id}", scene.settings_path()))
}
