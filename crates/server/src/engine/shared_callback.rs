//! The address that connections share: whose answer came is said by the state alone, and by nothing that a provider or a browser
//! writes beside it. Where nobody asked, a SAML connection is taken by its name, in the project of the host that was asked.

use std::sync::Arc;

use vestibule_domain::connection::{CallbackAddress, Connection, ConnectionName};
use vestibule_domain::id::ProjectId;
use vestibule_domain::login::ATTEMPT_LIFETIME;
use vestibule_domain::refusal::{Refusal, Via, What};
use vestibule_domain::secret::Token;
use vestibule_store::tables::logins::StoredAttempt;

use super::callback::CallbackRequest;
use super::{kept, oidc, saml};
use crate::failure::Failure;
use crate::http::cookies::Brought;
use crate::http::ctx::Ctx;
use crate::world::App;

const ASK_AGAIN: &str = "Begin again at the application.";

/// The name of a connection in the address, and the project whose host was asked, where one is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    /// The name.
    pub name: &'a str,
    /// The project.
    pub project: Option<ProjectId>,
}

/// The connection whose answer came to the shared address. `named` is what SAML connections have in it.
///
/// # Errors
/// An answer that names no sign-in of this browser, or another connection than the address does.
pub(crate) async fn connection(
    app: &Arc<App>,
    ctx: &Ctx,
    named: Option<Named<'_>>,
    request: &CallbackRequest,
    browser: Brought<'_>,
) -> Result<Connection, Failure> {
    let answer = Answer::of(request);
    let found = match &answer.state {
        Some(state) => by_state(app, ctx, state, &answer, browser).await?,
        None => None,
    };
    let connection = match (found, named) {
        (Some(found), _) => found,
        (None, Some(named)) if answer.via == Via::Saml => by_name(app, named).await?,
        (None, _) => return Err(answer.nobody_waits()),
    };
    if named.is_some_and(|named| named.name != connection.name.as_str()) {
        return Err(Refusal::new(What::Unsolicited(answer.via))
            .found("an answer at the address of another connection")
            .expected("it where its sign-in began")
            .because(ASK_AGAIN)
            .into());
    }
    Ok(connection)
}

/// What an answer says about itself.
struct Answer {
    via: Via,
    state: Option<Token>,
}

impl Answer {
    fn of(request: &CallbackRequest) -> Self {
        let find = |name: &str| {
            let mut values = request.parameters.iter().filter(|(found, _)| found == name);
            let first = values.next().map(|(_, value)| value.as_str());
            // What is said twice is said by nobody.
            first.filter(|text| values.next().is_none() && !text.is_empty())
        };
        let is_saml = request.parameters.iter().any(|(name, _)| name == "SAMLResponse");
        let (via, state) = match is_saml {
            true => (Via::Saml, find("RelayState")),
            false => (Via::Oidc, find("state")),
        };
        Self { via, state: state.filter(|text| text.len() <= 512).map(Token::presented) }
    }

    fn nobody_waits(&self) -> Failure {
        match (&self.state, self.via) {
            (None, Via::Oidc) => Refusal::new(What::NoState(Via::Oidc)).because(ASK_AGAIN).into(),
            _ => Refusal::new(What::Unsolicited(self.via)).because(ASK_AGAIN).into(),
        }
    }
}

/// The connection of an attempt: as it is stored, or as the browser keeps it under our stamp.
async fn by_state(
    app: &Arc<App>,
    ctx: &Ctx,
    state: &Token,
    answer: &Answer,
    browser: Brought<'_>,
) -> Result<Option<Connection>, Failure> {
    let hash = state.hash();
    let stored = app.store.login_attempt(&hash).await?;
    if let Some(StoredAttempt::Open(attempt)) = &stored {
        let through = app.store.connection(&app.vault, attempt.project_id, attempt.connection_id).await?;
        return match through {
            Some(through) if through.borrowed().is_some() => Ok(app.store.lent(&app.vault, &through).await?),
            other => Ok(other),
        };
    }
    let Some(ours) = kept::ours(app, state, ctx.now).await? else { return Ok(None) };
    let refusals = match answer.via {
        Via::Oidc => &oidc::REFUSALS,
        Via::Saml => &saml::REFUSALS,
    };
    let Some(brought) = browser.secret(&hash) else {
        // Used up, and forgotten by the browser; or never its own.
        let what = if stored.is_some() { refusals.unsolicited } else { refusals.missing_cookie };
        return Err(Refusal::new(what).because(ASK_AGAIN).into());
    };
    let Some(ticket) = kept::read_ticket(app, state, &brought) else {
        let is_over = ctx.now >= ours.made_at().plus(ATTEMPT_LIFETIME);
        let what = match (stored.is_some(), is_over) {
            (true, _) => refusals.unsolicited,
            (false, true) => refusals.expired,
            (false, false) => refusals.other_browser,
        };
        return Err(Refusal::new(what).because(ASK_AGAIN).into());
    };
    // A ticket of a sign-in that comes back elsewhere names nobody here.
    let id = ticket.answers_to.ok_or_else(|| {
        Failure::from(
            Refusal::new(refusals.unsolicited)
                .found("an answer at another address than the provider was told")
                .expected("it at the address of its connection"),
        )
    })?;
    Ok(app.store.connection_at_callback(&app.vault, id).await?)
}

/// The SAML connection of this name whose answers come here.
async fn by_name(app: &Arc<App>, named: Named<'_>) -> Result<Connection, Failure> {
    let unknown = || Failure::from(What::UnknownCallback);
    let name = ConnectionName::parse(named.name).map_err(|_| unknown())?;
    let project = named.project.ok_or_else(unknown)?;
    let one = app.store.connection_named(&app.vault, project, &name).await?.ok_or_else(unknown)?;
    let comes_here = one.common.callback == CallbackAddress::Shared && one.saml().is_some();
    comes_here.then_some(one).ok_or_else(unknown)
}
