//! What the prebuilt administration components may offer.

use serde::Serialize;

use super::caller::SignedIn;
use super::{Answer, Sdk};
use crate::doors::stytch::ok;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    Endpoints::new().get("/sdk/v1/b2b/admin_portal_config", Needs::Session, config)
}

#[derive(Serialize)]
struct SsoConfig {
    sso_enabled: bool,
    can_create_saml_connection: bool,
    can_create_oidc_connection: bool,
}

#[derive(Serialize)]
struct OrganizationConfig {
    mfa_controls_enabled: bool,
}

#[derive(Serialize)]
struct ScimConfig {
    scim_enabled: bool,
}

#[derive(Serialize)]
struct ConfigOut {
    sso_config: SsoConfig,
    organization_config: OrganizationConfig,
    scim_config: ScimConfig,
}

/// What is off for the project is not offered. What a role does not allow the components see from the policy.
async fn config(ctx: Ctx, who: SignedIn) -> Answer<ConfigOut> {
    let acts = who.visitor.settings.member_actions;
    ok(
        &ctx,
        ConfigOut {
            sso_config: SsoConfig {
                sso_enabled: acts,
                can_create_saml_connection: acts,
                can_create_oidc_connection: acts,
            },
            organization_config: OrganizationConfig { mfa_controls_enabled: acts },
            // SCIM is not served yet.
            scim_config: ScimConfig { scim_enabled: false },
        },
    )
}
