//! What a directory says of a member, as the member shows it (`SCIMAttributes`): the same attributes by other names, each of
//! which is there whether or not the directory says it.

use serde::Serialize;
use serde_json::{Map, Value, json};
use vestibule_domain::directory::DirectoryUser;
use vestibule_domain::id::{DirectoryId, DirectoryUserId};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// How a member is known to a directory.
#[derive(Debug, Serialize)]
pub(crate) struct ScimRegistrationOut {
    connection_id: DirectoryId,
    registration_id: DirectoryUserId,
    external_id: Option<String>,
    scim_attributes: Option<Value>,
}

impl From<&DirectoryUser> for ScimRegistrationOut {
    fn from(user: &DirectoryUser) -> Self {
        Self {
            connection_id: user.directory_id,
            registration_id: user.id,
            external_id: user.external_id.clone(),
            scim_attributes: serde_json::from_str(&user.attributes).ok().map(|said| attributes(user, &said)),
        }
    }
}

fn attributes(user: &DirectoryUser, said: &Map<String, Value>) -> Value {
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |name: &str| -> Vec<Value> {
        said.get(name).and_then(Value::as_array).into_iter().flatten().map(entry).collect()
    };
    let part = |name: &str| said.get(name).and_then(Value::as_object);
    json!({
        "user_name": text("userName"),
        "id": user.id,
        "external_id": text("externalId"),
        "active": user.is_active(),
        "groups": [],
        "display_name": text("displayName"),
        "nick_name": text("nickName"),
        "profile_url": text("profileUrl"),
        "user_type": text("userType"),
        "title": text("title"),
        "preferred_language": text("preferredLanguage"),
        "locale": text("locale"),
        "timezone": text("timezone"),
        "emails": list("emails"),
        "phone_numbers": list("phoneNumbers"),
        "addresses": said.get("addresses").and_then(Value::as_array).into_iter().flatten().map(address)
            .collect::<Vec<_>>(),
        "ims": list("ims"),
        "photos": list("photos"),
        "entitlements": list("entitlements"),
        "roles": list("roles"),
        "x509certificates": list("x509Certificates"),
        "name": part("name").map(name),
        "enterprise_extension": part(ENTERPRISE).map(enterprise),
    })
}

fn text<'v>(object: &'v Map<String, Value>, name: &str) -> &'v str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn entry(item: &Value) -> Value {
    let of = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    json!({
        "value": of("value"),
        "type": of("type"),
        "primary": item.get("primary").and_then(Value::as_bool).unwrap_or_default(),
    })
}

fn address(item: &Value) -> Value {
    let of = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    json!({
        "formatted": of("formatted"),
        "street_address": of("streetAddress"),
        "locality": of("locality"),
        "region": of("region"),
        "postal_code": of("postalCode"),
        "country": of("country"),
        "type": of("type"),
        "primary": item.get("primary").and_then(Value::as_bool).unwrap_or_default(),
    })
}

fn name(parts: &Map<String, Value>) -> Value {
    json!({
        "formatted": text(parts, "formatted"),
        "family_name": text(parts, "familyName"),
        "given_name": text(parts, "givenName"),
        "middle_name": text(parts, "middleName"),
        "honorific_prefix": text(parts, "honorificPrefix"),
        "honorific_suffix": text(parts, "honorificSuffix"),
    })
}

fn enterprise(parts: &Map<String, Value>) -> Value {
    let manager = parts.get("manager").and_then(Value::as_object).map(|manager| {
        json!({
            "value": text(manager, "value"),
            "ref": text(manager, "$ref"),
            "display_name": text(manager, "displayName"),
        })
    });
    json!({
        "employee_number": text(parts, "employeeNumber"),
        "cost_center": text(parts, "costCenter"),
        "division": text(parts, "division"),
        "department": text(parts, "department"),
        "organization": text(parts, "organization"),
        "manager": manager,
    })
}
