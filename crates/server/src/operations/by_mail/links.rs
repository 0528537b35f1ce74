//! Links that come back. A link is good once, for whoever brings it with the verifier of its challenge.

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::login::by_mail::{MagicLink, SentTo};
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::EmailMethod;
use vestibule_store::tables::magic_links;

use super::proof::{self, Found, Owner, owner, proved};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Authenticated, Proved, SessionRequest, authenticate};
use crate::operations::change::kept_changing;
use crate::operations::sso_tokens::check_verifier;
use crate::world::App;

const GONE: Thing = Thing::MagicLink;

/// Signs in the member that a link was sent to. Of any number of callers exactly one wins. Gives the address too.
///
/// # Errors
/// [`Thing::MagicLink`] is not found for a link that is unknown, used, ended, or of somebody who is gone or has another
/// address; [`What::Pkce`]; [`What::MethodNotAllowedHere`]; what [`authenticate`] refuses.
pub(crate) async fn follow(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (token, verifier): (&Token, Option<&str>),
    request: &SessionRequest,
) -> Result<(Authenticated, EmailAddress), Failure> {
    let link = found(app, ctx, project, token).await?;
    let (organization, member, moves) = match link.to {
        SentTo::Member(organization, member) => (organization, member, false),
        SentTo::Moving(organization, member) => (organization, member, true),
        SentTo::Seeker => return Err(What::NotFound(GONE).into()),
    };
    check_verifier(link.code_challenge.as_deref(), verifier)?;
    let _turn = app.turns.at(link.hash.as_str()).await.ok_or_else(kept_changing)?;
    let whose = Owner {
        tenant: Tenant::stored(project.id, organization),
        member,
        address: &link.address,
        moves,
        method: EmailMethod::MagicLink,
        gone: GONE,
    };
    let proved = spent(ctx, &link);
    let came = authenticate(app, ctx, project, &proved, request, || owner(app, ctx, whose)).await?;
    Ok((came, link.address.clone()))
}

/// Lets whoever follows a link look for their organizations.
///
/// # Errors
/// As for [`follow`].
pub(crate) async fn discover(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    token: &Token,
    verifier: Option<&str>,
) -> Result<Found, Failure> {
    let link = found(app, ctx, project, token).await?;
    if link.to != SentTo::Seeker {
        return Err(What::NotFound(GONE).into());
    }
    check_verifier(link.code_challenge.as_deref(), verifier)?;
    proof::seek(app, ctx, project, spent(ctx, &link)).await
}

async fn found(app: &App, ctx: &Ctx, project: &Project, token: &Token) -> Result<MagicLink, Failure> {
    let link = app.store.magic_link(project.id, &token.hash(), ctx.now).await?;
    Ok(link.ok_or(What::NotFound(GONE))?)
}

fn spent(ctx: &Ctx, link: &MagicLink) -> Proved {
    let spends = magic_links::spend(link, ctx.now).into();
    proved(EmailMethod::MagicLink, &link.address, ctx.now, spends, magic_links::UNUSED)
}
