//! Codes that come back. There are a million, so tries are counted before anything is compared, for each code and for each
//! address.

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::id::OrganizationId;
use vestibule_domain::login::by_mail::{Code, code_subject};
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{Thing, What};
use vestibule_domain::secret::derive;
use vestibule_domain::session::EmailMethod;
use vestibule_domain::time::Span;
use vestibule_store::Batch;
use vestibule_store::tables::email_codes::{self, StoredCode};
use vestibule_store::tables::quotas::{self, Quota};

use super::proof::{self, Found, Owner, owner, proved};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::authentication::{Authenticated, Proved, SessionRequest, authenticate};
use crate::operations::meaning::limited;
use crate::world::App;

const GONE: Thing = Thing::EmailCode;

/// Wrong codes in a row for one address, whatever the organization and however many codes were sent. A guesser who never
/// stops finds a code of one address in a hundred years.
const FAILURES: i64 = 20;
const FAILURES_PER: Span = Span::minutes(24 * 60);

/// Signs in the member of an organization that a code was sent to. Of any number of callers exactly one wins. Whether there
/// is such a member, or a code, is not told: it is a wrong code.
///
/// # Errors
/// [`Thing::EmailCode`] is not found for a code that is wrong, used, replaced, ended or tried too often, and for one of
/// somebody who is gone; [`Failure::Limited`] after too many wrong ones; [`What::MethodNotAllowedHere`]; what
/// [`authenticate`] refuses.
pub(crate) async fn enter(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    organization: OrganizationId,
    (address, code): (&EmailAddress, &Code),
    request: &SessionRequest,
) -> Result<Authenticated, Failure> {
    let stored = tried(app, ctx, project, Some(organization), (address, code)).await?;
    let whose = Owner {
        tenant: Tenant::stored(project.id, organization),
        member: stored.member_id.ok_or(What::NotFound(GONE))?,
        address,
        moves: stored.moves,
        method: EmailMethod::Otp,
        gone: GONE,
    };
    let proved = spent(ctx, project, address, &stored);
    authenticate(app, ctx, project, &proved, request, || owner(app, ctx, whose)).await
}

/// Lets whoever has a code look for their organizations.
///
/// # Errors
/// As for [`enter`].
pub(crate) async fn discover(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    address: &EmailAddress,
    code: &Code,
) -> Result<Found, Failure> {
    let stored = tried(app, ctx, project, None, (address, code)).await?;
    proof::seek(app, ctx, project, spent(ctx, project, address, &stored)).await
}

/// The code of an address, if it is this one.
async fn tried(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    place: Option<OrganizationId>,
    (address, code): (&EmailAddress, &Code),
) -> Result<StoredCode, Failure> {
    let wrong = || Failure::from(What::NotFound(GONE));
    let (subject, failures) = (code_subject(place, address), failures(address));
    let counts =
        [email_codes::count(project.id, &subject, ctx.now), quotas::take(project.id, &failures, ctx.now)];
    match app.store.commit(counts).await {
        Ok(()) => {}
        Err(error) if error.is_guard(quotas::SPENT) => {
            return Err(limited(app, ctx, project.id, &[failures]).await?);
        }
        Err(error) if error.is_guard(email_codes::TRIABLE) => {
            // Nobody is to see by the time it takes that there is no code: a write for a write.
            app.store.commit(quotas::take(project.id, &nothing(&subject), ctx.now)).await?;
            app.store.email_code(project.id, &subject, ctx.now).await?;
            return Err(wrong());
        }
        Err(error) => return Err(error.into()),
    }
    let stored = app.store.email_code(project.id, &subject, ctx.now).await?.ok_or_else(wrong)?;
    // Another node may have sent it with a data key that this one has not seen.
    let is_right = app.vault.recognizes(ctx.now, || stored.is(code, &app.vault)).await?;
    if is_right { Ok(stored) } else { Err(wrong()) }
}

fn failures(address: &EmailAddress) -> Quota {
    let subject = derive("wrong-codes", &[address.as_str()]);
    Quota { subject, most: FAILURES, per: FAILURES_PER }
}

/// What a try of a code that is not there is counted as; nothing comes of it.
fn nothing(subject: &str) -> Quota {
    Quota { subject: derive("no-code", &[subject]), most: i64::MAX, per: FAILURES_PER }
}

/// A right code makes up for the wrong ones before it.
fn spent(ctx: &Ctx, project: &Project, address: &EmailAddress, stored: &StoredCode) -> Proved {
    let forgiven = quotas::forget(project.id, &failures(address));
    let spends = Batch::from([email_codes::spend(stored, ctx.now), forgiven]);
    proved(EmailMethod::Otp, address, ctx.now, spends, email_codes::UNUSED)
}
