//! What we add to a resource when it is shown: `schemas`, `id` and `meta` (RFC 7643 section 3.1).

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::schema::ResourceType;
use crate::time::UnixMillis;
use crate::version::Version;

/// What we know of a resource that the client does not say.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Our identifier.
    pub id: &'a str,
    /// The base URL of the directory, without a slash at its end.
    pub base: &'a str,
    /// When it was made.
    pub created: UnixMillis,
    /// When it last changed.
    pub last_modified: UnixMillis,
    /// Which version it is.
    pub version: Version,
}

impl Shown<'_> {
    /// The address of the resource, for `Location` too.
    #[must_use]
    pub fn location(&self, resource: ResourceType) -> String {
        location(self.base, resource, self.id)
    }

    pub(super) fn put(&self, resource: ResourceType, schemas: &[&str], document: &mut Map<String, Value>) {
        let meta = json!({
            "resourceType": resource.name(),
            "created": self.created.to_string(),
            "lastModified": self.last_modified.to_string(),
            "location": self.location(resource),
            "version": self.version.to_string(),
        });
        document.insert("schemas".to_owned(), schemas.into());
        document.insert("id".to_owned(), self.id.into());
        document.insert("meta".to_owned(), meta);
    }
}

/// A group that a user is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupReference<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub display: &'a str,
}

/// The address of a resource. Its id is encoded as one segment of a path (RFC 3986 section 2.1).
#[must_use]
pub fn location(base: &str, resource: ResourceType, id: &str) -> String {
    let mut address = format!("{base}{}/", resource.endpoint());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else if write!(address, "%{byte:02X}").is_err() {
            break;
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_segment() {
        let address = location("https://a.example/b", ResourceType::User, "oidc|acme|é/1");
        assert_eq!(address, "https://a.example/b/Users/oidc%7Cacme%7C%C3%A9%2F1");
    }
}
