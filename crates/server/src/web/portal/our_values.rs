//! Our values, as a provider is given them: what the engine sends and judges by.

use vestibule_domain::connection::Connection;

use crate::world::App;
use crate::world::provider_guides::Ours;

/// One of our values: what the engine sends and judges by.
pub(super) fn of(app: &App, connection: &Connection, value: Ours) -> String {
    let known_as = app.known_now(connection);
    match value {
        Ours::AcsUrl | Ours::RedirectUrl => known_as.callback,
        Ours::AcsUrlPattern => pattern(&known_as.callback),
        Ours::AudienceUri => known_as.entity_id,
        Ours::SpMetadataUrl | Ours::SpMetadataXml => app.sp_metadata_url(connection.id),
        // There is no directory to give them of.
        Ours::ScimBaseUrl | Ours::ScimToken => String::new(),
    }
}

/// A regular expression that one address fits and no other.
fn pattern(address: &str) -> String {
    let mut pattern = String::from("^");
    for c in address.chars() {
        if !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-' | '_') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('$');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_one_address() {
        assert_eq!(pattern("https://a.test/x?y=1"), r"^https:\/\/a\.test\/x\?y\=1$");
    }
}
