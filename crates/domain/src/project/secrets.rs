//! The API secrets of a project. Several are good at once, so that one is replaced while every backend goes on.

use crate::entropy::Entropy;
use crate::id::{Environment, SecretId};
use crate::refusal::{Field, Refusal, What};
use crate::secret::{Secret, Token, TokenHash};
use crate::time::{Span, Time};

/// The most secrets of a project that are good at once.
pub const MOST_SECRETS: usize = 20;
/// How many of those that are over are still listed.
pub const MOST_ENDED_SECRETS: usize = 50;
/// What ends sooner is nothing to rely on when another secret is taken away, and too soon for one that is being made.
pub const SHORTEST_LIFE: Span = Span::minutes(60);
/// How long a secret that is replaced stays good when nobody says otherwise.
const OVERLAP: Span = Span::days(1);
/// The longest that it can stay good.
const LONGEST_OVERLAP: Span = Span::days(30);
/// Digits of the hash that are shown, and the fewest that name a secret.
pub const HANDLE: usize = 8;

/// A project's API secret, shown once.
#[derive(Clone, Debug)]
pub struct ApiSecret(Secret);

impl ApiSecret {
    /// Draws a new secret, `secret-<env>-<256 random bits>`.
    #[must_use]
    pub fn generate(environment: Environment, entropy: &dyn Entropy) -> Self {
        Self(Secret::new(format!("secret-{}-{}", environment.as_str(), Token::generate(entropy).expose())))
    }

    /// The text to show to the operator.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the store keeps.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose().as_bytes())
    }
}

/// An API secret as it is kept: only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRecord {
    /// The hash.
    pub hash: TokenHash,
    /// What people call it, `""` when nobody has said.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, give or take some minutes; `None` when nobody has yet.
    pub last_used_at: Option<Time>,
    /// When it stops being good, or has stopped; `None` when that is not decided.
    pub ends_at: Option<Time>,
}

impl SecretRecord {
    /// A secret that nobody has used yet.
    #[must_use]
    pub const fn new(hash: TokenHash, name: String, ends_at: Option<Time>, now: Time) -> Self {
        Self { hash, name, created_at: now, last_used_at: None, ends_at }
    }

    /// What names it to the API. It follows from the hash: those that were made before they had ids have one too.
    #[must_use]
    pub fn id(&self, environment: Environment) -> SecretId {
        SecretId::of(environment, &self.hash)
    }

    /// What names it to whoever has the secret: the beginning of what `sha256sum` says of it.
    #[must_use]
    pub fn handle(&self) -> String {
        self.hash.hex().chars().take(HANDLE).collect()
    }

    /// Whether it lets somebody in.
    #[must_use]
    pub fn is_good(&self, now: Time) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// When it ends, if it is replaced now and is to be good for so long beside its successor. What ends sooner anyway does.
    #[must_use]
    pub fn end_after(&self, overlap: Span, now: Time) -> Time {
        let end = now.plus(overlap);
        self.ends_at.map_or(end, |ends_at| ends_at.min(end))
    }
}

/// Reads what somebody calls a secret.
///
/// # Errors
/// It is empty, too long or has control characters.
pub fn checked_secret_name(name: String) -> Result<String, Refusal> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > 128 || name.chars().any(char::is_control) {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .because("name must have 1 to 128 characters, none of them a control character."));
    }
    Ok(name)
}

/// Reads when a new secret is to end.
///
/// # Errors
/// It ends before anybody could replace it.
pub fn checked_secret_end(end: Option<Time>, now: Time) -> Result<Option<Time>, Refusal> {
    match end {
        Some(end) if end < now.plus(SHORTEST_LIFE) => Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{end} in expires_at"))
            .expected(format!("a time that is at least {} minutes ahead", SHORTEST_LIFE.millis() / 60_000))),
        end => Ok(end),
    }
}

/// Reads how many minutes a secret stays good that is replaced.
///
/// # Errors
/// Fewer than none, or more than thirty days.
pub fn checked_overlap(minutes: Option<i64>) -> Result<Span, Refusal> {
    let Some(minutes) = minutes else { return Ok(OVERLAP) };
    let most = LONGEST_OVERLAP.millis() / 60_000;
    if !(0..=most).contains(&minutes) {
        return Err(Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{minutes} in overlap_minutes"))
            .expected(format!("0 to {most}")));
    }
    Ok(Span::minutes(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn record(ends_at: Option<Time>) -> SecretRecord {
        SecretRecord::new(TokenHash::of(b"abc"), "backend".to_owned(), ends_at, NOW)
    }

    #[test]
    fn a_handle_is_what_sha256sum_prints_first() {
        assert_eq!(record(None).handle(), "ba7816bf");
    }

    #[test]
    fn a_secret_is_good_until_its_end() {
        let ends = record(Some(NOW.plus(Span::seconds(1))));
        assert!(record(None).is_good(NOW) && ends.is_good(NOW));
        assert!(!ends.is_good(NOW.plus(Span::seconds(1))));
    }

    #[test]
    fn an_overlap_prolongs_nothing() {
        let soon = NOW.plus(Span::minutes(5));
        assert_eq!(record(Some(soon)).end_after(OVERLAP, NOW), soon);
        assert_eq!(record(None).end_after(OVERLAP, NOW), NOW.plus(OVERLAP));
        assert_eq!(record(None).end_after(Span::minutes(0), NOW), NOW);
    }

    #[test]
    fn what_is_given_is_bounded() {
        assert!(checked_overlap(None).is_ok() && checked_overlap(Some(0)).is_ok());
        assert!(checked_overlap(Some(-1)).is_err() && checked_overlap(Some(43_201)).is_err());
        let life = |span| checked_secret_end(Some(NOW.plus(span)), NOW);
        assert!(life(SHORTEST_LIFE).is_ok() && life(Span::minutes(59)).is_err());
        assert!(checked_secret_end(None, NOW).is_ok());
        for name in ["", " ", "a\nb", &"a".repeat(129)] {
            assert!(checked_secret_name(name.to_owned()).is_err(), "{name:?}");
        }
    }
}
