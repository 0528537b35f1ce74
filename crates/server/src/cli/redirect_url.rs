//! `vestibule redirect-url`: the exact URLs that browsers may be sent to.

use std::process::ExitCode;

use serde_json::{Value, json};
use url::Url;
use vestibule_domain::id::ProjectId;
use vestibule_domain::redirect::{LoopbackHttp, RedirectKind, RedirectUrl, parse_redirect};
use vestibule_store::tables::redirects;
use vestibule_store::{Store, StoreError, Write};

use super::args::{RedirectUrlArgs, RedirectUrlCommand};
use super::open::CliError;
use super::out;
use super::run::{known_project, store};

/// What to do with a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Add { default: bool },
    Remove,
    Default,
}

pub(super) async fn run(command: RedirectUrlCommand) -> Result<ExitCode, CliError> {
    let (target, change) = match command {
        RedirectUrlCommand::Add { target, default } => (target, Change::Add { default }),
        RedirectUrlCommand::Remove { target } => (target, Change::Remove),
        RedirectUrlCommand::Default { target } => (target, Change::Default),
        RedirectUrlCommand::List { project_id, json, config } => {
            let store = store(*config).await?;
            known_project(&store, project_id).await?;
            list(&store.redirect_urls(project_id).await?, json);
            return Ok(ExitCode::SUCCESS);
        }
    };
    let RedirectUrlArgs { project_id, url, kinds, config } = target;
    let store = store(*config).await?;
    let project = known_project(&store, project_id).await?;
    apply(&store, project.id, &url, &kinds, change).await?;
    list(&store.redirect_urls(project_id).await?, false);
    Ok(ExitCode::SUCCESS)
}

/// Changes one URL for all `kinds`, or none of them.
async fn apply(
    store: &Store,
    project: ProjectId,
    url: &str,
    kinds: &[RedirectKind],
    change: Change,
) -> Result<(), CliError> {
    let url = accepted(url, LoopbackHttp::of(project.environment()))?.to_string();
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let mut writes: Vec<Write> = Vec::new();
    for kind in kinds {
        match change {
            Change::Add { default } => writes.extend(add(store, project, kind, &url, default).await?),
            Change::Remove => writes.push(redirects::remove(project, kind, &url)),
            Change::Default => writes.extend(redirects::make_default(project, kind, &url)),
        }
    }
    if writes.is_empty() {
        out::remark(format_args!("{url} is allowed already; nothing had to be changed"));
    }
    store.commit(writes).await.map_err(|error| explain(error, &url))
}

/// What allows a URL for one kind: nothing where it is allowed already, for whoever follows two guides adds one URL twice.
async fn add(
    store: &Store,
    project: ProjectId,
    kind: RedirectKind,
    url: &str,
    default: bool,
) -> Result<Vec<Write>, CliError> {
    if let Some(there) = store.redirect_url(project, kind, url).await? {
        let becomes = default && !there.is_default;
        return Ok(if becomes { redirects::make_default(project, kind, url) } else { Vec::new() });
    }
    // The first URL of a kind is its default: a kind without one refuses every request that names none.
    let is_default = default || store.default_redirect_url(project, kind).await?.is_none();
    Ok(redirects::add(project, &RedirectUrl { kind, url: url.to_owned(), is_default }))
}

/// A URL that may be registered.
///
/// # Errors
/// With the URL and what is wrong with it.
pub(crate) fn accepted(url: &str, loopback: LoopbackHttp) -> Result<Url, CliError> {
    parse_redirect(url, loopback).map_err(|refusal| {
        CliError::Refused(format!("{url} cannot be a redirect URL. {}", CliError::from(refusal)))
    })
}

fn explain(error: StoreError, url: &str) -> CliError {
    if error.is_guard(redirects::EXISTS) {
        return CliError::Refused(format!(
            "{url} is not allowed for every one of these kinds; nothing was changed"
        ));
    }
    if error.is_unique(redirects::UNIQUE) {
        return CliError::Refused(format!(
            "{url} was allowed by somebody else at the same moment; nothing was changed: try again"
        ));
    }
    error.into()
}

fn list(urls: &[RedirectUrl], as_json: bool) {
    if as_json {
        return out::answer(view(urls));
    }
    for line in lines(urls) {
        out::answer(line);
    }
    if urls.is_empty() {
        out::remark("no redirect URL is allowed: every sign-in is refused until there is one");
    }
}

pub(super) fn view(urls: &[RedirectUrl]) -> Value {
    urls.iter()
        .map(|url| json!({ "url": url.url, "kind": url.kind.as_str(), "is_default": url.is_default }))
        .collect()
}

pub(super) fn lines(urls: &[RedirectUrl]) -> impl Iterator<Item = String> {
    urls.iter().map(|url| {
        let default = if url.is_default { "  (default)" } else { "" };
        format!("{:<14}  {}{default}", url.kind.as_str(), url.url)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::project;
    use crate::cli::run::Tools;
    use crate::world::entropy::SeededEntropy;
    use vestibule_domain::id::Environment;
    use vestibule_domain::time::Time;
    use vestibule_store::{MasterKey, MasterKeys, Options, StoreUrl, Vault};

    const ONE: &str = "https://app.example.com/authenticate";
    const TWO: &str = "https://two.example.com/";

    async fn project() -> (Store, ProjectId) {
        let store = Store::open(&StoreUrl::Memory, &Options::default()).await.unwrap();
        let tools = Tools { now: Time::from_seconds(1_700_000_000), entropy: &SeededEntropy::new(1) };
        store.migrate(tools.now, tools.entropy).await.unwrap();
        let masters = MasterKeys::only(MasterKey::from_bytes([1; 32]));
        let vault = Vault::open(&store, masters, tools.entropy, tools.now).await.unwrap();
        let create = async |name| {
            project::create(&store, name, Environment::Live, (&vault, "key".into()), tools).await
        };
        let (project, secret) = create(" Acme ").await.unwrap();
        assert_eq!(project.name, "Acme");
        assert_eq!(
            store.project_by_secret(project.id, &secret.hash(), tools.now).await.unwrap().unwrap().project,
            project
        );
        assert!(create(" ").await.is_err());
        (store, project.id)
    }

    async fn listed(store: &Store, project: ProjectId) -> Vec<String> {
        lines(&store.redirect_urls(project).await.unwrap()).collect()
    }

    #[tokio::test]
    async fn the_first_url_of_a_kind_is_its_default_until_another_is() {
        let (store, project) = project().await;
        let login = [RedirectKind::Login, RedirectKind::Login];
        apply(&store, project, ONE, &login, Change::Add { default: false }).await.unwrap();
        apply(&store, project, TWO, &login, Change::Add { default: false }).await.unwrap();
        let one = format!("login           {ONE}");
        let two = format!("login           {TWO}");
        assert_eq!(listed(&store, project).await, [format!("{one}  (default)"), two.clone()]);
        apply(&store, project, TWO, &login, Change::Default).await.unwrap();
        assert_eq!(listed(&store, project).await, [one.clone(), format!("{two}  (default)")]);
        apply(&store, project, TWO, &login, Change::Remove).await.unwrap();
        assert_eq!(listed(&store, project).await, [one]);
    }

    #[tokio::test]
    async fn a_url_may_be_added_again() {
        let (store, project) = project().await;
        let both = [RedirectKind::Login, RedirectKind::Signup];
        let add = async |url, kinds: &[RedirectKind], default| {
            apply(&store, project, url, kinds, Change::Add { default }).await.unwrap();
        };
        add(ONE, &[RedirectKind::Login], false).await;
        add(TWO, &[RedirectKind::Login], false).await;
        let login = format!("login           {ONE}  (default)");
        let lines = [login.clone(), format!("login           {TWO}")];
        add(ONE, &[RedirectKind::Login], false).await;
        add(TWO, &[RedirectKind::Login], false).await;
        assert_eq!(listed(&store, project).await, lines, "the default stays what it was");
        // What one kind lacks is added, and what another has stays.
        add(ONE, &both, false).await;
        add(ONE, &both, false).await;
        let signup = format!("signup          {ONE}  (default)");
        assert_eq!(listed(&store, project).await, [lines[0].clone(), lines[1].clone(), signup.clone()]);
        add(TWO, &[RedirectKind::Login], true).await;
        let lines = [format!("login           {ONE}"), format!("login           {TWO}  (default)"), signup];
        assert_eq!(listed(&store, project).await, lines);
    }

    #[tokio::test]
    async fn refusals_change_nothing() {
        let (store, project) = project().await;
        let add = Change::Add { default: false };
        apply(&store, project, ONE, &[RedirectKind::Login], add).await.unwrap();
        let both = [RedirectKind::Login, RedirectKind::Signup];
        let refusal =
            async |url, change| apply(&store, project, url, &both, change).await.unwrap_err().to_string();
        assert!(refusal(ONE, Change::Remove).await.contains("is not allowed for every one"));
        assert!(refusal(TWO, Change::Default).await.contains("is not allowed for every one"));
        assert!(refusal("http://localhost:3000/", add).await.contains("expected https"));
        let words = "notaurl cannot be a redirect URL. Found text that is not an absolute URL.";
        assert_eq!(refusal("notaurl", add).await, words);
        assert_eq!(listed(&store, project).await, [format!("login           {ONE}  (default)")]);
    }
}
