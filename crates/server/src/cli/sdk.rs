//! `vestibule project sdk`: what browsers and phones may ask a project for.

use std::process::ExitCode;

use vestibule_domain::project::{FrontendPatch, FrontendSettings, PageOrigin};
use vestibule_domain::redirect::LoopbackHttp;
use vestibule_store::tables::frontend_settings;

use super::args::{SdkArgs, SdkCommand};
use super::audit::event_of_frontend;
use super::open::CliError;
use super::out;
use super::run::{Tools, known_project, store};
use crate::failure::Failure;
use crate::operations::frontend_settings::plan;

pub(super) async fn run(command: SdkCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        SdkCommand::Show { project_id, json, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            let (settings, _) = store.frontend_settings(project.id).await?;
            show(&settings, json);
        }
        SdkCommand::Set(arguments) => set(*arguments, tools).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn set(arguments: SdkArgs, tools: Tools<'_>) -> Result<(), CliError> {
    let store = store((*arguments.config).clone()).await?;
    let project = known_project(&store, arguments.project_id).await?;
    let loopback = LoopbackHttp::of(project.environment());
    let (before, _) = store.frontend_settings(project.id).await?;
    let patch = patch(arguments, &before, loopback)?;
    let planned = plan(&store, project.id, patch, loopback, None).await.map_err(failed)?;
    if planned.is_nothing() {
        out::remark("this is how it is already; there is nothing to change");
    } else {
        let event = event_of_frontend(project.id, &planned.before, &planned.after, tools);
        store.commit([planned.write(project.id), event]).await.map_err(|error| {
            if error.is_guard(frontend_settings::VERSION) {
                return CliError::Refused(
                    "somebody else has changed the settings meanwhile, and nothing was changed: try again"
                        .to_owned(),
                );
            }
            error.into()
        })?;
    }
    show(&planned.after, false);
    Ok(())
}

fn patch(
    arguments: SdkArgs,
    before: &FrontendSettings,
    loopback: LoopbackHttp,
) -> Result<FrontendPatch, CliError> {
    let mut origins = before.allowed_origins.clone();
    for text in &arguments.remove {
        // What is no origin any more must still be removable.
        let spelled = PageOrigin::parse(text, LoopbackHttp::Allowed);
        let named = |origin: &PageOrigin| {
            spelled.as_ref().is_ok_and(|spelled| spelled == origin) || origin.as_str() == text
        };
        if !origins.iter().any(named) {
            return Err(CliError::Refused(format!("{text} is not among the origins; nothing was changed")));
        }
        origins.retain(|origin| !named(origin));
    }
    for text in &arguments.allow {
        origins.push(PageOrigin::parse(text, loopback).map_err(|refusal| {
            CliError::Refused(format!("{text} cannot be allowed. {}", CliError::from(refusal)))
        })?);
    }
    let changes_origins = !arguments.allow.is_empty() || !arguments.remove.is_empty();
    Ok(FrontendPatch {
        allowed_origins: changes_origins
            .then(|| origins.iter().map(|origin| origin.as_str().to_owned()).collect()),
        native_apps: arguments.native_apps,
        member_actions: arguments.member_actions,
        organization_creation: arguments.organization_creation,
        max_session_duration_minutes: arguments.max_session_minutes,
        pkce_required_for_sso: arguments.pkce_for_sso,
        pkce_required_for_email_magic_links: arguments.pkce_for_magic_links,
        http_only_cookies: arguments.http_only_cookies,
        cookie_domain: arguments.cookie_domain,
    })
}

fn show(settings: &FrontendSettings, as_json: bool) {
    if as_json {
        return out::answer(serde_json::to_string_pretty(settings).unwrap_or_default());
    }
    for origin in &settings.allowed_origins {
        out::answer(format_args!("allowed origin          {}", origin.as_str()));
    }
    out::answer(format_args!("native apps             {}", settings.native_apps));
    out::answer(format_args!("member actions          {}", settings.member_actions));
    out::answer(format_args!("organization creation   {}", settings.organization_creation));
    out::answer(format_args!("longest session         {} minutes", settings.max_session_duration_minutes));
    out::answer(format_args!("PKCE for SSO            {}", settings.pkce_required_for_sso));
    out::answer(format_args!("PKCE for magic links    {}", settings.pkce_required_for_email_magic_links));
    out::answer(format_args!("HttpOnly cookies        {}", settings.http_only_cookies));
    if !settings.cookie_domain.is_empty() {
        out::answer(format_args!("domain of cookies       {}", settings.cookie_domain));
    }
    if settings.allowed_origins.is_empty() && !settings.native_apps {
        out::remark(
            "no browser and no phone is served: --allow-origin https://app.example.com serves pages of one",
        );
    }
}

fn failed(failure: Failure) -> CliError {
    match failure {
        Failure::Refused(refusal) => refusal.into(),
        other => CliError::Refused(other.to_string()),
    }
}
