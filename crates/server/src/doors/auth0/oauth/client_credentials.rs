//! An application gets a token on its own account (RFC 6749 section 4.4).

use vestibule_domain::application::Audience;
use vestibule_domain::event::{EventKind, Object};
use vestibule_domain::refusal::{Refusal, What};
use vestibule_refusal::Excerpt;

use super::asked::{Asked, Given};
use crate::doors::auth0::access::{self, Access};
use crate::failure::Failure;
use crate::operations::events::Scene;

/// How long such a token is good for, in seconds: clients keep it that long, and ask at each start.
const LIFETIME: i64 = 86_400;

/// Gives a token for what the application was granted at an API.
///
/// # Errors
/// It was granted nothing there, or not what it asks for.
pub(super) async fn give(mut asked: Asked<'_>) -> Result<Given, Failure> {
    let (app, ctx, site) = (asked.app, asked.ctx, asked.site);
    if asked.fields.text("organization").is_some() {
        return Err(Refusal::new(What::Unreadable)
            .because(
                "A token on an application's own account belongs to no organization: leave organization out.",
            )
            .into());
    }
    // What a public client may do in its own name, anybody may do in its name.
    if !asked.known.is_proved() {
        return Err(What::GrantTypeNotAllowed.into());
    }
    let named = asked.fields.text("audience").ok_or_else(|| {
        Refusal::new(What::AudienceNotGranted).because("No audience parameter was provided.")
    })?;
    let audience = access::audience(site, &named)?;
    let application = &asked.known.application;
    let found = app.store.client_grant_at(site.project.id, &application.client_id, &audience).await?;
    let found = found.ok_or_else(|| {
        Refusal::new(What::AudienceNotGranted).because(format!(
            "Client is not authorized to access {}. You need to create a \"client-grant\" associated to this API.",
            Excerpt::of(&named)
        ))
    })?;
    let scope = asked.fields.text("scope").unwrap_or_default();
    let scopes = found.grant.narrowed(&access::split(&scope))?;
    let access = Access {
        iss: site.issuer(),
        sub: access::subject_of(&application.client_id),
        aud: named,
        iat: ctx.now.seconds(),
        exp: ctx.now.seconds() + LIFETIME,
        scope: scopes.join(" "),
        gty: access::CLIENT_CREDENTIALS,
        azp: application.client_id.to_string(),
    };
    let access_token = access::sign(app, ctx, site, &access).await?;
    let told = Scene::of_application(ctx, site.project.id, application.id)
        .event(app, EventKind::ApplicationTokenIssued, Object::Application(application.id))
        .with("client_id", application.client_id.as_str())
        .with(
            "audience",
            match &audience {
                Audience::Management => access.aud.clone(),
                Audience::Api(identifier) => identifier.clone(),
            },
        );
    app.store.commit(told.write()).await?;
    Ok(Given {
        access_token,
        id_token: None,
        refresh_token: None,
        scope: access.scope,
        expires_in: LIFETIME,
        token_type: "Bearer",
    })
}
