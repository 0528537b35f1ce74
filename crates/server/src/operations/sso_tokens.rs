//! SSO tokens: what the application's backend redeems for a session, once.

use vestibule_domain::id::ConnectionKind;
use vestibule_domain::login::SsoToken;
use vestibule_domain::member::MemberStatus;
use vestibule_domain::project::Project;
use vestibule_domain::refusal::{PkceProblem, Refusal, Thing, What};
use vestibule_domain::secret::Token;
use vestibule_domain::session::{AuthMethod, Factor, FactorKind, SsoProtocol};
use vestibule_domain::time::Time;
use vestibule_oidc::pkce;
use vestibule_store::Batch;
use vestibule_store::tables::together::Standing;
use vestibule_store::tables::{connections, registrations, tokens};

use super::authentication::{Authenticated, Proved, SessionRequest, Whose, authenticate};
use super::change::kept_changing;
use super::connections::choice;
use super::views::{self, OrganizationView};
use crate::failure::Failure;
use crate::http::ctx::Ctx;
use crate::world::App;

/// What the application's backend shows to get a session.
#[derive(Debug)]
pub(crate) struct Redemption {
    /// The token of the redirect.
    pub sso_token: Token,
    /// The PKCE verifier, when the sign-in was started with a challenge.
    pub code_verifier: Option<String>,
    /// Whether a sign-in that began at the identity provider is refused: anybody can send a browser to the end of one, and
    /// its application may have said that it never begins there.
    pub solicited_only: bool,
    /// The session it would like.
    pub session: SessionRequest,
}

/// Redeems an SSO token. Of any number of callers exactly one wins.
///
/// # Errors
/// [`Thing::SsoToken`] is not found for an unknown, used or expired token and for one whose connection or member is
/// gone; [`What::Pkce`]; what [`authenticate`] refuses.
pub(crate) async fn redeem(
    app: &App,
    ctx: &Ctx,
    project: &Project,
    redemption: Redemption,
) -> Result<Authenticated, Failure> {
    let token = app.store.sso_token(project.id, &redemption.sso_token.hash()).await?;
    let token = token.filter(|stored| stored.redeemed_at.is_none() && ctx.now < stored.token.expires_at);
    let token = token.ok_or(What::NotFound(Thing::SsoToken))?.token;
    if token.unsolicited && redemption.solicited_only {
        return Err(Refusal::new(What::Pkce(PkceProblem::VerifierUnexpected))
            .because("The sign-in began at the identity provider, and the request takes none of those (solicited_only).")
            .into());
    }
    // A browser that once began a sign-in still brings that verifier, which has no end, with one that began at the provider.
    // It proves nothing and is asked for nothing. Of a start without a challenge it would say that somebody took the
    // challenge away.
    let verifier = redemption.code_verifier.as_deref().filter(|_| !token.unsolicited);
    check_verifier(token.code_challenge.as_deref(), verifier)?;
    let _turn = app.turns.at(token.hash.as_str()).await.ok_or_else(kept_changing)?;
    let proved = Proved {
        factor: factor(&token, ctx.now),
        spends: Batch::from(tokens::redeem(&token, ctx.now)).requires([
            connections::stands(token.tenant(), token.connection_id),
            registrations::stands(token.project_id, token.registration_id),
        ]),
        spent: tokens::UNREDEEMED,
    };
    authenticate(app, ctx, project, &proved, &redemption.session, || owner(app, &token)).await
}

/// RFC 7636 section 4.6, towards the application. Verifiers of browsers are hexadecimal, of phones
/// base64url: anything of the right length is hashed as it is.
pub(crate) fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(What::Pkce(PkceProblem::VerifierUnexpected).into()),
        (Some(_), None) => Err(What::Pkce(PkceProblem::VerifierMissing).into()),
        (Some(_), Some(verifier)) if !(43..=128).contains(&verifier.len()) => {
            Err(What::Pkce(PkceProblem::VerifierLength).into())
        }
        (Some(challenge), Some(verifier)) if pkce::challenge_matches(verifier, challenge) => Ok(()),
        (Some(_), Some(_)) => Err(What::Pkce(PkceProblem::Mismatch).into()),
    }
}

/// The token's organization and member, with the connection checked again: a connection that was removed
/// or a member who was deleted since the callback signs nobody in.
async fn owner(app: &App, token: &SsoToken) -> Result<Whose, Failure> {
    let (tenant, gone) = (token.tenant(), || Failure::from(What::NotFound(Thing::SsoToken)));
    let standing = app.store.standing(tenant, token.member_id).await?;
    let Standing { member, organization, active_connections, registrations, directory } = standing;
    let organization = organization.ok_or_else(gone)?;
    let organization = OrganizationView { organization, active_connections, directory };
    if !organization.signs_in_through(token.connection_id) {
        // Only now is it worth loading: it says what is missing.
        let connection = app.store.connection_of(&app.vault, tenant, token.connection_id).await?;
        choice::way(app, connection.ok_or_else(gone)?).await?.as_route().ready()?;
    }
    let member = member.filter(|member| member.status == MemberStatus::Active).ok_or_else(gone)?;
    if !organization.organization.allows(AuthMethod::Sso) && !member.is_breakglass {
        return Err(What::MethodNotAllowedHere.into());
    }
    let member = views::member_with(app, &organization.organization, member, registrations).await?;
    Ok(Whose::unchanged(organization, member))
}

fn factor(token: &SsoToken, now: Time) -> Factor {
    let by_id = || match token.connection_id.kind() {
        ConnectionKind::Oidc => SsoProtocol::Oidc,
        ConnectionKind::Saml | ConnectionKind::External => SsoProtocol::Saml,
    };
    let protocol = token.protocol.unwrap_or_else(by_id);
    let kind = FactorKind::Sso {
        protocol,
        registration_id: token.registration_id,
        connection_id: token.connection_id,
        external_id: token.external_id.clone(),
    };
    Factor { kind, created_at: now, last_authenticated_at: token.created_at, valid_until: token.valid_until }
}
