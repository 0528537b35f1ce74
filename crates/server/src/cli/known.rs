//! What there is, for whoever named something that there is not.

use std::fmt::Display;

use vestibule_store::{Store, StoreError};

/// Those that are named at most.
const MOST: u32 = 20;

/// What is said of a connection that there is not.
///
/// # Errors
/// The store's.
pub(super) async fn unknown_connection(store: &Store, id: impl Display) -> Result<String, StoreError> {
    let known = store.some_connections(MOST + 1).await?;
    Ok(format!("there is no connection {id}; {}", listed(&known)))
}

/// The sentence on what is known, of which one more was asked for than is named.
pub(super) fn listed(known: &[impl Display]) -> String {
    if known.is_empty() {
        return "there is none at all".to_owned();
    }
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let named: Vec<String> = known.iter().take(most).map(ToString::to_string).collect();
    let more = if known.len() > named.len() { ", and more" } else { "" };
    format!("known are: {}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_named_up_to_a_bound() {
        assert_eq!(listed(&[] as &[u8]), "there is none at all");
        assert_eq!(listed(&["a", "b"]), "known are: a, b");
        assert!(listed(&[0; 21]).ends_with(", and more"));
        assert!(!listed(&[0; 20]).ends_with(", and more"));
    }
}
