//! The secrets that an answer holds.

use vestibule_domain::time::Time;

/// The secrets of an answer, taken out of it.
#[derive(Default)]
pub(crate) struct Tokens {
    /// Of a session.
    pub session: String,
    /// The same as a JWT.
    pub session_jwt: String,
    /// When the session ends.
    pub session_ends: Option<Time>,
    /// Of a sign-in that waits.
    pub intermediate: String,
}

/// An answer with secrets, which are not shown where browsers keep them out of reach of scripts.
pub(crate) trait HoldsTokens {
    /// Takes them out: empty texts stay.
    fn take_tokens(&mut self) -> Tokens;
}
