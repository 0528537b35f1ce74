//! What calls about mail take and answer, whether a link is sent or a code.

use serde::{Deserialize, Serialize};
use vestibule_domain::id::MemberId;
use vestibule_domain::login::by_mail::Lifetime;
use vestibule_domain::member::checked_email;
use vestibule_domain::project::Project;

use super::session_request::language;
use super::wire::{MemberOut, OrganizationOut};
use super::{Answer, Nothing, done, ok};
use crate::doors::stytch::caller::Caller;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::input::required;
use crate::operations::by_mail::LinkForm;
use crate::operations::by_mail::send::{self, Asked, Discovery, Sending, Sent};
use crate::world::App;

/// Who is to sign in, or become a member.
#[derive(Deserialize)]
pub(crate) struct LoginIn {
    organization_id: Option<String>,
    email_address: Option<String>,
    // One look for all projects: templates are taken and say nothing.
    #[expect(dead_code, reason = "a member of the contract that changes nothing here")]
    login_template_id: Option<String>,
    #[expect(dead_code, reason = "the same")]
    signup_template_id: Option<String>,
    locale: Option<String>,
    login_expiration_minutes: Option<i64>,
    signup_expiration_minutes: Option<i64>,
}

impl LoginIn {
    /// What is asked, and in which organization.
    ///
    /// # Errors
    /// An organization or an address is missing, or something cannot be read.
    pub(crate) fn asked(self, sending: Sending, lifetime: Lifetime) -> Result<(String, Asked), Failure> {
        let organization = required(self.organization_id, "organization_id")?;
        let asked = Asked {
            address: checked_email(&required(self.email_address, "email_address")?)?,
            sending,
            login_lifetime: lifetime.read("login_expiration_minutes", self.login_expiration_minutes)?,
            signup_lifetime: lifetime.read("signup_expiration_minutes", self.signup_expiration_minutes)?,
            language: language(self.locale.as_deref())?,
        };
        Ok((organization, asked))
    }

    /// Sends them a way in.
    pub(crate) async fn send(
        self,
        app: &App,
        ctx: &Ctx,
        caller: &Caller,
        sending: Sending,
        lifetime: Lifetime,
    ) -> Answer<SentOut> {
        let (organization, asked) = self.asked(sending, lifetime)?;
        let organization = caller.organization(app, &organization).await?;
        let sent = send::to_member(app, ctx, &caller.project, organization.tenant(), &asked).await?;
        ok(ctx, SentOut::from(&sent))
    }
}

/// Whom something was sent to.
#[derive(Debug, Serialize)]
pub(crate) struct SentOut {
    member_id: MemberId,
    member_created: bool,
    member: MemberOut,
    organization: OrganizationOut,
}

impl From<&Sent> for SentOut {
    fn from(sent: &Sent) -> Self {
        Self {
            member_id: sent.member.member.id,
            member_created: sent.created,
            member: MemberOut::from(&sent.member),
            organization: OrganizationOut::from(&sent.organization),
        }
    }
}

/// Who looks for their organizations.
#[derive(Deserialize)]
pub(crate) struct SeekIn {
    email_address: Option<String>,
    #[expect(dead_code, reason = "a member of the contract that changes nothing here")]
    login_template_id: Option<String>,
    locale: Option<String>,
    discovery_expiration_minutes: Option<i64>,
}

impl SeekIn {
    /// Sends them a way there: a link, or a code when absent.
    pub(crate) async fn send<D: Door>(
        self,
        app: &App,
        ctx: &Ctx,
        project: &Project,
        link: Option<(Option<String>, Option<String>, LinkForm)>,
        lifetime: Lifetime,
    ) -> Answer<Nothing, D> {
        let asked = Discovery {
            address: checked_email(&required(self.email_address, "email_address")?)?,
            link,
            lifetime: lifetime.read("discovery_expiration_minutes", self.discovery_expiration_minutes)?,
            language: language(self.locale.as_deref())?,
        };
        send::to_seeker(app, ctx, project, &asked).await?;
        done(ctx)
    }
}
