//! Inviting: somebody becomes a member who is expected, and gets a link that waits for them.

use vestibule_domain::event::{EventKind, Facts, Object};
use vestibule_domain::id::MemberId;
use vestibule_domain::login::by_mail::{SentTo, allows};
use vestibule_domain::member::{Member, MemberDraft, MemberStatus, checked_email};
use vestibule_domain::organization::Organization;
use vestibule_domain::outbox::Purpose;
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::CreateMember;
use vestibule_domain::redirect::RedirectKind;
use vestibule_domain::refusal::{Channel, Name, Thing, What};
use vestibule_domain::session::EmailMethod;
use vestibule_domain::time::Span;
use vestibule_store::tables::{members as member_rows, organizations as organization_rows, quotas};
use vestibule_store::{Batch, StoreError};

use super::{LinkForm, Linking, Mailing, allowances, used, written};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::{Patience, is_race};
use crate::operations::events::Scene;
use crate::operations::meaning::{limited, meaning};
use crate::operations::members::{may_invite, require_unclaimed};
use crate::operations::organizations::naming_roles;
use crate::operations::redirects::link_target;
use crate::operations::views::{self, MemberView};
use crate::world::App;

/// An invitation.
#[derive(Debug)]
pub(crate) struct Invitation {
    /// Whoever is invited, as the member they become.
    pub draft: MemberDraft,
    /// Who invites them, by id or external id.
    pub invited_by: Option<String>,
    /// Where the link leads.
    pub url: Option<String>,
    /// How the token stands in it.
    pub form: LinkForm,
    /// How long it is good.
    pub lifetime: Span,
    /// The language.
    pub language: &'static str,
}

/// Invites somebody. Whoever is expected already is invited again as they are; somebody who is a member is not.
///
/// # Errors
/// The rules of the API; `email_invites`; an address that a member has, or in a domain that another organization has
/// claimed; a URL that is not registered; mail that cannot be sent; [`Failure::Limited`].
pub(crate) async fn invite(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    grant: &Grant<CreateMember>,
    invitation: Invitation,
) -> Result<MemberView, Failure> {
    app.post.require(Channel::Email)?;
    let (tenant, organization) = (grant.tenant(), grant.organization());
    let address = checked_email(&invitation.draft.email_address)?;
    may_invite(organization, &address)?;
    if !allows(organization, EmailMethod::MagicLink) {
        return Err(What::MethodNotAllowedHere.into());
    }
    require_unclaimed(app, tenant, &address).await?;
    let linking = Linking {
        url: link_target(app, project, RedirectKind::Invite, invitation.url.as_deref(), None).await?,
        code_challenge: None,
        form: invitation.form,
    };
    let invited_by = inviter(app, grant, invitation.invited_by.as_deref()).await?;
    let quotas = allowances(app, Some(organization.id), &address);
    let mut patience = Patience::default();
    loop {
        let before = app.store.member_by_email(tenant, &address).await?;
        let member = invited(app, ctx, grant, before.clone(), &invitation.draft)?;
        let event = Scene::of(ctx, grant).event(app, EventKind::MemberInvited, Object::Member(member.id));
        let (event, saved) = match &before {
            None => {
                let event = event.changed(Facts::default(), &member);
                let unclaimed = organization_rows::unclaimed(tenant, address.domain());
                (event, Batch::from(member_rows::insert(&member)).requires([unclaimed]))
            }
            Some(before) => {
                let event = event.changed(before, &member);
                (event, member_rows::update(&member, before.version).into())
            }
        };
        let mailing = Mailing {
            project,
            purpose: Purpose::Invite,
            to: SentTo::Member(organization.id, member.id),
            address: &address,
            place: &organization.name,
            invited_by: &invited_by,
            language: invitation.language,
            lifetime: invitation.lifetime,
            link: Some(&linking),
        };
        let batch = used(ctx, project.id, &quotas)
            .and(event.acted())
            .and(saved)
            .and(written(app, ctx, &mailing)?)
            .requires(organization_rows::at_version(tenant, organization.version));
        match app.store.commit(batch).await {
            Ok(()) => return views::member(app, organization, member).await,
            Err(error) if error.is_guard(quotas::SPENT) => {
                return Err(limited(app, ctx, project.id, &quotas).await?);
            }
            Err(error) if error.is_guard(organization_rows::VERSION) => return Err(stale()),
            Err(error) if is_race(&error) || is_twin(&error) => patience.wait(app).await?,
            Err(error) => return Err(meaning(error)),
        }
    }
}

/// The organization that the right was given for has changed: whoever asks again is judged by what it says now.
fn stale() -> Failure {
    Failure::Unavailable("the organization changed while somebody was invited to it".to_owned())
}

fn is_twin(error: &StoreError) -> bool {
    error.is_unique(member_rows::EMAIL)
}

/// Whoever is invited, as they are to be saved.
fn invited(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<CreateMember>,
    before: Option<Member>,
    draft: &MemberDraft,
) -> Result<Member, Failure> {
    let organization: &Organization = grant.organization();
    let mut member = match before {
        None => {
            let id = MemberId::generate(grant.environment(), app.entropy.as_ref());
            let role_exists = |role: &str| grant.policy().has_role_in(organization, role);
            let mut member = Member::create(id, grant.tenant(), draft.clone(), role_exists, ctx.now)
                .map_err(|refusal| naming_roles(grant.policy(), organization, refusal))?;
            member.status = MemberStatus::Invited;
            return Ok(member);
        }
        Some(member) if matches!(member.status, MemberStatus::Pending | MemberStatus::Invited) => member,
        Some(_) => return Err(What::Taken(Name::MemberEmail).into()),
    };
    member.status = MemberStatus::Invited;
    if member.name.is_empty() {
        member.name.clone_from(&draft.name);
    }
    member.touch(ctx.now);
    Ok(member)
}

/// What people call whoever invites; `""` when nobody is named.
async fn inviter(app: &App, grant: &Grant<CreateMember>, named: Option<&str>) -> Result<String, Failure> {
    let Some(locator) = named.filter(|locator| !locator.is_empty()) else { return Ok(String::new()) };
    let member = app.store.member(grant.tenant(), locator).await?;
    let member = member.filter(|member| member.status == MemberStatus::Active);
    let member = member.ok_or(What::NotFound(Thing::Member))?;
    Ok(if member.name.is_empty() { member.email.to_string() } else { member.name })
}
