//! What was promised to the client: codes and access tokens, each with an end, never more than a few.

use std::collections::{HashMap, VecDeque};

use crate::{Fault, User};

/// Old grants make room for new ones: a provider for tests needs no more, and cannot be filled up.
const MOST: usize = 4096;

/// A sign-in that the client may fetch.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) user: User,
    pub(crate) fault: Option<Fault>,
    pub(crate) redirect_uri: String,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<String>,
    /// The challenge is the verifier itself (RFC 7636 section 4.2).
    pub(crate) is_plain: bool,
    /// Seconds since the epoch.
    pub(crate) expires_at: i64,
}

/// Grants by their secret.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    by_secret: HashMap<String, Grant>,
    order: VecDeque<String>,
}

impl Grants {
    /// Keeps `grant` under `secret`, dropping the oldest beyond the bound.
    pub(crate) fn insert(&mut self, secret: String, grant: Grant) {
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_secret.remove(&oldest);
        }
        self.order.push_back(secret.clone());
        self.by_secret.insert(secret, grant);
    }

    /// Removes and answers the grant, unless it has ended.
    pub(crate) fn take(&mut self, secret: &str, now: i64) -> Option<Grant> {
        self.by_secret.remove(secret).filter(|grant| now < grant.expires_at)
    }

    /// The grant, unless it has ended.
    pub(crate) fn peek(&self, secret: &str, now: i64) -> Option<&Grant> {
        self.by_secret.get(secret).filter(|grant| now < grant.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(expires_at: i64) -> Grant {
        let user = User::from_email("a@b.test").unwrap();
        Grant {
            user,
            fault: None,
            redirect_uri: String::new(),
            nonce: None,
            challenge: None,
            is_plain: false,
            expires_at,
        }
    }

    #[test]
    fn a_grant_is_taken_once_and_not_after_its_end() {
        let mut grants = Grants::default();
        grants.insert("one".into(), grant(10));
        grants.insert("late".into(), grant(10));
        assert!(grants.take("one", 9).is_some());
        assert!(grants.take("one", 9).is_none());
        assert!(grants.take("late", 10).is_none());
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut grants = Grants::default();
        for number in 0..=MOST {
            grants.insert(number.to_string(), grant(10));
        }
        assert!(grants.peek("0", 1).is_none());
        assert!(grants.peek("1", 1).is_some());
        assert_eq!(grants.by_secret.len(), MOST);
    }
}
