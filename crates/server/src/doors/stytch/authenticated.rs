//! What came of a factor, on the wire: one answer for all of them (contract 3.1.1).

use std::mem::take;

use serde::Serialize;
use vestibule_domain::project::Project;
use vestibule_domain::time::Time;

use super::wire::missing::{MfaRequired, PrimaryRequired, mfa_required, primary_required};
use super::wire::session::SessionOut;
use super::wire::tokens::{HoldsTokens, Tokens};
use super::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::session_jwt::mint;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Authenticated, Intermediate};
use crate::operations::views::SessionView;
use crate::world::App;

/// A session, or what is still missing to one.
#[derive(Debug, Serialize)]
pub(crate) struct AuthenticatedOut {
    member_id: String,
    organization_id: String,
    member: MemberOut,
    organization: OrganizationOut,
    member_authenticated: bool,
    session_token: String,
    session_jwt: String,
    member_session: Option<SessionOut>,
    intermediate_session_token: String,
    intermediate_session_token_expires_at: Option<String>,
    mfa_required: Option<MfaRequired>,
    primary_required: Option<PrimaryRequired>,
    reset_session: bool,
    member_device: Option<()>,
    #[serde(skip)]
    session_ends: Option<Time>,
}

impl HoldsTokens for AuthenticatedOut {
    fn take_tokens(&mut self) -> Tokens {
        Tokens {
            session: take(&mut self.session_token),
            session_jwt: take(&mut self.session_jwt),
            session_ends: self.session_ends,
            intermediate: take(&mut self.intermediate_session_token),
        }
    }
}

impl AuthenticatedOut {
    /// What came of it, with the session's JWT if there is a session.
    ///
    /// # Errors
    /// The project's keys cannot be had.
    pub(crate) async fn of(
        app: &App,
        ctx: &Ctx,
        project: &Project,
        came: Authenticated,
    ) -> Result<Self, Failure> {
        match came {
            Authenticated::Session(view) => {
                let session_jwt = mint(app, ctx, project, &view).await?;
                Ok(Self::signed_in(&view, session_jwt))
            }
            Authenticated::Intermediate(waiting) => Ok(Self::waiting(&waiting)),
        }
    }

    fn signed_in(view: &SessionView, session_jwt: String) -> Self {
        Self {
            member_id: view.session.member_id.to_string(),
            organization_id: view.session.organization_id.to_string(),
            member: MemberOut::from(&view.member),
            organization: OrganizationOut::from(&view.organization),
            member_authenticated: true,
            session_token: view.session.token.expose().to_owned(),
            session_jwt,
            member_session: Some(SessionOut::from(view)),
            intermediate_session_token: String::new(),
            intermediate_session_token_expires_at: None,
            mfa_required: None,
            primary_required: None,
            reset_session: false,
            member_device: None,
            session_ends: Some(view.session.expires_at),
        }
    }

    fn waiting(waiting: &Intermediate) -> Self {
        let member = &waiting.member.member;
        Self {
            member_id: member.id.to_string(),
            organization_id: member.organization_id.to_string(),
            member: MemberOut::from(&waiting.member),
            organization: OrganizationOut::from(&waiting.organization),
            member_authenticated: false,
            session_token: String::new(),
            session_jwt: String::new(),
            member_session: None,
            intermediate_session_token: waiting.token.expose().to_owned(),
            intermediate_session_token_expires_at: Some(waiting.expires_at.to_string()),
            mfa_required: mfa_required(Some(member), &waiting.missing, waiting.is_code_sent),
            primary_required: primary_required(&waiting.missing),
            reset_session: false,
            member_device: None,
            session_ends: None,
        }
    }
}
