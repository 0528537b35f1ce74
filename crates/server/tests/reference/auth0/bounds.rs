//! What the values of the second dialect's bodies are bounded by, beside their types. Of what is kept as it came nothing is said.

use serde_json::{Value, json};

/// Whether a path is one of the second dialect's with bodies.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/api/v2/")
}

/// The bounds of a text.
pub(crate) fn text(path: &str, name: &str) -> Value {
    match name {
        "name" if path.ends_with("/connections") => {
            json!({ "maxLength": 128, "pattern": "^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$" })
        }
        "name" if path.contains("/organizations") => json!({ "pattern": "^[a-z0-9][a-z0-9_-]{0,49}$" }),
        "signing_alg" => json!({ "enum": ["RS256"] }),
        "user_id_attribute" => json!({ "minLength": 1, "maxLength": 128 }),
        _ => json!({}),
    }
}

/// The bounds of a list.
pub(crate) fn list(path: &str, name: &str) -> Value {
    match name {
        "members" | "roles" => json!({ "minItems": 1, "maxItems": 50 }),
        "mapping" => json!({ "maxItems": 100 }),
        // The body itself.
        "" if path.ends_with("/clients") => json!({ "minItems": 1, "maxItems": 50 }),
        _ => json!({}),
    }
}
