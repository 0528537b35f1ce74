//! `vestibule redirect-url`: the exact URLs that browsers may be sent to.

use std::process::ExitCode;

use serde_json::{Value, json};
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
    let url = parse_redirect(url, LoopbackHttp::of(project.environment()))
        .map_err(|fault| CliError::Refused(format!("{url}: {fault}")))?
        .to_string();
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let mut writes: Vec<Write> = Vec::new();
    for kind in kinds {
        match change {
            Change::Add { default } => {
                // The first URL of a kind is its default: a kind without one refuses every request that names none.
                let is_default = default || store.default_redirect_url(project, kind).await?.is_none();
                writes.extend(redirects::add(project, &RedirectUrl { kind, url: url.clone(), is_default }));
            }
            Change::Remove => writes.push(redirects::remove(project, kind, &url)),
            Change::Default => writes.extend(redirects::make_default(project, kind, &url)),
        }
    }
    store.commit(writes).await.map_err(|error| explain(error, &url))
}

fn explain(error: StoreError, url: &str) -> CliError {
    if error.is_guard(redirects::EXISTS) {
        return CliError::Refused(format!(
            "{url} is not allowed for every one of these kinds; nothing was changed"
        ));
    }
    if error.is_unique(redirects::UNIQUE) {
        return CliError::Refused(format!(
            "{url} is allowed already for one of these kinds; nothing was changed"
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
        assert_eq!(store.project_by_secret(project.id, &secret.hash()).await.unwrap(), Some(project.clone()));
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
    async fn refusals_change_nothing() {
        let (store, project) = project().await;
        let add = Change::Add { default: false };
        apply(&store, project, ONE, &[RedirectKind::Login], add).await.unwrap();
        let both = [RedirectKind::Login, RedirectKind::Signup];
        let refusal =
            async |url, change| apply(&store, project, url, &both, change).await.unwrap_err().to_string();
        assert!(refusal(ONE, add).await.contains("is allowed already"));
        assert!(refusal(ONE, Change::Remove).await.contains("is not allowed for every one"));
        assert!(refusal(TWO, Change::Default).await.contains("is not allowed for every one"));
        assert!(refusal("http://localhost:3000/", add).await.contains("expected https"));
        assert!(refusal("not a url", add).await.starts_with("not a url: "));
        assert_eq!(listed(&store, project).await, [format!("login           {ONE}  (default)")]);
    }
}
