//! What calls about second factors take and answer (contract 3.8).

use std::mem::take;

use serde::Serialize;
use vestibule_domain::id::MemberId;
use vestibule_domain::member::Member;
use vestibule_domain::mfa::totp::checked_code;
use vestibule_domain::mfa::{Choices, Enrollment};
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::ManageFactors;
use vestibule_domain::refusal::{Field, Refusal};
use vestibule_domain::secret::Secret;
use vestibule_domain::spelled::one_of;
use vestibule_domain::time::Time;

use super::session_request::begins_session;
use super::wire::session::SessionOut;
use super::wire::tokens::{HoldsTokens, Tokens};
use super::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::caller::Caller;
use crate::doors::stytch::session_jwt::mint;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::input::required;
use crate::operations::authentication::SessionRequest;
use crate::operations::mfa;
use crate::operations::views::{self, MemberView, SessionView};
use crate::world::App;

/// Whom a call is about, as its body names them. The project's backend asks; a member's session beside its credentials does
/// not say who it is about, and is refused.
///
/// # Errors
/// A member's session was passed on; a name that is missing, or nobody's.
pub(crate) async fn named(
    app: &App,
    caller: &Caller,
    organization_id: Option<&str>,
    member_id: Option<&str>,
) -> Result<(Grant<ManageFactors>, Member), Failure> {
    caller.project_grant::<ManageFactors>()?;
    let organization = required(organization_id, "organization_id")?;
    let member = required(member_id, "member_id")?;
    let grant = caller.enter(app, organization).await?.project_grant()?;
    let member = mfa::member(app, &grant, member).await?;
    Ok((grant, member))
}

/// What a body chooses about second factors.
///
/// # Errors
/// `set_mfa_enrollment` is neither `enroll` nor `unenroll`.
pub(crate) fn choices(enrollment: Option<&str>, makes_default: Option<bool>) -> Result<Choices, Refusal> {
    let given = enrollment.filter(|text| !text.is_empty());
    let enrollment = given.map(|text| one_of::<Enrollment>("set_mfa_enrollment", text)).transpose()?;
    Ok(Choices { enrollment, makes_default: makes_default.unwrap_or_default() })
}

begins_session! {
    /// A code of a second factor, and the session that it goes with.
    pub(crate) CodeIn {
        organization_id: String,
        member_id: String,
        code: String,
        set_mfa_enrollment: String,
        set_default_mfa: bool,
    }
}

/// Whose code is shown, and what is wanted with it.
pub(crate) struct Shown {
    pub(crate) grant: Grant<ManageFactors>,
    pub(crate) member: Member,
    pub(crate) code: Secret,
    pub(crate) choices: Choices,
    pub(crate) request: SessionRequest,
}

impl CodeIn {
    /// Reads a code that is of the form of `field`.
    ///
    /// # Errors
    /// What [`named`] refuses, a code of another form, and what is wrong with the session that is wanted.
    pub(crate) async fn read(
        self,
        app: &App,
        ctx: &Ctx,
        caller: &Caller,
        field: Field,
    ) -> Result<Shown, Failure> {
        let (grant, member) =
            named(app, caller, self.organization_id.as_deref(), self.member_id.as_deref()).await?;
        Ok(Shown {
            grant,
            member,
            code: checked_code(required(self.code.as_deref(), "code")?, field)?,
            choices: choices(self.set_mfa_enrollment.as_deref(), self.set_default_mfa)?,
            request: self.session().read(app, ctx, &caller.project).await?,
        })
    }
}

/// A member with their organization.
#[derive(Debug, Serialize)]
pub(crate) struct MemberPart {
    member_id: MemberId,
    member: MemberOut,
    organization: OrganizationOut,
}

impl MemberPart {
    /// Shows a member.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn of(
        app: &App,
        organization: &Organization,
        view: &MemberView,
    ) -> Result<Self, Failure> {
        let organization = views::organization(app, organization.clone()).await?;
        Ok(Self {
            member_id: view.member.id,
            member: MemberOut::from(view),
            organization: OrganizationOut::from(&organization),
        })
    }
}

/// The session that a second factor has begun or joined.
#[derive(Debug, Serialize)]
pub(crate) struct ProvedOut {
    member_id: MemberId,
    member: MemberOut,
    organization: OrganizationOut,
    session_token: String,
    session_jwt: String,
    member_session: SessionOut,
    member_device: Option<()>,
    #[serde(skip)]
    session_ends: Time,
}

impl HoldsTokens for ProvedOut {
    fn take_tokens(&mut self) -> Tokens {
        Tokens {
            session: take(&mut self.session_token),
            session_jwt: take(&mut self.session_jwt),
            session_ends: Some(self.session_ends),
            intermediate: String::new(),
        }
    }
}

impl ProvedOut {
    /// Shows a session, with a new JWT.
    ///
    /// # Errors
    /// The project's keys cannot be had.
    pub(crate) async fn of(
        app: &App,
        ctx: &Ctx,
        project: &Project,
        view: &SessionView,
    ) -> Result<Self, Failure> {
        let session_jwt = mint(app, ctx, project, view).await?;
        Ok(Self {
            member_id: view.session.member_id,
            member: MemberOut::from(&view.member),
            organization: OrganizationOut::from(&view.organization),
            session_token: view.session.token.expose().to_owned(),
            session_jwt,
            member_session: SessionOut::from(view),
            member_device: None,
            session_ends: view.session.expires_at,
        })
    }
}
