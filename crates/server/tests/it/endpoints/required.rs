//! What the document says that a body must have is what the server asks for: no more and no less.

use serde_json::{Value, json};
use vestibule_server::Endpoint;

use super::line;
use super::scene::{Ids, all, ask};
use crate::app::TestApp;
use crate::documented::document;

pub(super) async fn what_is_required_is_documented(app: TestApp) {
    let (ids, nobodys) = (Ids::of(&app, "acme").await, Ids::nobodys());
    let mut demanded = 0;
    for endpoint in all().iter().filter(|endpoint| endpoint.door == "stytch") {
        let Some(schema) = body(endpoint) else { continue };
        let whole = filled(&ids, schema, "");
        for way in ways(schema) {
            demanded += 1;
            let mut lacking = whole.clone();
            take(&mut lacking, &way);
            let answer = ask(&app, endpoint, &ids.fill(endpoint), &lacking).await;
            let (said, name) = (answer.text(), way.rsplit_once("[].").map_or(way.as_str(), |(_, name)| name));
            assert_eq!(answer.status, 400, "{}, {way}: {said}", line(endpoint));
            assert!(said.contains("missing_required_field"), "{}, {way}: {said}", line(endpoint));
            assert!(said.contains(&format!("{name} is required")), "{}, {way}: {said}", line(endpoint));
        }
        // With all of them something else is refused, if anything is.
        for ids in [&ids, &nobodys] {
            let answer = ask(&app, endpoint, &ids.fill(endpoint), &whole).await;
            let said = answer.text();
            // Of some members one is required, which stands in no schema.
            let needs_more = said.contains("missing_required_field") && !said.contains(" or ");
            assert!(!needs_more, "{} needs more: {said}", line(endpoint));
        }
    }
    assert!(demanded >= 60, "only {demanded} members are required");
}

/// The schema of the body that an endpoint takes.
fn body(endpoint: &Endpoint) -> Option<&'static Value> {
    let method = endpoint.method.as_str().to_ascii_lowercase();
    let call = &document(endpoint.door)["paths"][&endpoint.path][method];
    call["requestBody"]["content"].get("application/json").map(|content| &content["schema"])
}

/// The ways to all members that are required: `policy.roles[].role_id`.
pub(crate) fn ways(schema: &Value) -> Vec<String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut found: Vec<String> = required.map(str::to_owned).collect();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        found.extend(ways(member).into_iter().map(|way| format!("{name}.{way}")));
        found.extend(ways(&member["items"]).into_iter().map(|way| format!("{name}[].{way}")));
    }
    found
}

/// A body with everything that is required, also of what may be left away as a whole, and with a session to look at.
fn filled(ids: &Ids, schema: &Value, name: &str) -> Value {
    if let Some(known) = ids.body().get(name) {
        return known.clone();
    }
    match schema["type"].as_str().or_else(|| schema["type"][0].as_str()) {
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut required: Vec<&str> = required.collect();
            // One way of saying who asks excludes the others.
            if !required.contains(&"intermediate_session_token") {
                required.push("session_token");
            }
            let members = schema["properties"].as_object().into_iter().flatten();
            let wanted = members.filter(|(name, member)| {
                required.contains(&name.as_str())
                    || !ways(member).is_empty()
                    || !ways(&member["items"]).is_empty()
            });
            wanted.map(|(name, member)| (name.clone(), filled(ids, member, name))).collect()
        }
        Some("array") if ways(&schema["items"]).is_empty() && schema["minItems"].is_null() => json!([]),
        Some("array") => json!([filled(ids, &schema["items"], "")]),
        _ => match name {
            "session_token" => json!(ids.session),
            "code" => json!("123456"),
            "secret" => json!("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "userinfo_url" => json!(""),
            _ => json!("mallory"),
        },
    }
}

/// Takes a member out of a body.
pub(crate) fn take(body: &mut Value, way: &str) {
    let Some((first, rest)) = way.split_once('.') else {
        body.as_object_mut().unwrap().remove(way);
        return;
    };
    match first.strip_suffix("[]") {
        Some("") => take(&mut body[0], rest),
        Some(name) => take(&mut body[name][0], rest),
        None => take(&mut body[first], rest),
    }
}
