//! Tries at second factors, paid for in the store before they are judged: what must hold across nodes is there.

use vestibule_domain::Tenant;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::id::MemberId;
use vestibule_domain::mfa::attempts::Attempts;
use vestibule_domain::rbac::Actor;
use vestibule_domain::refusal::What;
use vestibule_store::tables::mfa_attempts;

use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::operations::change::Patience;
use crate::operations::events::Scene;
use crate::world::App;

/// Pays for one try.
///
/// # Errors
/// [`Failure::Limited`] until there may be another, for the member or for the address that it comes from.
pub(super) async fn pay(app: &App, ctx: &Ctx, tenant: Tenant, member: MemberId) -> Result<Attempts, Failure> {
    app.limits.check_code(ctx.ip)?;
    let mut patience = Patience::default();
    loop {
        let loaded = app.store.mfa_attempts(tenant, member).await?;
        let paid = loaded.pay(ctx.now).map_err(Failure::Limited)?;
        match app.store.commit(mfa_attempts::keep(tenant, member, paid, loaded)).await {
            Ok(()) => return Ok(paid),
            Err(error) if error.is_guard(mfa_attempts::LOADED) => patience.wait(app).await?,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Settles a try of which nothing came. A code that was right and is spent was no guess; a wrong one that brings a wait is
/// told in the audit trail.
///
/// # Errors
/// The store's.
pub(super) async fn settle(
    app: &App,
    ctx: &Ctx,
    (tenant, member): (Tenant, MemberId),
    paid: Attempts,
    failure: &Failure,
) -> Result<(), Failure> {
    let Failure::Refused(refusal) = failure else { return Ok(()) };
    match refusal.what {
        What::SpentCode(_) => Ok(app.store.commit(mfa_attempts::refund(tenant, member)).await?),
        What::WrongCode(_) if paid.locks() => {
            let scene = Scene::proved(ctx, tenant, Actor::Backend);
            let event = scene.event(app, EventKind::SecondFactorLocked, Object::Member(member));
            Ok(app.store.commit(event.with("failures", paid.failures).write()).await?)
        }
        _ => Ok(()),
    }
}
