//! Sending: a link or a code to a member, to somebody who becomes one by it, or to whoever has an address.

use vestibule_domain::Tenant;
use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::MemberId;
use vestibule_domain::login::by_mail::{SentTo, sent_for};
use vestibule_domain::member::{Member, MemberDraft};
use vestibule_domain::organization::Organization;
use vestibule_domain::outbox::Purpose;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Actor;
use vestibule_domain::redirect::RedirectKind;
use vestibule_domain::refusal::{Channel, Name, Thing, What};
use vestibule_domain::session::EmailMethod;
use vestibule_domain::time::Span;
use vestibule_store::tables::{directory_users, members, organizations, quotas};
use vestibule_store::{Batch, StoreError};

use super::{LinkForm, Linking, Mailing, allowances, used, written};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::{Patience, is_race};
use crate::operations::directories;
use crate::operations::events::Scene;
use crate::operations::meaning::{limited, meaning};
use crate::operations::redirects::link_target;
use crate::operations::views::{self, MemberView, OrganizationView};
use crate::world::App;

/// The way in that is sent.
#[derive(Debug)]
pub(crate) enum Sending {
    /// A link, which leads to one URL or another.
    Link {
        /// For members.
        login_url: Option<String>,
        /// For those who become members by it.
        signup_url: Option<String>,
        /// The application's own PKCE challenge.
        code_challenge: Option<String>,
        /// How the token stands in it.
        form: LinkForm,
    },
    /// A code.
    Code,
}

/// What is to be sent to an address.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The address.
    pub address: EmailAddress,
    /// The way in.
    pub sending: Sending,
    /// How long it is good for members.
    pub login_lifetime: Span,
    /// How long for those who become members by it.
    pub signup_lifetime: Span,
    /// The language.
    pub language: &'static str,
}

/// Whom something was sent to.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The member.
    pub member: MemberView,
    /// Their organization.
    pub organization: OrganizationView,
    /// Whether they were made by it.
    pub created: bool,
}

impl Sending {
    const fn method(&self) -> EmailMethod {
        match self {
            Self::Link { .. } => EmailMethod::MagicLink,
            Self::Code => EmailMethod::Otp,
        }
    }

    /// Where a link leads for a purpose. What was asked for has to be registered, whichever of the two is used.
    async fn linking(
        &self,
        app: &App,
        project: &Project,
        purpose: Purpose,
    ) -> Result<Option<Linking>, Failure> {
        let Self::Link { login_url, signup_url, code_challenge, form } = self else { return Ok(None) };
        let kinds = [(RedirectKind::Login, login_url), (RedirectKind::Signup, signup_url)];
        let used = if purpose == Purpose::Login { RedirectKind::Login } else { RedirectKind::Signup };
        let mut target = String::new();
        for (kind, asked) in kinds {
            if kind == used || asked.as_ref().is_some_and(|url| !url.is_empty()) {
                let url =
                    link_target(app, project, kind, asked.as_deref(), code_challenge.as_deref()).await?;
                if kind == used {
                    target = url;
                }
            }
        }
        Ok(Some(Linking { url: target, code_challenge: code_challenge.clone(), form: *form }))
    }
}

/// Sends somebody of an organization a way in. Whoever has an address that the organization lets in becomes a member by
/// it, who is expected until they come.
///
/// # Errors
/// What [`sent_for`] refuses, a domain that another organization has claimed, a URL that is not registered, mail that
/// cannot be sent, and [`Failure::Limited`].
pub(crate) async fn to_member(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    tenant: Tenant,
    asked: &Asked,
) -> Result<Sent, Failure> {
    app.post.require(Channel::Email)?;
    let quotas = allowances(app, Some(tenant.organization_id()), &asked.address);
    let mut patience = Patience::default();
    loop {
        let organization = app.store.organization_of(tenant).await?;
        let organization = organization.ok_or(What::NotFound(Thing::Organization))?;
        let found = app.store.member_by_email(tenant, &asked.address).await?;
        let purpose = sent_for(&organization, found.as_ref(), &asked.address, asked.sending.method())?;
        let linking = asked.sending.linking(app, project, purpose).await?;
        let created = found.is_none();
        let (member, standing) = match found {
            Some(member) => {
                let stands = members::stands(tenant, member.id);
                (member, Batch::new().requires(organizations::stands(tenant)).requires([stands]))
            }
            None => expected(app, ctx, &organization, &asked.address).await?,
        };
        let is_login = purpose == Purpose::Login;
        let mailing = Mailing {
            project,
            purpose,
            to: SentTo::Member(organization.id, member.id),
            address: &asked.address,
            place: &organization.name,
            invited_by: "",
            language: asked.language,
            lifetime: if is_login { asked.login_lifetime } else { asked.signup_lifetime },
            link: linking.as_ref(),
        };
        let told = Scene::proved(ctx, tenant, Actor::Backend)
            .event(app, EventKind::SignInMailed, Object::Member(member.id))
            .with("purpose", purpose.as_str())
            .with("method", asked.sending.method().as_str());
        let batch = used(ctx, project.id, &quotas)
            .and(standing)
            .and(written(app, ctx, &mailing)?)
            .with([told.write()]);
        match app.store.commit(batch).await {
            Ok(()) => {
                let member = views::member(app, &organization, member).await?;
                let organization = views::organization(app, organization).await?;
                return Ok(Sent { member, organization, created });
            }
            Err(error) if error.is_guard(quotas::SPENT) => {
                return Err(limited(app, ctx, project.id, &quotas).await?);
            }
            Err(error) if is_race(&error) || is_twin(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}

/// Whether somebody else made the same member at the same moment.
fn is_twin(error: &StoreError) -> bool {
    error.is_unique(members::EMAIL)
}

/// Somebody who becomes a member when they come, and what makes them one.
async fn expected(
    app: &App,
    ctx: &Ctx,
    organization: &Organization,
    address: &EmailAddress,
) -> Result<(Member, Batch), Failure> {
    let tenant = organization.tenant();
    let claimed_by = app.store.organization_claiming(tenant.project_id(), address.domain()).await?;
    if claimed_by.is_some_and(|claimant| claimant != organization.id) {
        return Err(What::Taken(Name::ClaimedDomain).into());
    }
    directories::require_not_locked_out(app, tenant, address).await?;
    let id = MemberId::generate(organization.id.environment(), app.entropy.as_ref());
    let draft = MemberDraft {
        email_address: address.as_str().to_owned(),
        create_as_pending: true,
        ..MemberDraft::default()
    };
    let member = Member::create(id, tenant, draft, |_| false, ctx.now)?;
    let event = Scene::proved(ctx, tenant, Actor::Backend)
        .event(app, EventKind::MemberCreated, Object::Member(id))
        .changed(Facts::default(), &member);
    let makes = Batch::from([members::insert(&member), event.write()])
        .requires(organizations::at_version(tenant, organization.version))
        .requires(directory_users::not_locked_out(tenant, address.as_str(), None))
        .requires([organizations::unclaimed(tenant, address.domain())]);
    Ok((member, makes))
}

/// What is to be sent to whoever has an address.
#[derive(Debug)]
pub(crate) struct Discovery {
    /// The address.
    pub address: EmailAddress,
    /// Where a link leads, with a PKCE challenge; a code when absent.
    pub link: Option<(Option<String>, Option<String>, LinkForm)>,
    /// How long it is good.
    pub lifetime: Span,
    /// The language.
    pub language: &'static str,
}

/// Sends whoever has an address a way to their organizations. It is the same for everybody, whether they have any or not.
///
/// # Errors
/// A URL that is not registered, mail that cannot be sent, and [`Failure::Limited`].
pub(crate) async fn to_seeker(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    asked: &Discovery,
) -> Result<(), Failure> {
    app.post.require(Channel::Email)?;
    let linking = match &asked.link {
        Some((url, code_challenge, form)) => Some(Linking {
            url: link_target(
                app,
                project,
                RedirectKind::Discovery,
                url.as_deref(),
                code_challenge.as_deref(),
            )
            .await?,
            code_challenge: code_challenge.clone(),
            form: *form,
        }),
        None => None,
    };
    let quotas = allowances(app, None, &asked.address);
    let mailing = Mailing {
        project,
        purpose: Purpose::Discovery,
        to: SentTo::Seeker,
        address: &asked.address,
        place: &project.name,
        invited_by: "",
        language: asked.language,
        lifetime: asked.lifetime,
        link: linking.as_ref(),
    };
    let batch = used(ctx, project.id, &quotas).and(written(app, ctx, &mailing)?);
    match app.store.commit(batch).await {
        Err(error) if error.is_guard(quotas::SPENT) => Err(limited(app, ctx, project.id, &quotas).await?),
        other => other.map_err(meaning),
    }
}

/// What is to be sent to an address that is to become a member's.
#[derive(Debug)]
pub(crate) struct Move<'a> {
    /// The member, of an organization.
    pub member: &'a Member,
    /// Their organization.
    pub organization: &'a Organization,
    /// The address.
    pub address: &'a EmailAddress,
    /// Where a link leads; a code when absent.
    pub link: Option<Linking>,
    /// How long it is good.
    pub lifetime: Span,
    /// The language.
    pub language: &'static str,
}

/// The writes that send a member what gives them another address when they bring it back. Part of the batch of whoever
/// has the right to change it.
///
/// # Errors
/// Mail that cannot be sent.
pub(crate) fn to_new_address(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    asked: &Move<'_>,
) -> Result<Batch, Failure> {
    app.post.require(Channel::Email)?;
    let mailing = Mailing {
        project,
        purpose: Purpose::Address,
        to: SentTo::Moving(asked.organization.id, asked.member.id),
        address: asked.address,
        place: &asked.organization.name,
        invited_by: "",
        language: asked.language,
        lifetime: asked.lifetime,
        link: asked.link.as_ref(),
    };
    let quotas = allowances(app, Some(asked.organization.id), asked.address);
    Ok(used(ctx, project.id, &quotas).and(written(app, ctx, &mailing)?))
}
