//! What this dialect calls the attributes of a person: the same in ID tokens, user information and the Management API.

use serde_json::{Map, Value};
use vestibule_domain::profile::{Picture, Profile};

use crate::doors::auth0::avatars;

/// The attributes by their names. `origin` is where avatars are of those who have no picture.
#[must_use]
pub(crate) fn attributes(profile: Profile, origin: &str) -> Map<String, Value> {
    let picture = match profile.picture {
        Picture::At(url) => url,
        Picture::Initials(letters) => avatars::address(origin, &letters),
    };
    let texts = [
        ("email", profile.email),
        ("name", profile.name),
        ("nickname", profile.nickname),
        ("given_name", profile.given_name),
        ("family_name", profile.family_name),
        ("picture", picture),
    ];
    let mut shown = profile.others;
    for (name, text) in texts {
        if !text.is_empty() {
            shown.insert(name.to_owned(), text.into());
        }
    }
    shown.insert("email_verified".to_owned(), profile.email_verified.into());
    shown
}
