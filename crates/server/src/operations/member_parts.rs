//! Parts of a member that are taken away or looked at one by one: addresses they had before, their phone number, what
//! providers say of them.

use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::{ConnectionKind, MemberId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{Member, WhichRetired};
use vestibule_domain::rbac::Grant;
use vestibule_domain::rbac::asks::{DeletePhone, ReadProviders, UnlinkRetiredEmail};
use vestibule_store::tables::{retired_emails, sms_codes};

use super::change::{Decision, change};
use super::events::Scene;
use super::members::{load, require_present};
use super::views::{self, MemberView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// Lets go of an address that a member had before: another member can have it then.
///
/// # Errors
/// The member has no such retired address.
pub(crate) async fn unlink_retired_email(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<UnlinkRetiredEmail>,
    id: MemberId,
    which: &WhichRetired,
) -> Result<MemberView, Failure> {
    let decide = |member: &mut Member| {
        require_present(member)?;
        let before = member.clone();
        member.unlink_retired(which, ctx.now)?;
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::MemberEmailUnlinked, Object::Member(id))
            .changed(&before, &*member);
        Ok(Decision::save(event.acted().and(retired_emails::moved(&before, member))))
    };
    let (member, ()) = change(app, id, || load(app, grant.tenant(), id), decide).await?;
    views::member(app, grant.organization(), member).await
}

/// Removes a member's phone number. Who has none is left as they are.
///
/// # Errors
/// Somebody removed the member meanwhile.
pub(crate) async fn delete_phone(
    app: &App,
    ctx: &Ctx,
    grant: &Grant<DeletePhone>,
    id: MemberId,
) -> Result<MemberView, Failure> {
    let decide = |member: &mut Member| {
        require_present(member)?;
        let before = member.clone();
        if !member.forget_phone(ctx.now) {
            return Ok(Decision::Leave(()));
        }
        let event = Scene::of(ctx, grant)
            .event(app, EventKind::MemberPhoneDeleted, Object::Member(id))
            .changed(&before, &*member);
        // A code that is under way leads to a number that is not theirs any more.
        Ok(Decision::save(event.acted().with([sms_codes::forget(grant.tenant(), id)])))
    };
    let (member, ()) = change(app, id, || load(app, grant.tenant(), id), decide).await?;
    views::member(app, grant.organization(), member).await
}

/// Who a member is to OpenID Connect providers, by connection.
///
/// # Errors
/// The store's.
pub(crate) async fn providers(
    app: &App,
    grant: &Grant<ReadProviders>,
    id: MemberId,
) -> Result<Vec<Registration>, Failure> {
    let mut registrations = app.store.registrations(grant.project_id(), id).await?;
    registrations.retain(|registration| registration.connection_id.kind() == ConnectionKind::Oidc);
    Ok(registrations)
}
