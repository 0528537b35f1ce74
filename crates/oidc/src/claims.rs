//! What a provider says about a person: the id token's claims, with userinfo's where the id token is silent.

use std::fmt;

use serde_json::Value;

use crate::id_token::VerifiedIdToken;
use crate::json::Object;
use crate::userinfo::Userinfo;

/// Claims that belong together: what one source says about an address never covers an address of another source.
const EMAIL_GROUP: [&str; 3] = ["email", "email_verified", "xms_edov"];
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
        if is_said(self.claims.get("email")) {
            return self.claims.get("email") == theirs;
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
        let said = [yes_or_no(self.claims.get("email_verified")), yes_or_no(self.claims.get("xms_edov"))];
        if said.contains(&Some(false)) {
            return Verified::Unverified;
        }
        if said.contains(&Some(true)) { Verified::Verified } else { Verified::Unstated }
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
