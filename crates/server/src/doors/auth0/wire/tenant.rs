//! Settings of the tenant as this dialect has them. Where browsers may be sent after signing out is ours to keep; how long a session
//! lasts is ours to say; what means nothing here is kept and given back as it came, if it is a setting of this dialect.

use serde_json::{Map, Value, json};
use vestibule_domain::login_session::{ABSOLUTE, IDLE};
use vestibule_domain::patch::Patch;
use vestibule_domain::project::{LoginPatch, LoginSettings, Project};
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::time::Span;
use vestibule_refusal::Excerpt;

use super::body::invalid;
use super::client::texts;
use super::options::Given;

/// Settings of this dialect that mean nothing here.
const OTHERS: [&str; 24] = [
    "acr_values_supported",
    "change_password",
    "customize_mfa_in_postlogin_action",
    "default_audience",
    "default_directory",
    "default_redirection_uri",
    "default_token_quota",
    "device_flow",
    "enabled_locales",
    "error_page",
    "flags",
    "friendly_name",
    "guardian_mfa_page",
    "mtls",
    "oidc_logout",
    "picture_url",
    "pushed_authorization_requests_supported",
    "sandbox_version",
    "sandbox_versions_available",
    "session_cookie",
    "sessions",
    "support_email",
    "support_url",
    "universal_login",
];

/// How long a session of a browser lasts: in hours, and in minutes.
fn lifetimes() -> [(&'static str, i64); 4] {
    let hours = |span: Span| span.millis() / 3_600_000;
    let minutes = |span: Span| span.millis() / 60_000;
    [
        ("session_lifetime", hours(ABSOLUTE)),
        ("idle_session_lifetime", hours(IDLE)),
        ("session_lifetime_in_minutes", minutes(ABSOLUTE)),
        ("idle_session_lifetime_in_minutes", minutes(IDLE)),
    ]
}

/// Reads the body by which the settings are changed.
///
/// # Errors
/// A value that a setting cannot have, another life of sessions than they have, or a setting that there is not.
pub(crate) fn read(mut given: Given) -> Result<LoginPatch, Refusal> {
    for (name, ours) in lifetimes() {
        match given.take(name) {
            None => {}
            Some(value) if value.as_i64() == Some(ours) => {}
            Some(_) => {
                return Err(Refusal::new(What::NotOffered)
                    .because(format!("{name}: sessions of browsers last {ours} on this server.")));
            }
        }
    }
    let logout_urls = texts(&mut given, "allowed_logout_urls")?;
    if let Some(name) = given.0.keys().find(|name| !OTHERS.contains(&name.as_str())) {
        return Err(invalid(format_args!("Additional properties not allowed: {}", Excerpt::of(name)), ""));
    }
    let others = if given.0.is_empty() { Patch::Keep } else { Patch::Set(given.0) };
    Ok(LoginPatch { logout_urls, others })
}

/// The settings as they are shown.
#[must_use]
pub(crate) fn show(settings: &LoginSettings, project: &Project) -> Value {
    let mut shown = Map::from_iter([("friendly_name".to_owned(), json!(project.name))]);
    shown.extend(settings.others.clone());
    shown.insert("allowed_logout_urls".to_owned(), json!(settings.logout_urls));
    let [absolute, idle, ..] = lifetimes();
    for (name, hours) in [absolute, idle] {
        shown.insert(name.to_owned(), json!(hours));
    }
    Value::Object(shown)
}
