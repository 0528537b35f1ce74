//! How a connection's word about addresses is taken ([`crate::vouching`]).

use serde::{Deserialize, Serialize};

use super::saml::checked_until;
use crate::patch::Patch;
use crate::refusal::{Field, Refusal};
use crate::time::Time;
use crate::vouching::Switches;

/// What somebody has set a connection to. Missing in a stored document is what is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressRules {
    /// In the organization's own domains, an address counts that the provider calls unverified.
    pub trust_unverified_addresses: bool,
    /// In the organization's own domains, another subject with a known address is the same person, made anew.
    pub relink_changed_subjects: bool,
    /// For a migration, until then: whoever has the address is the person.
    pub link_existing_members_until: Option<Time>,
}

impl AddressRules {
    /// What counts now.
    #[must_use]
    pub fn switches(&self, now: Time) -> Switches {
        Switches {
            trusts_unverified: self.trust_unverified_addresses,
            relinks_changed_subjects: self.relink_changed_subjects,
            links_existing_members: self.link_existing_members_until.is_some_and(|until| now < until),
        }
    }

    /// Applies a change.
    ///
    /// # Errors
    /// An end that has passed or is too far ahead.
    pub(super) fn change(
        &mut self,
        trust_unverified: Patch<bool>,
        relink: Patch<bool>,
        link_until: Patch<Time>,
        now: Time,
    ) -> Result<(), Refusal> {
        trust_unverified.onto(&mut self.trust_unverified_addresses);
        relink.onto(&mut self.relink_changed_subjects);
        let checked = |end| checked_until(Field::Setting, "link_existing_members_until", end, now);
        let link_until = link_until.try_map(checked)?;
        link_until.onto(&mut self.link_existing_members_until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn the_migration_switch_ends_by_itself() {
        let now = Time::from_seconds(1_700_000_000);
        let mut rules = AddressRules::default();
        for end in [now, now.plus(Span::days(400))] {
            let refusal = rules.change(Patch::Keep, Patch::Keep, Patch::Set(end), now).unwrap_err();
            assert!(refusal.detail().unwrap().contains("link_existing_members_until"), "{refusal:?}");
        }
        rules.change(Patch::Keep, Patch::Keep, Patch::Set(now.plus(Span::days(1))), now).unwrap();
        assert!(rules.switches(now).links_existing_members);
        assert!(!rules.switches(now.plus(Span::days(1))).links_existing_members);
        rules.change(Patch::Keep, Patch::Keep, Patch::Clear, now).unwrap();
        assert_eq!(rules, AddressRules::default());
    }
}
