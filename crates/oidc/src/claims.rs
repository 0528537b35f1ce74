//! What a provider says about a person: the id token's claims, with userinfo's where the id token is silent.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use crate::error::{Excerpt, Refusal, kind_of};
use crate::id_token::VerifiedIdToken;
use crate::json::Object;
use crate::userinfo::Userinfo;

/// Claims that belong together: what one source says about an address never covers an address of another source.
const EMAIL_GROUP: [&str; 3] = ["email", "email_verified", "xms_edov"];
/// What says whether the claim `email` was verified.
const VERIFICATION: [&str; 2] = ["email_verified", "xms_edov"];
/// Most names of claims that are shown.
const MOST_NAMES: usize = 30;
/// Claims about the token, not about the person: never taken from userinfo.
const TOKEN_CLAIMS: [&str; 15] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "tid",
    "oid",
];

/// The claims about one verified subject.
#[derive(Clone)]
pub struct Claims {
    subject: String,
    claims: Object,
}

impl Claims {
    /// The id token's claims alone.
    #[must_use]
    pub fn of(id_token: &VerifiedIdToken) -> Self {
        Self { subject: id_token.subject().to_owned(), claims: id_token.claims().clone() }
    }

    /// The id token's claims, and userinfo's where the id token has none (or null). What was signed wins.
    ///
    /// What userinfo says about the verification of an e-mail address counts only for the address that userinfo names;
    /// `iss`, `sub`, `aud`, `oid` and the other claims about the token come from the id token only.
    #[must_use]
    pub fn merged(id_token: &VerifiedIdToken, userinfo: &Userinfo) -> Self {
        let mut merged = Self::of(id_token);
        let same_email = merged.takes_email_of(userinfo);
        for (name, value) in userinfo.claims() {
            let of_token = TOKEN_CLAIMS.contains(&name.as_str());
            let of_other_email = EMAIL_GROUP.contains(&name.as_str()) && !same_email;
            if !of_token && !of_other_email && !is_said(merged.claims.get(name)) {
                merged.claims.insert(name.clone(), value.clone());
            }
        }
        merged
    }

    /// Whether userinfo's e-mail claims may be taken: the id token names the same address, or none. In the latter case
    /// what the id token says about verification is about nothing, and goes.
    fn takes_email_of(&mut self, userinfo: &Userinfo) -> bool {
        let theirs = userinfo.claim("email");
        if let Some(ours) = self.claims.get("email").filter(|email| !email.is_null()) {
            return match (ours.as_str(), theirs.and_then(Value::as_str)) {
                (Some(ours), Some(theirs)) => same_address(ours, theirs),
                _ => Some(ours) == theirs,
            };
        }
        if is_said(theirs) {
            self.claims.retain(|name, _| !EMAIL_GROUP.contains(&name.as_str()));
        }
        is_said(theirs)
    }

    /// Who it is about: the id token's `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// One claim.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// One claim that is non-empty text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// One claim that is to be text: absent, null and blank are `None`, and a list of one text is that text, as some
    /// providers write every claim.
    ///
    /// # Errors
    /// [`WrongKind`] when it is something else.
    pub fn one_text(&self, name: &str) -> Result<Option<&str>, WrongKind> {
        let value = match self.claims.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(items)) if items.len() == 1 => items.first(),
            found => found,
        };
        match value.and_then(Value::as_str) {
            Some(text) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
            None => Err(WrongKind {
                claim: Excerpt::of(name),
                found: self.claims.get(name).map_or_else(String::new, kind_of),
            }),
        }
    }

    /// The address of a claim, with what the provider says about this very address: `email_verified` and `xms_edov` are
    /// about the claim `email` alone, and count for another one only as far as it holds the same address.
    ///
    /// # Errors
    /// [`WrongKind`] when the claim is not text.
    pub fn address(&self, name: &str) -> Result<Option<EmailClaim>, WrongKind> {
        let Some(address) = self.one_text(name)? else { return Ok(None) };
        let of_email = self.one_text("email").ok().flatten();
        let is_email = name == "email" || of_email.is_some_and(|email| same_address(email, address));
        let verified = if is_email { self.email_verification() } else { Verified::Unstated };
        Ok(Some(EmailClaim { address: address.to_owned(), verified }))
    }

    /// The names of all claims about the person, in their order: what there is, when something is missing.
    #[must_use]
    pub fn names(&self) -> Vec<Excerpt> {
        let about_person = |name: &&String| !TOKEN_CLAIMS.contains(&name.as_str()) || name.as_str() == "sub";
        self.claims.keys().filter(about_person).take(MOST_NAMES).map(|name| Excerpt::of(name)).collect()
    }

    /// Every claim.
    #[must_use]
    pub const fn all(&self) -> &Object {
        &self.claims
    }

    /// The e-mail address of the claim `email`, with what the provider says about it.
    #[must_use]
    pub fn email(&self) -> Option<EmailClaim> {
        let address = self.text("email")?.to_owned();
        Some(EmailClaim { address, verified: self.email_verification() })
    }

    /// What `email_verified` (a boolean, or the text of one) and Entra's `xms_edov` (also a number) say together: any
    /// "no" wins over a "yes", and what cannot be understood is a "no".
    #[must_use]
    pub fn email_verification(&self) -> Verified {
        let said = VERIFICATION.map(|name| yes_or_no(self.claims.get(name)));
        if said.contains(&Some(false)) {
            return Verified::Unverified;
        }
        if said.contains(&Some(true)) { Verified::Verified } else { Verified::Unstated }
    }
}

impl Claims {
    /// What it is that makes an address [`Verified::Unverified`]: the claim with what it says, and when that is neither yes
    /// nor no, what was expected. A plain "no" goes before what is not understood. `None` where nothing speaks against it.
    #[must_use]
    pub fn denial(&self) -> Option<String> {
        let denials = || {
            VERIFICATION
                .into_iter()
                .filter_map(|name| Some((name, self.claims.get(name)?)))
                .filter(|(_, value)| yes_or_no(Some(value)) == Some(false))
        };
        let plain = denials().find(|(_, value)| is_plain_no(value)).map(|(name, _)| format!("{name}: false"));
        plain.or_else(|| denials().next().map(|(name, value)| not_understood(name, value)))
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.claims.keys().collect();
        f.debug_struct("Claims").field("names", &names).finish_non_exhaustive()
    }
}

/// An e-mail address as the provider wrote it. It is an attribute, never an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailClaim {
    /// The address, neither checked nor normalised.
    pub address: String,
    /// Whether the provider says that it belongs to the person.
    pub verified: Verified,
}

/// What a provider says about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It says that the address was verified.
    Verified,
    /// It says that it was not, or says something that cannot be understood.
    Unverified,
    /// It says nothing.
    Unstated,
}

/// A claim that is not of the kind that is needed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the claim {claim} is {found}, expected one text")]
pub struct WrongKind {
    /// Its name.
    pub claim: Excerpt,
    /// Its kind.
    pub found: String,
}

impl Refusal for WrongKind {
    fn code(&self) -> &'static str {
        "claim_of_the_wrong_kind"
    }

    fn found(&self) -> Option<String> {
        Some(format!("{} is {}", self.claim, self.found))
    }

    fn expected(&self) -> Option<String> {
        Some("one text".to_owned())
    }
}

/// Addresses are compared without case, as everywhere here.
fn same_address(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

fn is_said(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

fn yes_or_no(value: Option<&Value>) -> Option<bool> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::Bool(said)) => Some(*said),
        Some(Value::String(text)) => Some(text == "1" || text.eq_ignore_ascii_case("true")),
        Some(Value::Number(number)) => Some(number.as_i64() == Some(1)),
        Some(Value::Array(_) | Value::Object(_)) => Some(false),
    }
}

fn is_plain_no(value: &Value) -> bool {
    match value {
        Value::Bool(said) => !said,
        Value::String(text) => text.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

fn not_understood(name: &str, value: &Value) -> String {
    let found = match value {
        Value::String(text) => format!("{:?} (text)", Excerpt::of(text).as_str()),
        Value::Number(number) => format!("{number} (a number)"),
        other => kind_of(other),
    };
    format!("{name}: {found}, where true or false is expected")
}
