//! The claims of an id token, completed by user information (OpenID Connect Core section 5.3).

use vestibule_domain::refusal::{Refusal, What, sentence};
use vestibule_oidc::claims::Claims;
use vestibule_oidc::id_token::VerifiedIdToken;
use vestibule_oidc::token::AccessToken;
use vestibule_oidc::userinfo::{self, Userinfo, UserinfoError};

use super::exchange::{Exchange, LIMIT, stored_url};
use super::words::{is_outage, unreachable_provider};
use crate::engine::trace::Steps;
use crate::failure::Failure;
use crate::world::fetch::protocol::send;

const ABOUT_THEM: &str = "user information about the same person";

impl Exchange<'_> {
    /// The claims of the token, completed by user information where it may add something. What it cannot add is only
    /// missed when there is nobody without it.
    pub(super) async fn claims(
        &mut self,
        verified: &VerifiedIdToken,
        access_token: Option<&AccessToken>,
        steps: &mut Steps,
    ) -> Result<Claims, Failure> {
        let may_add =
            userinfo::is_needed(verified, &self.wanted_claims()) || userinfo::may_say_verified(verified);
        let Some(access_token) = access_token.filter(|_| may_add && !self.settings().userinfo_url.is_empty())
        else {
            return Ok(Claims::of(verified));
        };
        let needed = userinfo::is_needed(verified, &self.needed_claims());
        let refusal = match self.informed(verified, access_token, needed).await? {
            Ok(info) => {
                steps.passed("userinfo", "");
                return Ok(Claims::merged(verified, &info));
            }
            Err(refusal) => refusal,
        };
        let why = refusal.detail().unwrap_or_default();
        if needed || refusal.what == What::UserinfoOfAnother {
            let found = if refusal.found.is_empty() { why } else { refusal.found.clone() };
            let expected = if refusal.expected.is_empty() { ABOUT_THEM } else { &refusal.expected };
            steps.failed("userinfo", found, expected);
            return Err(refusal.into());
        }
        steps.passed("userinfo", format!("not used: {why}"));
        Ok(Claims::of(verified))
    }

    /// Asks for user information. Where there is nobody without it, an endpoint that does not give it may have moved.
    pub(super) async fn informed(
        &mut self,
        verified: &VerifiedIdToken,
        access_token: &AccessToken,
        needed: bool,
    ) -> Result<Result<Userinfo, Refusal>, Failure> {
        let tried = self.settings().userinfo_url.clone();
        let first = self.userinfo(verified, access_token).await?;
        let elsewhere = matches!(&first, Err(refusal) if needed && refusal.what != What::UserinfoOfAnother);
        if elsewhere && self.learn_again().await? && self.settings().userinfo_url != tried {
            return self.userinfo(verified, access_token).await;
        }
        Ok(first)
    }

    async fn userinfo(
        &self,
        verified: &VerifiedIdToken,
        access_token: &AccessToken,
    ) -> Result<Result<Userinfo, Refusal>, Failure> {
        let request = userinfo::request(&stored_url(&self.settings().userinfo_url)?, access_token);
        let response = match send(&self.errand(), &request, LIMIT).await {
            Ok(response) => response,
            Err(error) => {
                return match error.failure(|why| unreachable_provider("userinfo_url", &why, error.is_late()))
                {
                    Failure::Refused(refusal) => Ok(Err(refusal)),
                    Failure::Busy(why) => Ok(Err(Refusal::new(What::Busy).because(why))),
                    other => Err(other),
                };
            }
        };
        let content_type =
            response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let parsed = userinfo::parse(response.status.as_u16(), content_type, &response.body, verified);
        Ok(parsed.map_err(|error| {
            if let UserinfoError::SubjectMismatch { found, expected } = &error {
                return Refusal::new(What::UserinfoOfAnother).found(found).expected(expected).because(
                    "What userinfo_url says is not about the person of the id token. Both have to name them by the same sub: this \
                     is for the identity provider to change.",
                );
            }
            let kind = match error {
                UserinfoError::Status(status) if is_outage(status) => What::ProviderUnreachable,
                _ => What::Userinfo,
            };
            Refusal::new(kind).because(format!(
                "{} Let the identity provider put {} into the id token, or answer at userinfo_url.",
                sentence(error),
                self.needed_claims().join(" and ")
            ))
        }))
    }
}
