//! Another address for a member: what is sent there makes it theirs when they bring it back.

use vestibule_domain::email::EmailAddress;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::MemberId;
use vestibule_domain::login::by_mail::{Lifetime, allows};
use vestibule_domain::member::{Member, MemberStatus};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::StartEmailUpdate;
use vestibule_domain::redirect::RedirectKind;
use vestibule_domain::refusal::{Field, Name, Refusal, Thing, What};
use vestibule_domain::session::EmailMethod;
use vestibule_store::tables::{members, quotas, retired_emails};

use super::send::{Move, to_new_address};
use super::{LinkForm, Linking, allowances};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::events::Scene;
use crate::operations::meaning::{limited, meaning};
use crate::operations::members::require_unclaimed;
use crate::operations::redirects::link_target;
use crate::operations::views::{self, MemberView};
use crate::world::App;

/// The address that a member is to have.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The address.
    pub address: EmailAddress,
    /// Where a link leads, and how the token stands in it; a code when absent.
    pub link: Option<(Option<String>, LinkForm)>,
    /// The language.
    pub language: &'static str,
}

/// Sends a link or a code to the address that a member is to have. Nothing of the member changes before it is brought back.
///
/// # Errors
/// Somebody else has the address or it is reserved for them, or its domain is another organization's; the organization does
/// not take this way of signing in; a URL that is not registered; mail that cannot be sent, and [`Failure::Limited`].
pub(crate) async fn start(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    grant: &Grant<StartEmailUpdate>,
    id: MemberId,
    wanted: Wanted,
) -> Result<MemberView, Failure> {
    let (tenant, organization) = (grant.tenant(), grant.organization());
    let member = app.store.member_of(tenant, id).await?;
    let member = member.filter(|member| member.status != MemberStatus::Deleted);
    let member = member.ok_or(What::NotFound(Thing::Member))?;
    let method = if wanted.link.is_some() { EmailMethod::MagicLink } else { EmailMethod::Otp };
    if !allows(organization, method) && !member.is_breakglass {
        return Err(What::MethodNotAllowedHere.into());
    }
    free(app, &member, &wanted.address).await?;
    let (link, lifetime) = match wanted.link {
        Some((url, form)) => {
            let url = link_target(app, project, RedirectKind::Login, url.as_deref(), None).await?;
            (Some(Linking { url, code_challenge: None, form }), Lifetime::LINK)
        }
        None => (None, Lifetime::CODE),
    };
    let lifetime = lifetime.read("expiration_minutes", None)?;
    let address = &wanted.address;
    let asked = Move { member: &member, organization, address, link, lifetime, language: wanted.language };
    let event = Scene::of(ctx, grant).event(app, EventKind::MemberEmailUpdateStarted, Object::Member(id));
    let batch = to_new_address(app, ctx, project, &asked)?
        .and(event.acted())
        .requires([members::stands(tenant, id), retired_emails::unreserved(&member, address)]);
    match app.store.commit(batch).await {
        Err(error) if error.is_guard(quotas::SPENT) => {
            let quotas = allowances(app, Some(organization.id), &wanted.address);
            return Err(limited(app, ctx, project.id, &quotas).await?);
        }
        kept => kept.map_err(meaning)?,
    }
    views::member(app, organization, member).await
}

/// Refuses an address that cannot become theirs as things stand. Whether it still can is looked at again when they prove it.
async fn free(app: &App, member: &Member, address: &EmailAddress) -> Result<(), Failure> {
    if member.email == *address {
        return Err(Refusal::new(What::Invalid(Field::Email)).because("The member has this address.").into());
    }
    if app.store.member_by_email(member.tenant(), address).await?.is_some() {
        return Err(What::Taken(Name::MemberEmail).into());
    }
    require_unclaimed(app, member.tenant(), address).await
}
