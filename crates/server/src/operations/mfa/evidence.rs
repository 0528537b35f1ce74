//! What somebody has shown who asks about the second factors of a member.

use vestibule_domain::login::demand::missing;
use vestibule_domain::member::Member;
use vestibule_domain::mfa::evidence::Evidence;
use vestibule_domain::organization::Organization;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Choice, Refusal, What};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Joined, Joins, SessionRequest, joined};
use crate::world::App;

/// The session or the unfinished sign-in of the member, of which there has to be one.
///
/// # Errors
/// [`Choice::Session`] when there is none, and what [`asked_with`] refuses.
pub(super) async fn shown(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    whose: (&Organization, &Member),
    request: &SessionRequest,
) -> Result<Evidence, Failure> {
    if request.joins.is_none() {
        return Err(Refusal::new(What::NoneGiven(Choice::Session))
            .because("A second factor goes with a session or an intermediate session.")
            .into());
    }
    asked_with(app, ctx, project, whose, request.joins.as_ref()).await
}

/// The same, where the project's backend may ask without either.
///
/// # Errors
/// A session or an unfinished sign-in that is not good, or not the member's; [`What::PrimaryNeeded`] when what was proved in
/// it does not let the member in here.
pub(super) async fn asked_with(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (organization, member): (&Organization, &Member),
    joins: Option<&Joins>,
) -> Result<Evidence, Failure> {
    let Some(joins) = joins else { return Ok(Evidence::Project) };
    let joined = joined(app, ctx, project, joins, member).await?;
    // Whoever has an address of somebody else's has no first factor here.
    if let Some(methods) = missing(organization, member, joined.factors()).primary {
        let open: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
        return Err(Refusal::new(What::PrimaryNeeded).expected(open.join(" or ")).into());
    }
    Ok(match &joined {
        Joined::Session(session) => {
            Evidence::Session { second: session.factors.iter().any(|factor| factor.kind.is_second()) }
        }
        Joined::Intermediate(_) | Joined::Carried(_) => Evidence::Intermediate,
    })
}
