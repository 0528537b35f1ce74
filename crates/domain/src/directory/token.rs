//! The tokens by which a directory shows who it is. Only their hashes are kept.

use serde::{Deserialize, Serialize};

use crate::entropy::{Entropy, bytes};
use crate::secret::{Secret, TokenHash};
use crate::spelled::spelled;
use crate::time::{Span, Time};

/// The most tokens of a directory: the one in use, and the one that is to replace it.
pub const MOST_TOKENS: usize = 2;

/// How long a token is good when nobody says otherwise: five years.
const LIFETIME: Span = Span::days(5 * 365);

spelled! {
    /// What a token lets its holder do.
    pub enum Scope {
        /// Read users.
        GetUsers = "get:users",
        /// Make users.
        PostUsers = "post:users",
        /// Replace users.
        PutUsers = "put:users",
        /// Change users.
        PatchUsers = "patch:users",
        /// Remove users.
        DeleteUsers = "delete:users",
        /// Read groups.
        GetGroups = "get:groups",
        /// Make groups.
        PostGroups = "post:groups",
        /// Replace groups.
        PutGroups = "put:groups",
        /// Change groups.
        PatchGroups = "patch:groups",
        /// Remove groups.
        DeleteGroups = "delete:groups",
    }
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryToken {
    /// What it is named by. It is no secret.
    pub id: String,
    /// The hash.
    pub hash: TokenHash,
    /// Its end, for people who compare it with what they pasted.
    pub last_four: String,
    /// What it lets its holder do; everything, when nothing is named.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Time,
    /// When it stops being good; never, when that is not said.
    #[serde(default)]
    pub ends_at: Option<Time>,
}

/// How a token is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenForm {
    /// 48 letters and digits.
    Letters,
    /// Its name, a dot and 64 hexadecimal digits.
    Named,
}

/// A token that was just made, with its only copy.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The secret.
    pub secret: Secret,
    /// What is kept of it.
    pub record: DirectoryToken,
}

impl NewToken {
    /// Draws a token.
    #[must_use]
    pub fn generate(form: TokenForm, now: Time, entropy: &dyn Entropy) -> Self {
        let id = format!("tok_{}", letters(&bytes::<16>(entropy)));
        let text = match form {
            TokenForm::Letters => letters(&bytes::<48>(entropy)),
            TokenForm::Named => {
                let digits: String = bytes::<32>(entropy).iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{id}.{digits}")
            }
        };
        let last_four = text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned();
        let record = DirectoryToken {
            id,
            hash: TokenHash::of(text.as_bytes()),
            last_four,
            scopes: Vec::new(),
            created_at: now,
            ends_at: Some(now.plus(LIFETIME)),
        };
        Self { secret: Secret::new(text), record }
    }
}

impl DirectoryToken {
    /// Whether it lets its holder in.
    #[must_use]
    pub fn is_good(&self, now: Time) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether it lets its holder do that.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.is_empty() || self.scopes.contains(&scope)
    }
}

/// A letter or digit a byte: 5 bits of it, so that 48 of them are 240 bits.
fn letters(random: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    random.iter().filter_map(letter).collect()
}
