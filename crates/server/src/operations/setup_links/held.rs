//! What whoever holds a link does with the link itself: open it, go on, note what was done, ask for another one.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::ConnectionId;
use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Token;
use vestibule_domain::setup_link::{NotOpened, Opened, SetupLink, Step};
use vestibule_domain::time::Span;
use vestibule_store::Write;
use vestibule_store::tables::quotas::{self, Quota};
use vestibule_store::tables::setup_links;

use super::find;
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::{Decision, change};
use crate::operations::events::Scene;
use crate::world::App;

/// How often the vendor is asked for another link in place of one.
const RENEWALS: i64 = 3;
const RENEWALS_PER: Span = Span::minutes(24 * 60);

/// The link of a token, whatever became of it.
///
/// # Errors
/// The store's.
pub(crate) async fn of_token(app: &App, token: &Token) -> Result<Option<SetupLink>, Failure> {
    Ok(app.store.setup_link_of_token(&token.hash()).await?)
}

/// Opens a link, and gives the secret of the session that goes on with it. Of any number who try at once one is let through:
/// the link is saved as it was loaded.
///
/// # Errors
/// The store's. That the link cannot be opened is an answer.
pub(crate) async fn open(
    app: &App,
    ctx: &Ctx,
    link: &SetupLink,
    (contact, spends): (Option<String>, Vec<Write>),
) -> Result<Result<Token, NotOpened>, Failure> {
    let (project, id) = (link.project_id, link.id);
    let secret = Token::generate(app.entropy.as_ref());
    let opened = Opened {
        at: ctx.now,
        ip_address: ctx.ip.to_string(),
        user_agent: ctx.user_agent.clone(),
        contact: contact.clone(),
    };
    let (_, outcome) = change(
        app,
        id,
        || find(app, project, id),
        |link: &mut SetupLink| {
            let session = match link.open(opened.clone(), &secret, ctx.now) {
                Ok(session) => session,
                Err(why) => return Ok(Decision::Leave(Err(why))),
            };
            let told = Scene::proved(ctx, link.tenant(), link.actor())
                .event(app, EventKind::SetupLinkOpened, Object::SetupLink(id))
                .with("contact", contact.clone())
                .with("user_agent", ctx.user_agent.as_str());
            let mut writes = spends.clone();
            // A link that may be opened again is handed on: who had it before goes on beside.
            writes.extend([setup_links::begin_session(&session), told.write()]);
            Ok(Decision::Save(writes.into(), Ok(())))
        },
    )
    .await?;
    Ok(outcome.map(|()| secret))
}

/// Notes what was done with a link, and tells the project what was done for the first time.
///
/// # Errors
/// The link is gone.
pub(crate) async fn note(
    app: &App,
    ctx: &Ctx,
    link: &SetupLink,
    step: Step,
    connection: Option<ConnectionId>,
) -> Result<(), Failure> {
    let (project, id) = (link.project_id, link.id);
    change(
        app,
        id,
        || find(app, project, id),
        |link: &mut SetupLink| Ok(Decision::save(noted(app, ctx, link, step, connection))),
    )
    .await
    .map(drop)
}

/// The writes beside a link that was changed by a step.
pub(crate) fn noted(
    app: &App,
    ctx: &Ctx,
    link: &mut SetupLink,
    step: Step,
    connection: Option<ConnectionId>,
) -> Vec<Write> {
    let was_over = link.completed_at.is_some();
    let is_new = link.done(step, connection, ctx.now);
    let scene = Scene::proved(ctx, link.tenant(), link.actor());
    let event = |kind| {
        let told = scene.event(app, kind, Object::SetupLink(link.id)).with("step", step.as_str());
        told.with("connection_id", connection.map(|id| id.to_string())).write()
    };
    let first = is_new.then(|| event(EventKind::SetupLinkStepCompleted));
    let over = (!was_over && link.completed_at.is_some()).then(|| event(EventKind::SetupLinkCompleted));
    first.into_iter().chain(over).collect()
}

/// Tells the vendor that somebody who holds a link that is over asks for another one.
///
/// # Errors
/// It was asked for often enough.
pub(crate) async fn ask_for_another(app: &App, ctx: &Ctx, link: &SetupLink) -> Result<(), Failure> {
    let quota =
        Quota { subject: format!("setup-link renewal {}", link.id), most: RENEWALS, per: RENEWALS_PER };
    let told = Scene::proved(ctx, link.tenant(), link.actor()).event(
        app,
        EventKind::SetupLinkRenewalRequested,
        Object::SetupLink(link.id),
    );
    let batch = [quotas::take(link.project_id, &quota, ctx.now), told.write()];
    match app.store.commit(batch).await {
        Err(error) if error.is_guard(quotas::SPENT) => {
            Err(Refusal::new(What::TooManyRequests).because("The vendor was asked already.").into())
        }
        kept => Ok(kept?),
    }
}
