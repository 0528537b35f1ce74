//! What providers do differently without doing wrong, and what goes wrong with all sign-ins at once.

use serde_json::{Map, Value};

/// Peculiarities of a provider, for everybody who signs in. In the maps a value replaces or adds a member, and null takes
/// it away.
#[derive(Clone, Debug, Default)]
pub struct Whims {
    /// Members of the discovery document.
    pub document: Map<String, Value>,
    /// Members of each published key; `kid` is also what id tokens then name, unless it is null.
    pub key: Map<String, Value>,
    /// Claims of the id token.
    pub claims: Map<String, Value>,
    /// Members of the token endpoint's answer.
    pub token: Map<String, Value>,
    /// Claims of user information.
    pub userinfo: Map<String, Value>,
    /// What the token endpoint answers instead: status, media type and body.
    pub token_answer: Option<(u16, &'static str, String)>,
    /// What the userinfo endpoint answers instead.
    pub userinfo_answer: Option<(u16, &'static str, String)>,
    /// Written in front of the key set: a byte order mark, for one.
    pub before_keys: &'static str,
}

/// Puts what a map says into an object.
pub(crate) fn amend(object: &mut Value, changes: &Map<String, Value>) {
    let Some(object) = object.as_object_mut() else { return };
    for (name, value) in changes {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}
