//! Parts of a member, each with an endpoint of its own: addresses they had before, their phone number, their password, and
//! who they are to providers.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{EmailId, MemberId, OrganizationId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{WhichRetired, checked_email};
use vestibule_domain::rbac::Action;
use vestibule_domain::rbac::asks::DeletePassword;
use vestibule_domain::refusal::{Refusal, Thing, What};

use super::members::{Body, MemberPath, answer, flag};
use crate::doors::stytch::caller::{Granted, Here};
use crate::doors::stytch::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Nothing, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Params, Path};
use crate::operations::{member_parts, members, views};
use crate::world::App;

/// The endpoints of this file.
pub(crate) fn endpoints() -> Endpoints<Stytch> {
    let all = "/v1/b2b/organizations/{organization_id}/members";
    let one = format!("{all}/{{member_id}}");
    Endpoints::new()
        .post(
            &format!("{one}/unlink_retired_email"),
            Needs::Right(Action::UnlinkMemberEmail),
            unlink_retired_email,
        )
        .get(&format!("{one}/oidc_providers"), Needs::ProjectAloneIn, oidc_providers)
        .delete(
            &format!("{all}/mfa_phone_numbers/{{member_id}}"),
            Needs::Right(Action::DeleteMemberPhone),
            delete_phone,
        )
        .delete(
            &format!("{all}/passwords/{{member_password_id}}"),
            Needs::Right(Action::DeleteMemberPassword),
            delete_password,
        )
}

#[derive(Deserialize)]
struct UnlinkIn {
    email_id: Option<String>,
    email_address: Option<String>,
}

impl UnlinkIn {
    /// An id that is none is nobody's.
    fn which(self) -> Result<WhichRetired, Refusal> {
        let id = |text: String| text.parse::<EmailId>().map_err(|_| What::NotFound(Thing::RetiredEmail));
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        match (given(self.email_id), given(self.email_address)) {
            (Some(email_id), None) => Ok(WhichRetired::Id(id(email_id)?)),
            (None, Some(address)) => Ok(WhichRetired::Address(checked_email(&address)?)),
            (Some(email_id), Some(address)) => {
                Ok(WhichRetired::Both(id(email_id)?, checked_email(&address)?))
            }
            (None, None) => {
                Err(Refusal::new(What::MissingField).because("email_id or email_address is required."))
            }
        }
    }
}

#[derive(Serialize)]
struct UnlinkedOut {
    member_id: MemberId,
    organization_id: OrganizationId,
    member: MemberOut,
    organization: OrganizationOut,
}

async fn unlink_retired_email(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
    Input(body): Input<UnlinkIn>,
) -> Answer<UnlinkedOut> {
    let id = members::find(&app, &entry, &path.member_id).await?.id;
    let grant = entry.grant_of_member(id)?;
    let view = member_parts::unlink_retired_email(&app, &ctx, &grant, id, &body.which()?).await?;
    let organization = views::organization(&app, grant.organization().clone()).await?;
    ok(
        &ctx,
        UnlinkedOut {
            member_id: id,
            organization_id: view.member.organization_id,
            member: (&view).into(),
            organization: (&organization).into(),
        },
    )
}

#[derive(Deserialize)]
struct ProvidersParams {
    include_refresh_token: Option<String>,
}

/// What is known of a member at a provider. Its tokens are looked at when they come and not kept, so there are none to show.
#[derive(Serialize)]
struct ProviderOut {
    provider_subject: String,
    connection_id: String,
    id_token: &'static str,
    access_token: &'static str,
    access_token_expires_in: u32,
    scopes: [String; 0],
    refresh_token: Option<String>,
}

impl From<Registration> for ProviderOut {
    fn from(registration: Registration) -> Self {
        Self {
            provider_subject: registration.external_id,
            connection_id: registration.connection_id.to_string(),
            id_token: "",
            access_token: "",
            access_token_expires_in: 0,
            scopes: [],
            refresh_token: None,
        }
    }
}

#[derive(Serialize)]
struct ProvidersOut {
    registrations: Vec<ProviderOut>,
}

async fn oidc_providers(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
    Params(params): Params<ProvidersParams>,
) -> Answer<ProvidersOut> {
    entry.require_project()?;
    let _wanted = flag("include_refresh_token", params.include_refresh_token.as_deref())?;
    let id = members::find(&app, &entry, &path.member_id).await?.id;
    let found = member_parts::providers(&app, &entry.project_grant()?, id).await?;
    ok(&ctx, ProvidersOut { registrations: found.into_iter().map(ProviderOut::from).collect() })
}

async fn delete_phone(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    Here(entry): Here,
    Path(path): Path<MemberPath>,
) -> Answer<Body> {
    let member = members::find(&app, &entry, &path.member_id).await?;
    entry.require_second_factor_of(&member)?;
    let id = member.id;
    let grant = entry.grant_of_member(id)?;
    let view = member_parts::delete_phone(&app, &ctx, &grant, id).await?;
    answer(&app, &ctx, grant.organization().clone(), &view).await
}

/// Nobody has a password here, so whichever is meant is not found.
async fn delete_password(_: Granted<DeletePassword>) -> Answer<Nothing> {
    Err(Failure::from(What::NotFound(Thing::Password)))
}
