//! What becomes of the attributes that a directory gives of people who sign in through a connection: which of them say what a
//! person is called here, and by which of them the connection's provider calls the person.

use std::collections::BTreeSet;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::refusal::{Field, Refusal, What};

/// The most attributes that are mapped.
const MOST: usize = 100;
/// The most characters of a name, on either side.
const NAME: usize = 256;

/// What becomes of attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The attribute, as a path of the protocol, whose value is the subject at the connection's provider. A sign-in and the
    /// directory mean the same person by it.
    pub subject: String,
    /// The attributes. What is not among them is not kept.
    pub attributes: Vec<Mapped>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    /// Where it is in what the directory says, as a path of the protocol.
    pub from: String,
    /// What becomes of it.
    pub to: Target,
}

/// What becomes of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The member's address.
    Email,
    /// The member's name.
    Name,
    /// Whether the person is locked out. It is by `active` alone, whatever is mapped.
    Blocked,
    /// A key of the member's trusted metadata.
    Metadata(String),
    /// An attribute of the profile that applications see.
    Attribute(String),
}

impl Mapping {
    /// The mapping, if it can be done.
    ///
    /// # Errors
    /// Too many attributes, names that are empty or too long, or two of one name: which of them holds nobody could say.
    pub fn checked(self) -> Result<Self, Refusal> {
        if self.attributes.len() > MOST {
            return Err(wrong(format!("{} attributes", self.attributes.len()), format!("at most {MOST}")));
        }
        let (mut from, mut to) = (BTreeSet::new(), BTreeSet::new());
        for mapped in &self.attributes {
            let key = match &mapped.to {
                Target::Metadata(key) | Target::Attribute(key) => key.as_str(),
                Target::Email | Target::Name | Target::Blocked => "known",
            };
            for name in [key, &mapped.from, &self.subject] {
                let fits = !name.trim().is_empty() && name.chars().count() <= NAME;
                if !fits || name.chars().any(char::is_control) {
                    return Err(wrong("a name that is none", format!("1 to {NAME} characters on each side")));
                }
            }
            if !from.insert(&mapped.from) || !to.insert(&mapped.to) {
                return Err(wrong(
                    format!("two entries for {:?}", mapped.from),
                    "one attribute of the directory for one of the profile",
                ));
            }
        }
        Ok(self)
    }
}

fn wrong(found: impl Display, expected: impl Display) -> Refusal {
    Refusal::new(What::Invalid(Field::Setting)).found(format!("{found} in mapping")).expected(expected)
}
