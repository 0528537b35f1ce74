//! Parts of a member, each with an endpoint of its own: addresses they had before, their phone number, their password, and
//! who they are to providers.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use vestibule_domain::id::{EmailId, MemberId, OrganizationId};
use vestibule_domain::identity::Registration;
use vestibule_domain::member::{WhichRetired, checked_email};
use vestibule_domain::project::Project;
use vestibule_domain::rbac::asks::DeletePassword;
use vestibule_domain::rbac::{Action, Entry};
use vestibule_domain::refusal::{Field, Refusal, Thing, What};

use super::members::{Body, MemberPath, answer, flag};
use crate::doors::stytch::caller::{Caller, Here, Surface};
use crate::doors::stytch::redirect::magic_link;
use crate::doors::stytch::session_request::language;
use crate::doors::stytch::wire::{MemberOut, OrganizationOut};
use crate::doors::stytch::{Answer, Nothing, Stytch, ok};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::http::door::Door;
use crate::http::endpoint::{Endpoints, Needs};
use crate::http::input::{Input, Params, Path, required};
use crate::operations::by_mail::LinkForm;
use crate::operations::by_mail::moving::{self, Wanted};
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
            unlink_retired_email::<Stytch>,
        )
        .post(
            &format!("{one}/start_email_update"),
            Needs::Right(Action::UpdateMemberEmail),
            start_email_update,
        )
        .get(&format!("{one}/oidc_providers"), Needs::ProjectAloneIn, oidc_providers)
        .delete(
            &format!("{all}/mfa_phone_numbers/{{member_id}}"),
            Needs::Right(Action::DeleteMemberPhone),
            delete_phone::<Stytch>,
        )
        .delete(
            &format!("{all}/passwords/{{member_password_id}}"),
            Needs::Right(Action::DeleteMemberPassword),
            delete_password::<Stytch>,
        )
}

#[derive(Deserialize)]
pub(in crate::doors::stytch) struct UnlinkIn {
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
pub(in crate::doors::stytch) struct UnlinkedOut {
    member_id: MemberId,
    organization_id: OrganizationId,
    member: MemberOut,
    organization: OrganizationOut,
}

pub(in crate::doors::stytch) async fn unlink_retired_email<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Path(path): Path<MemberPath>,
    Input(body): Input<UnlinkIn>,
) -> Answer<UnlinkedOut, S> {
    unlinked(&app, &ctx, (here.into(), &path.member_id), body).await
}

/// Lets go of an address that a member had before.
pub(in crate::doors::stytch) async fn unlinked<D: Door>(
    app: &App,
    ctx: &Ctx,
    (entry, locator): (Entry, &str),
    body: UnlinkIn,
) -> Answer<UnlinkedOut, D> {
    let id = members::find(app, &entry, locator).await?.id;
    let grant = entry.grant_of_member(id)?;
    let view = member_parts::unlink_retired_email(app, ctx, &grant, id, &body.which()?).await?;
    let organization = views::organization(app, grant.organization().clone()).await?;
    ok(
        ctx,
        UnlinkedOut {
            member_id: id,
            organization_id: view.member.organization_id,
            member: (&view).into(),
            organization: (&organization).into(),
        },
    )
}

#[derive(Deserialize)]
struct HerePath {
    organization_id: String,
    member_id: String,
}

#[derive(Deserialize)]
pub(in crate::doors::stytch) struct UpdateIn {
    email_address: Option<String>,
    login_redirect_url: Option<String>,
    // One look for all projects: templates are taken and say nothing.
    #[expect(dead_code, reason = "a member of the contract that changes nothing here")]
    login_template_id: Option<String>,
    locale: Option<String>,
    delivery_method: Option<String>,
}

impl UpdateIn {
    fn wanted(self) -> Result<Wanted, Failure> {
        let address = checked_email(&required(self.email_address, "email_address")?)?;
        let method = self.delivery_method.unwrap_or_default();
        let link = match method.as_str() {
            "" | "EMAIL_MAGIC_LINK" => Some((self.login_redirect_url, magic_link as LinkForm)),
            "EMAIL_OTP" => None,
            other => {
                return Err(Refusal::new(What::Invalid(Field::Setting))
                    .found(format!("{other:?} in delivery_method"))
                    .expected("EMAIL_MAGIC_LINK or EMAIL_OTP")
                    .into());
            }
        };
        Ok(Wanted { address, link, language: language(self.locale.as_deref())? })
    }
}

async fn start_email_update(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    caller: Caller,
    Path(path): Path<HerePath>,
    Input(body): Input<UpdateIn>,
) -> Answer<Body> {
    let entry = caller.enter(&app, &path.organization_id).await?;
    begin_email_update(&app, &ctx, &caller.project, (entry, &path.member_id), body).await
}

/// Sends a member what gives them another address.
pub(in crate::doors::stytch) async fn begin_email_update<D: Door>(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    (entry, locator): (Entry, &str),
    body: UpdateIn,
) -> Answer<Body, D> {
    let member = members::find(app, &entry, locator).await?;
    entry.require_second_factor_of(&member)?;
    let grant = entry.grant_of_member(member.id)?;
    let view = moving::start(app, ctx, project, &grant, member.id, body.wanted()?).await?;
    answer(app, ctx, grant.organization().clone(), &view).await
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

pub(in crate::doors::stytch) async fn delete_phone<S: Surface>(
    State(app): State<Arc<App>>,
    ctx: Ctx,
    here: S::Here,
    Path(path): Path<MemberPath>,
) -> Answer<Body, S> {
    without_phone(&app, &ctx, (here.into(), &path.member_id)).await
}

/// Takes the phone number of a member away.
pub(in crate::doors::stytch) async fn without_phone<D: Door>(
    app: &App,
    ctx: &Ctx,
    (entry, locator): (Entry, &str),
) -> Answer<Body, D> {
    let member = members::find(app, &entry, locator).await?;
    entry.require_second_factor_of(&member)?;
    let id = member.id;
    let grant = entry.grant_of_member(id)?;
    let view = member_parts::delete_phone(app, ctx, &grant, id).await?;
    answer(app, ctx, grant.organization().clone(), &view).await
}

/// Nobody has a password here, so whichever is meant is not found.
pub(in crate::doors::stytch) async fn delete_password<S: Surface>(
    _: S::Granted<DeletePassword>,
) -> Answer<Nothing, S> {
    Err(Failure::from(What::NotFound(Thing::Password)))
}
