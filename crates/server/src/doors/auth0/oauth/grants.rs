//! What an application is given for a code or a refresh token (RFC 6749 sections 4.1.3 and 6).

use vestibule_domain::refusal::{Refusal, What};
use vestibule_domain::secret::Token;

use super::asked::{Asked, Given};
use super::person;
use crate::doors::auth0::access::split;
use crate::failure::Failure;
use crate::operations::sign_in_grants::{self, Redeemed};

/// Tokens for a code.
///
/// # Errors
/// As for [`sign_in_grants::redeem_code`].
pub(super) async fn by_code(mut asked: Asked<'_>) -> Result<Given, Failure> {
    let code = asked.fields.secret("code").ok_or_else(|| missing("code"))?;
    let redirect_uri = asked.fields.text("redirect_uri");
    let verifier = asked.fields.text("code_verifier");
    let redeemed = sign_in_grants::redeem_code(
        asked.app,
        asked.ctx,
        asked.asker(),
        &Token::presented(code.expose()),
        redirect_uri.as_deref(),
        verifier.as_deref(),
    )
    .await?;
    let scopes = redeemed.grant.request.scopes.clone();
    give(&asked, redeemed, scopes).await
}

/// Tokens for a refresh token, perhaps with fewer scopes.
///
/// # Errors
/// As for [`sign_in_grants::refresh`]; more is asked for than was granted.
pub(super) async fn by_refresh(mut asked: Asked<'_>) -> Result<Given, Failure> {
    let token = asked.fields.secret("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let token = Token::presented(token.expose());
    let wanted = split(&asked.fields.text("scope").unwrap_or_default());
    let redeemed = sign_in_grants::refresh(asked.app, asked.ctx, asked.asker(), &token).await?;
    let granted = &redeemed.grant.request.scopes;
    // What was never granted is left out (RFC 6749 section 6 lets no token be wider than before).
    let scopes: Vec<String> = match wanted.is_empty() {
        true => granted.clone(),
        false => wanted.into_iter().filter(|scope| granted.contains(scope)).collect(),
    };
    give(&asked, redeemed, scopes).await
}

async fn give(asked: &Asked<'_>, redeemed: Redeemed, scopes: Vec<String>) -> Result<Given, Failure> {
    let (app, ctx) = (asked.app, asked.ctx);
    let whose = (&asked.site.project, &asked.known.application);
    let Redeemed { grant, person, refresh } = redeemed;
    let access_token = person::access_token(app, ctx, whose, &grant, &scopes).await?;
    let id_token = match scopes.iter().any(|scope| scope == "openid") {
        true => Some(person::id_token(app, ctx, whose, &grant, &person, Some(&access_token)).await?),
        false => None,
    };
    Ok(Given {
        access_token,
        id_token,
        refresh_token: refresh.map(|token| token.expose().to_owned()),
        scope: scopes.join(" "),
        expires_in: person::ACCESS_LIFETIME,
        token_type: "Bearer",
    })
}

fn missing(name: &str) -> Refusal {
    Refusal::new(What::MissingField).because(format!("{name} is required."))
}
