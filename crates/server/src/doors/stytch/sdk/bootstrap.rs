//! What a client asks first: how the project wants to be spoken to, and what the roles may do.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use super::caller::Visitor;
use super::{Answer, Sdk};
use crate::doors::stytch::ok;
use crate::doors::stytch::wire::PolicyOut;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::world::App;

/// The one path that names the project itself.
pub(super) const PATH: &str = "/sdk/v1/projects/bootstrap/{public_token}";

/// The endpoints of this file.
pub(super) fn endpoints() -> Endpoints<Sdk> {
    Endpoints::new().get(PATH, Needs::Project, bootstrap)
}

/// The public token in a path of this file.
pub(super) fn named(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[derive(Serialize)]
struct Captcha {
    enabled: bool,
}

/// Contract 6.2. Clients without it go on without PKCE and without a policy.
#[derive(Serialize)]
struct BootstrapOut {
    project_name: String,
    vertical: &'static str,
    disable_sdk_watermark: bool,
    cname_domain: Option<String>,
    email_domains: [String; 0],
    captcha_settings: Captcha,
    pkce_required_for_email_magic_links: bool,
    pkce_required_for_password_resets: bool,
    pkce_required_for_oauth: bool,
    pkce_required_for_sso: bool,
    slug_pattern: Option<String>,
    create_organization_enabled: bool,
    password_config: Option<()>,
    dfp_protected_auth_enabled: bool,
    dfp_protected_auth_mode: &'static str,
    rbac_policy: PolicyOut,
    siwe_required_for_crypto_wallets: bool,
}

async fn bootstrap(State(app): State<Arc<App>>, ctx: Ctx, visitor: Visitor) -> Answer<BootstrapOut> {
    let policy = app.policy(&visitor.project).await?;
    let settings = &visitor.settings;
    let out = BootstrapOut {
        project_name: visitor.project.name.clone(),
        vertical: "B2B",
        disable_sdk_watermark: true,
        cname_domain: None,
        email_domains: [],
        captcha_settings: Captcha { enabled: false },
        pkce_required_for_email_magic_links: settings.pkce_required_for_email_magic_links,
        pkce_required_for_password_resets: false,
        pkce_required_for_oauth: false,
        pkce_required_for_sso: settings.pkce_required_for_sso,
        slug_pattern: None,
        create_organization_enabled: settings.organization_creation,
        password_config: None,
        dfp_protected_auth_enabled: false,
        dfp_protected_auth_mode: "OBSERVATION",
        rbac_policy: PolicyOut::from(&*policy),
        siwe_required_for_crypto_wallets: false,
    };
    ok(&ctx, out)
}
