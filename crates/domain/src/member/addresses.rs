//! A member's addresses: the one they have, and those they had before, which stay reserved for them.

use serde::{Deserialize, Serialize};

use super::Member;
use crate::email::EmailAddress;
use crate::id::EmailId;
use crate::refusal::{Refusal, Thing, What};
use crate::time::Time;

/// The most addresses that stay reserved for one member. Of more, those that were left first are let go.
pub const MOST_RETIRED: usize = 20;

/// An address the member had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetiredEmail {
    /// The id.
    pub id: EmailId,
    /// The address.
    pub address: EmailAddress,
}

/// Which retired address is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichRetired {
    /// The one with this id.
    Id(EmailId),
    /// This one.
    Address(EmailAddress),
    /// This one, which has this id.
    Both(EmailId, EmailAddress),
}

impl WhichRetired {
    fn means(&self, retired: &RetiredEmail) -> bool {
        match self {
            Self::Id(id) => retired.id == *id,
            Self::Address(address) => retired.address == *address,
            Self::Both(id, address) => retired.id == *id && retired.address == *address,
        }
    }
}

impl Member {
    /// Gives the member another address. The old one is retired, and stays reserved for them, unless it
    /// is to be forgotten.
    pub fn change_email(&mut self, address: EmailAddress, verified: bool, forget: bool) {
        if self.email == address {
            return;
        }
        self.retired_emails.retain(|retired| retired.address != address);
        let old = std::mem::replace(&mut self.email, address);
        self.email_verified = verified;
        self.email_stated = false;
        if forget {
            return;
        }
        self.retired_emails.push(RetiredEmail { id: EmailId::of(self.project_id, &old), address: old });
        let surplus = self.retired_emails.len().saturating_sub(MOST_RETIRED);
        self.retired_emails.drain(..surplus);
    }

    /// Lets a retired address go: somebody else may have it then.
    ///
    /// # Errors
    /// The member has no such retired address.
    pub fn unlink_retired(&mut self, which: &WhichRetired, now: Time) -> Result<(), Refusal> {
        let before = self.retired_emails.len();
        self.retired_emails.retain(|retired| !which.means(retired));
        if self.retired_emails.len() == before {
            return Err(What::NotFound(Thing::RetiredEmail).into());
        }
        self.touch(now);
        Ok(())
    }
}
