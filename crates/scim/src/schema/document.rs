//! What a directory tells of itself: `ServiceProviderConfig`, `Schemas`, `ResourceTypes` (RFC 7643 sections 5 to 7,
//! RFC 7644 section 4), for a base URL without a slash at its end.

use serde_json::{Map, Value, json};

use crate::limits;

use super::{ALL, Attribute, DataType, ResourceType, Schema, attribute::Attribute as Row};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// What is offered. Clients that read it choose by it: one of them sends changes of groups as PATCH only when it is told.
#[must_use]
pub fn service_provider_config(base: &str) -> Value {
    json!({
        "schemas": [CONFIG],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": limits::PAGE },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token that was shown when this directory was connected.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}

/// One kind of resource.
#[must_use]
pub fn resource_type(base: &str, kind: ResourceType) -> Value {
    let extensions = kind.extensions().iter();
    let extensions: Vec<_> =
        extensions.map(|schema| json!({ "schema": schema.id, "required": false })).collect();
    let name = kind.name();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": name,
        "name": name,
        "description": kind.schema().description,
        "endpoint": kind.endpoint(),
        "schema": kind.schema().id,
        "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}") },
    })
}

/// All kinds of resources, as a list.
#[must_use]
pub fn resource_types(base: &str) -> Value {
    crate::page::whole_list(ResourceType::ALL.iter().map(|kind| resource_type(base, *kind)).collect())
}

/// The kind of resource with that id.
#[must_use]
pub fn find_resource_type(base: &str, id: &str) -> Option<Value> {
    let found = ResourceType::ALL.iter().find(|kind| kind.name().eq_ignore_ascii_case(id))?;
    Some(resource_type(base, *found))
}

/// One schema.
#[must_use]
pub fn schema(base: &str, schema: &Schema) -> Value {
    json!({
        "schemas": [SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(described).collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id) },
    })
}

/// All schemas, as a list.
#[must_use]
pub fn schemas(base: &str) -> Value {
    crate::page::whole_list(ALL.iter().map(|found| schema(base, found)).collect())
}

/// The schema with that URN.
#[must_use]
pub fn find_schema(base: &str, id: &str) -> Option<Value> {
    let found = ALL.iter().find(|schema| schema.id.eq_ignore_ascii_case(id))?;
    Some(schema(base, found))
}

/// RFC 7643 section 7: which members an attribute's description has depends on its type.
fn described(attribute: &Row) -> Value {
    let Attribute { name, data_type, multi_valued, required, case_exact, description, .. } = *attribute;
    let mut members = Map::new();
    let mut put = |member: &str, value: Value| members.insert(member.to_owned(), value);
    put("name", name.into());
    put("type", data_type.name().into());
    put("multiValued", multi_valued.into());
    put("description", description.into());
    put("required", required.into());
    put("caseExact", case_exact.into());
    put("mutability", attribute.mutability.name().into());
    put("returned", attribute.returned.name().into());
    put("uniqueness", attribute.uniqueness.name().into());
    if !attribute.canonical_values.is_empty() {
        put("canonicalValues", attribute.canonical_values.into());
    }
    if data_type == DataType::Reference {
        put("referenceTypes", attribute.reference_types.into());
    }
    if data_type == DataType::Complex {
        put("subAttributes", attribute.sub_attributes.iter().map(described).collect());
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://sso.example/scim/v2/connections/c1";

    #[test]
    fn documents_are_found_by_their_locations() {
        for document in schemas(BASE)["Resources"].as_array().unwrap() {
            let id = document["id"].as_str().unwrap();
            assert_eq!(document["meta"]["location"], format!("{BASE}/Schemas/{id}"));
            assert_eq!(find_schema(BASE, &id.to_uppercase()).as_ref(), Some(document));
        }
        for document in resource_types(BASE)["Resources"].as_array().unwrap() {
            let id = document["id"].as_str().unwrap();
            assert_eq!(find_resource_type(BASE, id).as_ref(), Some(document));
            assert!(find_schema(BASE, document["schema"].as_str().unwrap()).is_some());
        }
        assert_eq!(find_schema(BASE, "urn:other"), None);
        assert_eq!(find_resource_type(BASE, "Device"), None);
    }

    #[test]
    fn what_is_offered_is_what_is_there() {
        let config = service_provider_config(BASE);
        for (offered, supported) in
            [("patch", true), ("filter", true), ("etag", true), ("bulk", false), ("sort", false)]
        {
            assert_eq!(config[offered]["supported"], supported, "{offered}");
        }
        let user = schema(BASE, &super::super::USER);
        let emails =
            user["attributes"].as_array().unwrap().iter().find(|row| row["name"] == "emails").unwrap();
        assert_eq!(emails["subAttributes"][2]["canonicalValues"], json!(["work", "home", "other"]));
        assert!(!user.to_string().contains("password"));
    }
}
