//! Who an id token and user information say it is, by the connection's attribute mapping.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use vestibule_domain::email::EmailAddress;
use vestibule_domain::identity::{EmailTrust, Identity, StatedEmail, Subject};
use vestibule_domain::mapping::{self, claim, extra_attributes, full_name};
use vestibule_domain::metadata::METADATA_LIMIT;
use vestibule_domain::refusal::{Refusal, Via, What};
use vestibule_oidc::Refusal as _;
use vestibule_oidc::claims::{Claims, EmailClaim, Verified};
use vestibule_oidc::id_token::VerifiedIdToken;

use super::exchange::{Exchange, listed};
use crate::engine::trace::Steps;

const ENTRA_HOST: &str = "https://login.microsoftonline.com/";

impl Exchange<'_> {
    /// The claim that the address comes from.
    pub(super) fn email_claim(&self) -> &str {
        claim(&self.settings().attribute_mapping, "email", "email")
    }

    /// Claims that decide something here: address, name, and everything the admin mapped.
    pub(super) fn wanted_claims(&self) -> Vec<&str> {
        let mapping = &self.settings().attribute_mapping;
        let mut wanted = vec![self.email_claim()];
        if !mapping.contains_key("first_name") {
            wanted.push(claim(mapping, "full_name", "name"));
        }
        wanted.extend(mapping.values().map(String::as_str));
        wanted
    }

    /// Claims without which there is nobody: the address, and the subject where it is mapped.
    pub(super) fn needed_claims(&self) -> Vec<&str> {
        let subject = self.settings().attribute_mapping.get("idp_user_id");
        std::iter::once(self.email_claim()).chain(subject.map(String::as_str)).collect()
    }

    /// The identity of verified claims.
    ///
    /// # Errors
    /// No subject, or an address that is none.
    pub(super) fn mapped(
        &self,
        verified: &VerifiedIdToken,
        claims: &Claims,
        steps: &mut Steps,
    ) -> Result<Identity, Refusal> {
        let mapping = &self.settings().attribute_mapping;
        let said = self.address(claims, steps);
        let email = said.map(|said| self.stated(&said, claims, steps)).transpose()?;
        let subject = self.subject(verified, claims).inspect_err(|refusal| {
            steps.failed("subject", refusal.found.clone(), refusal.expected.clone());
        })?;
        Ok(Identity {
            connection_id: self.connection.id,
            subject: Subject::oidc(&self.settings().issuer, subject),
            email,
            name: full_name(mapping, claims.all()),
            attributes: steps.kept(claims.all().clone()),
            groups: Vec::new(),
            trusted_metadata: self.extras(claims, steps),
            passing: Map::new(),
        })
    }

    /// Mapped attributes that go to the member's trusted metadata.
    pub(super) fn extras(&self, claims: &Claims, steps: &mut Steps) -> BTreeMap<String, Value> {
        fitting(extra_attributes(&self.settings().attribute_mapping, claims.all()), steps)
    }

    /// The address with the provider's statement about it. That there is none is for the admission to judge: somebody who
    /// is known by subject needs none.
    fn address(&self, claims: &Claims, steps: &mut Steps) -> Option<EmailClaim> {
        let name = self.email_claim();
        let expected = "an e-mail address in the claim that attribute_mapping names for email";
        match claims.address(name) {
            Ok(Some(said)) => return Some(said),
            Ok(None) => {
                steps.failed("email", nothing_in(name, claims), expected);
            }
            Err(problem) => steps.failed("email", problem.found().unwrap_or_default(), expected),
        }
        None
    }

    /// The address with what the provider says about this very one, wherever it stood.
    pub(super) fn stated(
        &self,
        said: &EmailClaim,
        claims: &Claims,
        steps: &mut Steps,
    ) -> Result<StatedEmail, Refusal> {
        match EmailAddress::parse(&said.address) {
            Ok(address) => {
                steps.passed("email", address.as_str());
                let denial = claims.denial().filter(|_| said.verified == Verified::Unverified);
                Ok(StatedEmail { address, trust: trust(said.verified), denial })
            }
            Err(error) => {
                let name = self.email_claim();
                steps.failed("email", said.address.as_str(), "a plain e-mail address");
                Err(Refusal::new(What::NoEmail(Via::Oidc)).because(format!(
                    "The claim {name:?}: {error}. Another claim can be named for email in attribute_mapping."
                )))
            }
        }
    }

    /// Who it is at this connection: the mapped claim, for Entra the object id (its `sub` is another one
    /// in every application), else `sub`.
    pub(super) fn subject(&self, verified: &VerifiedIdToken, claims: &Claims) -> Result<String, Refusal> {
        if let Some(mapped) = self.settings().attribute_mapping.get("idp_user_id") {
            return mapping::subject(claims.all(), mapped);
        }
        let is_entra = self.settings().discovered.issuer_is_tenant_template
            || self.settings().issuer.starts_with(ENTRA_HOST);
        let object_id = verified.entra_object_id().filter(|_| is_entra);
        Ok(object_id.unwrap_or_else(|| verified.subject()).to_owned())
    }
}

/// How it is said that a claim has no text: it is there and empty, or there are others only.
fn nothing_in(name: &str, claims: &Claims) -> String {
    match claims.claim(name) {
        Some(Value::Null) => format!("the claim {name:?} with null in it"),
        Some(_) => format!("the claim {name:?} with an empty text in it"),
        None => {
            format!("no claim {name:?}; there are: {}", listed(&claims.names()))
        }
    }
}

/// What may be kept of mapped attributes: two hundred groups of somebody are no reason to keep them out.
fn fitting(attributes: BTreeMap<String, Value>, steps: &mut Steps) -> BTreeMap<String, Value> {
    let mut room = METADATA_LIMIT;
    let (kept, left): (BTreeMap<_, _>, BTreeMap<_, _>) = attributes.into_iter().partition(|(name, value)| {
        let size = name.len() + value.to_string().len() + 6;
        let fits = size <= room;
        room = room.saturating_sub(if fits { size } else { 0 });
        fits
    });
    if !left.is_empty() {
        let names: Vec<_> = left.into_keys().collect();
        steps.passed(
            "attributes",
            format!("larger than trusted_metadata may be, not kept: {}", names.join(", ")),
        );
    }
    kept
}

const fn trust(said: Verified) -> EmailTrust {
    match said {
        Verified::Verified => EmailTrust::Verified,
        Verified::Unverified => EmailTrust::Unverified,
        Verified::Unstated => EmailTrust::Unstated,
    }
}
