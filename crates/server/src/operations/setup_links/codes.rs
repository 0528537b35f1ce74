//! The code that a contact of a link is sent: whoever opens the link shows that mail to one of its addresses reaches them.

use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::MessageId;
use vestibule_domain::login::by_mail::{Code, SentTo};
use vestibule_domain::organization::Organization;
use vestibule_domain::outbox::{Letter, Means, Message, Purpose, Recipient};
use vestibule_domain::refusal::{Channel, Thing, What};
use vestibule_domain::setup_link::SetupLink;
use vestibule_domain::time::Span;
use vestibule_store::Write;
use vestibule_store::tables::quotas::{self, Quota};
use vestibule_store::tables::{email_codes, outbox};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::events::Scene;
use crate::operations::meaning::limited;
use crate::world::App;

/// How long a code is good.
const LIFETIME: Span = Span::minutes(10);
/// How many codes are sent for a link.
const MAILS: i64 = 10;
/// How many wrong codes are taken for a link, whatever is sent meanwhile.
const FAILURES: i64 = 20;
const PER: Span = Span::minutes(24 * 60);

/// Sends a code to one of a link's contacts.
///
/// # Errors
/// Mail that cannot be sent, and [`Failure::Limited`].
pub(crate) async fn send(
    app: &App,
    ctx: &Ctx,
    (link, organization): (&SetupLink, &Organization),
    to: &EmailAddress,
    language: &str,
) -> Result<(), Failure> {
    app.post.require(Channel::Email)?;
    let code = Code::generate(app.entropy.as_ref());
    let (project, expires_at) = (link.project_id, ctx.now.plus(LIFETIME));
    let message = Message {
        id: MessageId::generate_at(project.environment(), ctx.now, app.entropy.as_ref()),
        project_id: project,
        purpose: Purpose::SetUp,
        letter: Letter {
            to: Recipient::Email(to.clone()),
            means: Means::Code(code.expose().to_owned()),
            place: organization.name.clone(),
            invited_by: String::new(),
            ends_at: None,
            language: language.to_owned(),
        },
        created_at: ctx.now,
        expires_at,
    };
    let sent = Quota { subject: format!("setup-link mail {}", link.id), most: MAILS, per: PER };
    let told = Scene::proved(ctx, link.tenant(), link.actor()).event(
        app,
        EventKind::SetupLinkCodeSent,
        Object::SetupLink(link.id),
    );
    let batch = [
        quotas::take(project, &sent, ctx.now),
        email_codes::issue((project, &subject(link, to)), &code, SentTo::Seeker, expires_at, &app.vault),
        outbox::insert(&message, &app.vault, app.entropy.as_ref())?,
        told.write(),
    ];
    match app.store.commit(batch).await {
        Err(error) if error.is_guard(quotas::SPENT) => Err(limited(app, ctx, project, &[sent]).await?),
        kept => Ok(kept?),
    }
}

/// The writes that use a code up, if it is the right one: they belong to the batch that opens the link.
///
/// # Errors
/// [`Thing::EmailCode`] is not found for a code that is wrong, used, over or tried too often; [`Failure::Limited`].
pub(crate) async fn spend(
    app: &App,
    ctx: &Ctx,
    link: &SetupLink,
    (to, code): (&EmailAddress, &Code),
) -> Result<Vec<Write>, Failure> {
    let wrong = || Failure::from(What::NotFound(Thing::EmailCode));
    let (project, subject) = (link.project_id, subject(link, to));
    let failures = Quota { subject: format!("setup-link codes {}", link.id), most: FAILURES, per: PER };
    let counts = [quotas::take(project, &failures, ctx.now), email_codes::count(project, &subject, ctx.now)];
    match app.store.commit(counts).await {
        Ok(()) => {}
        Err(error) if error.is_guard(quotas::SPENT) => {
            return Err(limited(app, ctx, project, &[failures]).await?);
        }
        Err(error) if error.is_guard(email_codes::TRIABLE) => return Err(wrong()),
        Err(error) => return Err(error.into()),
    }
    let stored = app.store.email_code(project, &subject, ctx.now).await?.ok_or_else(wrong)?;
    // Another node may have sent it with a data key that this one has not seen.
    if !app.vault.recognizes(ctx.now, || stored.is(code, &app.vault)).await? {
        return Err(wrong());
    }
    Ok(vec![email_codes::spend(&stored, ctx.now), quotas::forget(project, &failures)])
}

/// By what a code is found: no address of a member has one like it.
fn subject(link: &SetupLink, to: &EmailAddress) -> String {
    format!("{} {to}", link.id)
}
