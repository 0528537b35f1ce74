//! Who an id token says it is, by the connection's map of attributes: only what the map reads is asked for, and only what it
//! makes is kept.

use vestibule_domain::bounds::kept_claims;
use vestibule_domain::identity::{Identity, Subject};
use vestibule_domain::mapping::attribute_map::{AttributeMap, Mapped};
use vestibule_domain::mapping::template::Said;
use vestibule_domain::refusal::What;
use vestibule_oidc::claims::{Claims, EmailClaim, Verified};
use vestibule_oidc::id_token::VerifiedIdToken;
use vestibule_oidc::token::AccessToken;
use vestibule_oidc::userinfo::Userinfo;

use super::exchange::{Companions, Exchange};
use crate::engine::trace::Steps;
use crate::failure::Failure;

impl Exchange<'_> {
    /// The identity of a verified token.
    ///
    /// # Errors
    /// User information that the map reads and that cannot be had, no subject, or an address that is none.
    pub(super) async fn profiled(
        &mut self,
        verified: &VerifiedIdToken,
        companions: &Companions,
        steps: &mut Steps,
    ) -> Result<Identity, Failure> {
        let map = self.settings().attribute_map.clone().unwrap_or_default();
        let access_token = companions.access_token.as_ref();
        let info = self.read_userinfo(&map, verified, access_token, steps).await?;
        let claims = match &info {
            Some(info) => Claims::merged(verified, info),
            None => Claims::of(verified),
        };
        let mapped = self.attributes(&map, verified, info.as_ref(), access_token);
        let email = match address(&mapped, &claims) {
            Some(said) => Some(self.stated(&said, &claims, steps)?),
            None => {
                steps.failed("email", "no attribute email", "an e-mail address in the attribute email");
                None
            }
        };
        let subject = self.subject(verified, &claims).inspect_err(|refusal| {
            steps.failed("subject", refusal.found.clone(), refusal.expected.clone());
        })?;
        Ok(Identity {
            connection_id: self.connection.id,
            subject: Subject::oidc(&self.settings().issuer, subject),
            email,
            name: name(&mapped),
            attributes: steps.kept(mapped.kept),
            groups: Vec::new(),
            trusted_metadata: self.extras(&claims, steps),
            passing: kept_claims(mapped.passing).0,
        })
    }

    /// User information, where the map reads it. A provider that was asked for too little may give nothing to ask with.
    async fn read_userinfo(
        &mut self,
        map: &AttributeMap,
        verified: &VerifiedIdToken,
        access_token: Option<&AccessToken>,
        steps: &mut Steps,
    ) -> Result<Option<Userinfo>, Failure> {
        if !map.reads_userinfo() {
            return Ok(None);
        }
        let Some(access_token) = access_token.filter(|_| !self.settings().userinfo_url.is_empty()) else {
            steps.passed("userinfo", "not used: there is no access token, or no address to ask at");
            return Ok(None);
        };
        match self.informed(verified, access_token, true).await? {
            Ok(info) => {
                steps.passed("userinfo", "");
                Ok(Some(info))
            }
            Err(refusal) => {
                let why = refusal.detail().unwrap_or_default();
                let found = if refusal.found.is_empty() { why } else { refusal.found.clone() };
                let expected = match refusal.what {
                    What::UserinfoOfAnother => refusal.expected.clone(),
                    _ => "the user information that attributes are made of".to_owned(),
                };
                steps.failed("userinfo", found, expected);
                Err(refusal.into())
            }
        }
    }

    fn attributes(
        &self,
        map: &AttributeMap,
        verified: &VerifiedIdToken,
        info: Option<&Userinfo>,
        access_token: Option<&AccessToken>,
    ) -> Mapped {
        let connection = self.connection;
        let said = Said {
            token: verified.claims(),
            userinfo: info.map(Userinfo::claims),
            access_token: access_token.map(AccessToken::expose),
            connection_id: &connection.id.to_string(),
            connection_name: connection.name.as_str(),
            strategy: connection.strategy().as_str(),
        };
        map.mapped(&said, &connection.common.passing_attributes)
    }
}

/// One attribute as a text, whether it is kept or passes.
fn text<'m>(mapped: &'m Mapped, name: &str) -> Option<&'m str> {
    let value = mapped.kept.get(name).or_else(|| mapped.passing.get(name))?;
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The address. What the provider says about the verification of one counts for that very one, wherever a map takes it from.
fn address(mapped: &Mapped, claims: &Claims) -> Option<EmailClaim> {
    let address = text(mapped, "email")?;
    let said = claims.address("email").ok().flatten();
    let verified = said.filter(|said| said.address.eq_ignore_ascii_case(address)).map(|said| said.verified);
    Some(EmailClaim { address: address.to_owned(), verified: verified.unwrap_or(Verified::Unstated) })
}

fn name(mapped: &Mapped) -> String {
    let part = |name| text(mapped, name).unwrap_or_default();
    let together = format!("{} {}", part("given_name"), part("family_name"));
    let name = text(mapped, "name").unwrap_or_else(|| together.trim());
    name.chars().filter(|c| !c.is_control()).take(256).collect()
}
