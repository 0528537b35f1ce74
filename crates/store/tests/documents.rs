//! Documents evolve (ADR 0016): what an earlier version stored is read, whatever field it did not know yet, and so
//! is what a later one adds. The golden documents were stored by the version that their folder names.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vestibule_domain::Time;
use vestibule_domain::connection::CallbackAddress;
use vestibule_domain::connection::{
    Channel, NameIdFormat, OidcSettings, RoleAssignments, SamlSettings, SsoBinding,
};
use vestibule_domain::event::Event;
use vestibule_domain::login::{IntermediateSession, LoginAttempt, SsoToken};
use vestibule_domain::member::Member;
use vestibule_domain::organization::{Access, LoginPolicy, MfaPolicy, Organization};
use vestibule_domain::rbac::{Additions, Policy, is_reserved};
use vestibule_domain::trace::{Refused, SignInTrace, TraceOutcome};

/// One kind of document: as it was stored, the least of it that must be readable, and what is never missing. `*`
/// stands for every element of a list.
struct Kind {
    name: &'static str,
    golden: &'static str,
    least: &'static str,
    needed: &'static [&'static str],
    /// Reads it and writes it again.
    again: fn(&Value) -> Result<Value, serde_json::Error>,
}

macro_rules! kind {
    ($type:ty, $name:literal, $needed:expr) => {
        Kind {
            name: $name,
            golden: include_str!(concat!("golden/0.1.0-fc3080b/", $name, ".json")),
            least: include_str!(concat!("golden/least/", $name, ".json")),
            needed: $needed,
            again: again::<$type>,
        }
    };
}

const FACTOR: [&str; 5] = ["kind", "protocol", "registration_id", "connection_id", "external_id"];

const KINDS: [Kind; 12] = [
    kind!(
        Organization,
        "organization",
        &[
            "id",
            "project_id",
            "name",
            "slug",
            "email_role_assignments/*/domain",
            "email_role_assignments/*/role_id",
            "custom_roles/*/role_id",
            "custom_roles/*/permissions/*/resource_id",
        ]
    ),
    kind!(
        Member,
        "member",
        &[
            "id",
            "project_id",
            "organization_id",
            "email",
            "status",
            "retired_emails/*/id",
            "retired_emails/*/address",
        ]
    ),
    kind!(OidcSettings, "oidc", &[]),
    kind!(
        SamlSettings,
        "saml",
        &[
            "verification_certificates/*/id",
            "verification_certificates/*/pem",
            "signing_keys/*/id",
            "signing_keys/*/certificate",
            "encryption_keys/*/id",
            "encryption_keys/*/certificate",
            "group_roles/*/role_id",
            "group_roles/*/group",
        ]
    ),
    kind!(RoleAssignments, "role_assignments", &["groups/*/role_id", "groups/*/group"]),
    kind!(
        LoginAttempt,
        "login_attempt",
        &[
            "id",
            "project_id",
            "organization_id",
            "connection_id",
            "state_hash",
            "browser_hash",
            "login_redirect_url",
            "signup_redirect_url",
        ]
    ),
    kind!(
        SsoToken,
        "sso_token",
        &[
            "hash",
            "project_id",
            "organization_id",
            "member_id",
            "connection_id",
            "registration_id",
            "external_id",
        ]
    ),
    kind!(
        IntermediateSession,
        "intermediate_session",
        &[
            "hash",
            "project_id",
            "factors",
            "factors/*/kind",
            "factors/*/protocol",
            "factors/*/registration_id",
            "factors/*/connection_id",
            "factors/*/external_id",
        ]
    ),
    kind!(
        SignInTrace,
        "trace_accepted",
        &[
            "id",
            "project_id",
            "organization_id",
            "connection_id",
            "at",
            "outcome",
            "outcome/result",
            "outcome/member_id",
        ]
    ),
    kind!(
        SignInTrace,
        "trace_refused",
        &["id", "project_id", "organization_id", "connection_id", "at", "outcome", "outcome/result"]
    ),
    kind!(Event, "audit_event", &["id", "project_id", "action", "at"]),
    kind!(
        Additions,
        "policy",
        &["roles/*/role_id", "roles/*/permissions/*/resource_id", "resources/*/resource_id",]
    ),
];

fn again<T: DeserializeOwned + Serialize>(stored: &Value) -> Result<Value, serde_json::Error> {
    // From text, as the store does it.
    serde_json::from_str::<T>(&stored.to_string()).and_then(serde_json::to_value)
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn read<T: DeserializeOwned>(stored: &Value) -> T {
    serde_json::from_value(stored.clone()).unwrap()
}

fn golden(name: &str) -> Value {
    value(KINDS.iter().find(|kind| kind.name == name).unwrap().golden)
}

fn least(name: &str) -> Value {
    value(KINDS.iter().find(|kind| kind.name == name).unwrap().least)
}

/// The paths of all fields, those inside lists included.
fn fields(value: &Value) -> Vec<String> {
    let inside =
        |name: &str, value: &Value| fields(value).into_iter().map(|rest| format!("{name}/{rest}")).collect();
    match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| {
                let below: Vec<String> = inside(name, value);
                std::iter::once(name.clone()).chain(below)
            })
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .flat_map(|(at, value)| -> Vec<String> { inside(&at.to_string(), value) })
            .collect(),
        _ => Vec::new(),
    }
}

/// The object that a field is in, and the field's name in it.
fn holder<'a>(value: &'a mut Value, path: &str) -> (&'a mut serde_json::Map<String, Value>, String) {
    let (above, name) =
        path.rsplit_once('/').map_or((String::new(), path), |(above, name)| (format!("/{above}"), name));
    (value.pointer_mut(&above).unwrap().as_object_mut().unwrap(), name.to_owned())
}

fn pattern(path: &str) -> String {
    let part = |part: &str| if part.parse::<usize>().is_ok() { "*".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn what_was_stored_is_read_and_nothing_of_it_is_lost() {
    // Events of that version are read into what they are now: a test of the domain says how.
    for kind in KINDS.iter().filter(|kind| kind.name != "audit_event") {
        let stored = value(kind.golden);
        let mut kept = (kind.again)(&stored).unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        // Fields that came later may be there now; what was there is there as it was.
        for path in fields(&kept) {
            if stored.pointer(&format!("/{path}")).is_none() && kept.pointer(&format!("/{path}")).is_some() {
                let (object, name) = holder(&mut kept, &path);
                object.remove(&name);
            }
        }
        assert_eq!(kept, stored, "{}", kind.name);
    }
}

#[test]
fn every_field_but_those_that_say_what_it_is_may_be_missing() {
    for kind in &KINDS {
        let stored = value(kind.golden);
        let mut seen = Vec::new();
        for path in fields(&stored) {
            let mut without = stored.clone();
            let (object, name) = holder(&mut without, &path);
            object.remove(&name);
            let needed = kind.needed.contains(&pattern(&path).as_str());
            let found = (kind.again)(&without);
            assert_eq!(found.is_err(), needed, "{} without {path}: {found:?}", kind.name);
            seen.push(pattern(&path));
        }
        for needed in kind.needed {
            assert!(
                seen.iter().any(|path| path == needed),
                "{}: the golden document has no {needed}",
                kind.name
            );
        }
    }
}

#[test]
fn the_least_of_each_is_read() {
    for kind in &KINDS {
        let found = (kind.again)(&value(kind.least));
        assert!(found.is_ok(), "{}: {found:?}", kind.name);
    }
}

#[test]
fn what_a_newer_version_adds_is_passed_over() {
    for kind in &KINDS {
        let (stored, mut newer) = (value(kind.golden), value(kind.golden));
        for path in fields(&stored) {
            let free = ["metadata", "mapping", "detail", "allowed_oauth_tenants"];
            let is_object = newer.pointer(&format!("/{path}")).is_some_and(Value::is_object);
            if is_object && !free.iter().any(|name| path.contains(name)) {
                newer.pointer_mut(&format!("/{path}")).unwrap()["from_a_newer_version"] = json!({ "a": [1] });
            }
        }
        newer["from_a_newer_version"] = json!([null]);
        assert_eq!((kind.again)(&newer).unwrap(), (kind.again)(&stored).unwrap(), "{}", kind.name);
    }
}

#[test]
fn an_organization_that_lacks_a_setting_has_that_of_a_new_one() {
    let organization: Organization = read(&least("organization"));
    assert_eq!(organization.policy, LoginPolicy::default());
    let mut stored = golden("organization");
    for (name, kept) in stored["policy"].clone().as_object().unwrap() {
        let policy = stored["policy"].as_object_mut().unwrap();
        policy.remove(name);
        let read: Organization = read(&stored);
        let value = serde_json::to_value(&read.policy).unwrap();
        assert_eq!(value[name], serde_json::to_value(LoginPolicy::default()).unwrap()[name], "{name}");
        stored["policy"][name] = kept.clone();
        assert_eq!(value.as_object().unwrap().len(), 18, "{name}");
    }
}

#[test]
fn a_setting_that_only_a_newer_version_knows_is_closed() {
    let mut stored = golden("organization");
    for name in ["sso_jit_provisioning", "email_invites", "auth_methods", "mfa_policy"] {
        stored["policy"][name] = json!("ALLOWED_ON_WEEKDAYS");
    }
    let policy = read::<Organization>(&stored).policy;
    assert_eq!(policy.sso_jit_provisioning, Access::NotAllowed);
    assert_eq!((policy.email_invites, policy.auth_methods), (Access::NotAllowed, Access::NotAllowed));
    assert_eq!(policy.mfa_policy, MfaPolicy::RequiredForAll);

    let mut oidc = golden("oidc");
    (oidc["channel"], oidc["client_authentication"]) = (json!("side_channel"), json!("tls_client_auth"));
    let oidc: OidcSettings = read(&oidc);
    assert_eq!((oidc.channel, oidc.client_authentication), (Channel::BackChannel, None));

    let mut saml = golden("saml");
    (saml["sso_binding"], saml["nameid_format"]) = (json!("artifact"), json!("urn:example:pairwise"));
    let saml: SamlSettings = read(&saml);
    assert_eq!((saml.sso_binding, saml.nameid_format), (SsoBinding::Redirect, NameIdFormat::Unspecified));
}

#[test]
fn a_refusal_that_only_a_newer_version_knows_is_one_without_words() {
    let mut trace = golden("trace_refused");
    trace["outcome"] = json!({ "result": "refused", "refusal": { "what": "moon_in_the_wrong_phase" } });
    let wordless = Refused::Worded { code: String::new(), message: String::new() };
    assert_eq!(read::<SignInTrace>(&trace).outcome, TraceOutcome::Refused(wordless));
}

#[test]
fn what_cannot_be_read_safely_is_not_read() {
    let mut member = golden("member");
    member["status"] = json!("suspended");
    assert!(serde_json::from_value::<Member>(member).is_err());
    for (field, unknown) in [(FACTOR[0], "passkey"), (FACTOR[1], "ws_federation")] {
        let mut waiting = golden("intermediate_session");
        waiting["factors"][0][field] = json!(unknown);
        assert!(serde_json::from_value::<IntermediateSession>(waiting).is_err(), "{unknown}");
    }
}

#[test]
fn the_least_of_each_opens_nothing() {
    let member: Member = read(&least("member"));
    assert!(!member.email_verified && !member.is_breakglass && member.roles.is_empty());
    let oidc: OidcSettings = read(&least("oidc"));
    assert!(oidc.ready().is_err() && !oidc.allow_hs256);
    let saml: SamlSettings = read(&least("saml"));
    assert!(saml.ready().is_err() && !saml.allow_gateway_callback);
    assert!(!saml.legacy.allows_sha1(Time::default()) && !saml.legacy.allows_inclusive_c14n(Time::default()));
    let roles: RoleAssignments = read(&least("role_assignments"));
    assert!(roles.is_empty());
    let additions: Additions = read(&least("policy"));
    let granted = Policy::of(&additions).roles.into_iter().filter(|role| !is_reserved(&role.role_id));
    assert!(granted.flat_map(|role| role.permissions).all(|permission| permission.actions.is_empty()));
    // Without an end it has ended.
    let (attempt, token): (LoginAttempt, SsoToken) =
        (read(&least("login_attempt")), read(&least("sso_token")));
    let waiting: IntermediateSession = read(&least("intermediate_session"));
    for end in [attempt.expires_at, token.expires_at, waiting.expires_at] {
        assert_eq!(end, Time::default());
    }
    let now = Time::from_seconds(1_800_000_000);
    assert!(attempt.check(attempt.connection_id, CallbackAddress::Own, None, now).is_err());
}
