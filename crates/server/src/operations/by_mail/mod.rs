//! Signing in by mail: what is sent to an address, and what comes of it when somebody brings it back.

pub(crate) mod codes;
pub(crate) mod invite;
pub(crate) mod links;
pub(crate) mod moving;
pub(crate) mod proof;
pub(crate) mod send;

use url::Url;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::id::{MessageId, OrganizationId, ProjectId};
use vestibule_domain::login::by_mail::{Code, MagicLink, SentTo, code_subject};
use vestibule_domain::mfa::allowance::share_of_organization;
use vestibule_domain::outbox::{Letter, Means, Message, Purpose, Recipient};
use vestibule_domain::project::Project;
use vestibule_domain::secret::{Token, derive};
use vestibule_domain::time::Span;
use vestibule_store::Batch;
use vestibule_store::tables::quotas::{self, Quota};
use vestibule_store::tables::{email_codes, magic_links, outbox};

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// What a link is for, as its address tells the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkKind {
    /// It signs a member in.
    Member,
    /// It leads to whoever has the address.
    Discovery,
}

/// Puts a token into a registered URL, in the words of a dialect. `None` for a URL that is none.
pub(crate) type LinkForm = fn(&str, LinkKind, &Token) -> Option<Url>;

/// Where a link leads.
#[derive(Clone, Debug)]
pub(crate) struct Linking {
    /// The registered URL.
    pub url: String,
    /// The application's own PKCE challenge.
    pub code_challenge: Option<String>,
    /// How the token stands in it.
    pub form: LinkForm,
}

/// One mail to one address.
struct Mailing<'a> {
    project: &'a Project,
    purpose: Purpose,
    to: SentTo,
    address: &'a EmailAddress,
    /// What it leads to, as people call it.
    place: &'a str,
    invited_by: &'a str,
    language: &'a str,
    lifetime: Span,
    /// A code, when absent.
    link: Option<&'a Linking>,
}

/// The writes of a mail: what it is good for, and its message. The means to sign in are nowhere but in the letter.
fn written(app: &App, ctx: &Ctx, mailing: &Mailing<'_>) -> Result<Batch, Failure> {
    let (project, expires_at) = (mailing.project, ctx.now.plus(mailing.lifetime));
    let (means, write) = match mailing.link {
        Some(linking) => {
            let token = Token::generate(app.entropy.as_ref());
            let kind = if mailing.to == SentTo::Seeker { LinkKind::Discovery } else { LinkKind::Member };
            let url = (linking.form)(&linking.url, kind, &token)
                .ok_or_else(|| Failure::Internal("a stored redirect URL does not parse".to_owned()))?;
            let link = MagicLink {
                hash: token.hash(),
                project_id: project.id,
                to: mailing.to,
                address: mailing.address.clone(),
                code_challenge: linking.code_challenge.clone(),
                created_at: ctx.now,
                expires_at,
            };
            (Means::Link(url.to_string()), magic_links::insert(&link))
        }
        None => {
            let code = Code::generate(app.entropy.as_ref());
            let organization = match mailing.to {
                SentTo::Member(organization, _) | SentTo::Moving(organization, _) => Some(organization),
                SentTo::Seeker => None,
            };
            let subject = code_subject(organization, mailing.address);
            let whose = (project.id, subject.as_str());
            let issued = email_codes::issue(whose, &code, mailing.to, expires_at, &app.vault);
            (Means::Code(code.expose().to_owned()), issued)
        }
    };
    let message = Message {
        id: MessageId::generate_at(project.environment(), ctx.now, app.entropy.as_ref()),
        project_id: project.id,
        purpose: mailing.purpose,
        letter: Letter {
            to: Recipient::Email(mailing.address.clone()),
            means,
            place: mailing.place.to_owned(),
            invited_by: mailing.invited_by.to_owned(),
            ends_at: None,
            language: mailing.language.to_owned(),
        },
        created_at: ctx.now,
        expires_at,
    };
    let message = outbox::insert(&message, &app.vault, app.entropy.as_ref())?;
    Ok(Batch::from([write, message]))
}

/// How much may be sent: to an address, so that nobody's mailbox is filled, for an organization, so that it leaves room for
/// others, and for a project, so that nobody sends for strangers without an end. Always in this order, so that two writers
/// never wait for each other in a circle.
fn allowances(app: &App, place: Option<OrganizationId>, address: &EmailAddress) -> Vec<Quota> {
    let limits = app.limits.messages();
    let quota = |subject: String, most: i64, minutes: i64| {
        (most > 0).then(|| Quota { subject, most, per: Span::minutes(minutes) })
    };
    let of_project = i64::from(limits.of_project_per_minute);
    let of_organization = share_of_organization(of_project);
    let organization =
        place.and_then(|place| quota(format!("mail organization {place}"), of_organization, 1));
    let project = quota("mail".to_owned(), of_project, 1);
    let to_address = quota(derive("mail-to", &[address.as_str()]), limits.to_address_per_hour.into(), 60);
    project.into_iter().chain(organization).chain(to_address).collect()
}

fn used(ctx: &Ctx, project: ProjectId, quotas: &[Quota]) -> Batch {
    quotas.iter().map(|quota| quotas::take(project, quota, ctx.now)).collect::<Vec<_>>().into()
}
