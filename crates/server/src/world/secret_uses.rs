//! When API secrets were last used. A request only notes it here, and that only when what the store knows is some minutes
//! old; a job writes down what was noted. So a secret costs its project a write in some minutes, and no request waits for it.

use std::collections::HashMap;
use std::sync::Mutex;

use vestibule_domain::id::ProjectId;
use vestibule_domain::secret::TokenHash;
use vestibule_domain::time::{Span, Time};

/// How old what the store knows may be. An operator who asks whether a secret is still in use thinks in days.
const EVERY: Span = Span::minutes(5);
/// Secrets that are noted at once. The use of one more is noted after the next round.
const MOST: usize = 10_000;

/// Secrets whose use is to be written down.
#[derive(Default)]
pub(crate) struct SecretUses(Mutex<HashMap<TokenHash, (ProjectId, Time)>>);

impl SecretUses {
    /// Notes that a secret is used, which was noted to be used `before`.
    pub(crate) fn note(&self, project: ProjectId, secret: &TokenHash, before: Option<Time>, now: Time) {
        if before.is_some_and(|before| now < before.plus(EVERY)) {
            return;
        }
        let Ok(mut noted) = self.0.lock() else { return };
        if let Some((_, at)) = noted.get_mut(secret) {
            *at = now.max(*at);
        } else if noted.len() < MOST {
            noted.insert(secret.clone(), (project, now));
        }
    }

    /// Takes what was noted, in the order of the secrets: nodes that write down the same ones do not get in each other's way.
    pub(crate) fn take(&self) -> Vec<(TokenHash, ProjectId, Time)> {
        let Ok(mut noted) = self.0.lock() else { return Vec::new() };
        let mut uses: Vec<_> = noted.drain().map(|(secret, (project, at))| (secret, project, at)).collect();
        uses.sort_by(|(one, ..), (other, ..)| one.as_str().cmp(other.as_str()));
        uses
    }
}

#[cfg(test)]
mod tests {
    use vestibule_domain::id::Environment;

    use super::*;
    use crate::world::entropy::SystemEntropy;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    #[test]
    fn a_use_is_noted_once_in_a_while() {
        let (uses, project) = (SecretUses::default(), ProjectId::generate(Environment::Test, &SystemEntropy));
        let secret = TokenHash::of(b"secret");
        uses.note(project, &secret, Some(NOW), NOW.plus(Span::minutes(4)));
        assert_eq!(uses.take(), []);
        let later = NOW.plus(Span::minutes(6));
        uses.note(project, &secret, Some(NOW), later);
        uses.note(project, &secret, Some(NOW), later.minus(Span::seconds(1)));
        assert_eq!(uses.take(), [(secret, project, later)]);
        assert_eq!(uses.take(), []);
    }

    #[test]
    fn however_many_there_are_the_memory_is_bounded() {
        let (uses, project) = (SecretUses::default(), ProjectId::generate(Environment::Test, &SystemEntropy));
        for number in 0..MOST + 5 {
            uses.note(project, &TokenHash::of(&number.to_be_bytes()), None, NOW);
        }
        assert_eq!(uses.take().len(), MOST);
    }
}
