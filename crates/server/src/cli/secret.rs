//! `vestibule secret`: the API secrets of a project. Several are good at once, so that one can be replaced while every
//! backend goes on.

use std::process::ExitCode;

use serde_json::{Value, json};
use vestibule_domain::Time;
use vestibule_domain::event::EventKind;
use vestibule_domain::id::ProjectId;
use vestibule_domain::project::{
    ApiSecret, HANDLE, MOST_SECRETS, Project, SHORTEST_LIFE, SecretRecord, checked_secret_name,
};
use vestibule_store::tables::projects;
use vestibule_store::{Batch, Store};

use super::args::SecretCommand;
use super::audit::event_of_secret;
use super::open::CliError;
use super::out;
use super::run::{Tools, known_project, store};

pub(super) async fn run(command: SecretCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        SecretCommand::Create { project_id, name, json, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            let name = name.map(checked_secret_name).transpose();
            let name = name.map_err(|refusal| CliError::Refused(refusal.to_string()))?;
            show_new(&create(&store, &project, name.unwrap_or_default(), tools).await?, json);
        }
        SecretCommand::List { project_id, json, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            show_all(&project, &store.project_secrets(project_id).await?, json, tools.now);
        }
        SecretCommand::Revoke { project_id, handle: named, force, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            let revoked = revoke(&store, &project, &named, force, tools).await?;
            out::answer(format_args!(
                "revoked {}: it is refused from now on, on every node",
                revoked.handle()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes another API secret, good beside those there are. Only its hash is kept: what is returned is its only copy.
///
/// # Errors
/// The project has as many as it may have, or the store's.
pub async fn create(
    store: &Store,
    project: &Project,
    name: String,
    tools: Tools<'_>,
) -> Result<ApiSecret, CliError> {
    let secret = ApiSecret::generate(project.environment(), tools.entropy);
    let record = SecretRecord::new(secret.hash(), name, None, tools.now);
    let made = event_of_secret(project.id, EventKind::ProjectSecretCreated, &record, tools);
    let batch = Batch::from([
        projects::forget_secrets(project.id, tools.now),
        projects::insert_secret(project.id, &record),
        made,
    ]);
    match store.commit(batch.requires(projects::room_for_secret(project.id, tools.now))).await {
        Err(error) if error.is_guard(projects::SECRET_ROOM) => Err(CliError::Refused(format!(
            "{} has {MOST_SECRETS} secrets that are good, which is as many as may be: revoke one that is not used any more. \
             `vestibule secret list {}` shows them",
            project.id, project.id
        ))),
        kept => {
            kept?;
            Ok(secret)
        }
    }
}

/// Ends the API secret that `handle` names: every node asks the store at each request, so it is over at once.
///
/// # Errors
/// [`CliError::Refused`] when it names none or several, when it is over already, and when it is the last one that is
/// good, unless `force`.
pub async fn revoke(
    store: &Store,
    project: &Project,
    handle: &str,
    force: bool,
    tools: Tools<'_>,
) -> Result<SecretRecord, CliError> {
    let secrets = store.project_secrets(project.id).await?;
    let named = to_revoke(&secrets, handle, force, tools.now)
        .map_err(|refused| CliError::Refused(refused.in_words(project.id, handle)))?;
    let revoked = SecretRecord { ends_at: Some(tools.now), ..named.clone() };
    let over = event_of_secret(project.id, EventKind::ProjectSecretRevoked, &revoked, tools);
    let revoke = projects::end_secret(project.id, &named.hash, tools.now);
    let others = projects::another_secret(project.id, &named.hash, tools.now);
    let others = others.into_iter().filter(|_| !force);
    match store.commit(Batch::from([revoke, over]).requires(others)).await {
        Ok(()) => Ok(revoked),
        Err(error) if error.is_guard(projects::SECRET_ACTIVE) => {
            Err(CliError::Refused(NotRevoked::Already.in_words(project.id, handle)))
        }
        Err(error) if error.is_guard(projects::SECRET_LEFT) => {
            Err(CliError::Refused(NotRevoked::Last.in_words(project.id, handle)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Why a secret is not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotRevoked {
    Unknown,
    Several,
    Already,
    Last,
}

impl NotRevoked {
    fn in_words(self, project: ProjectId, handle: &str) -> String {
        let list = format!("`vestibule secret list {project}` shows those there are");
        match self {
            Self::Unknown => format!("no secret of {project} has the handle \"{handle}\"; {list}"),
            Self::Several => {
                format!("several secrets of {project} begin with \"{handle}\": give more digits of the hash")
            }
            Self::Already => format!("{handle} was revoked before; {list}"),
            Self::Last => format!(
                "{handle} is the last secret of {project} that is good: without it every API call is refused. Make another \
                 first with `vestibule secret create {project}`, or say --force"
            ),
        }
    }
}

fn to_revoke<'a>(
    secrets: &'a [SecretRecord],
    handle: &str,
    force: bool,
    now: Time,
) -> Result<&'a SecretRecord, NotRevoked> {
    let handle = handle.to_ascii_lowercase();
    let mut named = secrets.iter().filter(|secret| secret.hash.hex().starts_with(&handle));
    let found = named.next().filter(|_| handle.len() >= HANDLE).ok_or(NotRevoked::Unknown)?;
    if named.next().is_some() {
        return Err(NotRevoked::Several);
    }
    if !found.is_good(now) {
        return Err(NotRevoked::Already);
    }
    let stays = |other: &&SecretRecord| other.hash != found.hash && other.is_good(now.plus(SHORTEST_LIFE));
    if !force && !secrets.iter().any(|other| stays(&other)) {
        return Err(NotRevoked::Last);
    }
    Ok(found)
}

fn show_new(secret: &ApiSecret, as_json: bool) {
    let handle: String = secret.hash().hex().chars().take(HANDLE).collect();
    if as_json {
        return out::answer(json!({ "handle": handle, "secret": secret.expose() }));
    }
    out::answer(format_args!("secret  {}", secret.expose()));
    out::answer(format_args!("handle  {handle}"));
    out::remark(
        "the secret is shown only now: only a hash of it is kept. Those made before stay good until they are revoked",
    );
}

fn show_all(project: &Project, secrets: &[SecretRecord], as_json: bool, now: Time) {
    if as_json {
        return out::answer(Value::from_iter(secrets.iter().map(|secret| view(project, secret, now))));
    }
    for secret in secrets {
        let used = secret.last_used_at.map_or("never used".to_owned(), |at| format!("last used {at}"));
        let end = match secret.ends_at {
            Some(end) if secret.is_good(now) => format!("  ends {end}"),
            Some(end) => format!("  revoked {end}"),
            None => String::new(),
        };
        let name = if secret.name.is_empty() { String::new() } else { format!("  {}", secret.name) };
        out::answer(format_args!("{}  created {}  {used}{end}{name}", secret.handle(), secret.created_at));
    }
}

fn view(project: &Project, secret: &SecretRecord, now: Time) -> Value {
    json!({
        "handle": secret.handle(),
        "secret_id": secret.id(project.environment()),
        "name": secret.name,
        "created_at": secret.created_at.to_string(),
        "last_used_at": secret.last_used_at.map(|at| at.to_string()),
        "ends_at": secret.ends_at.map(|at| at.to_string()),
        "revoked_at": secret.ends_at.filter(|_| !secret.is_good(now)).map(|at| at.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::secret::TokenHash;
    use vestibule_domain::time::Span;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn record(secret: &str, ends_at: Option<Time>) -> SecretRecord {
        SecretRecord::new(TokenHash::of(secret.as_bytes()), String::new(), ends_at, NOW)
    }

    #[test]
    fn only_what_is_meant_is_revoked() {
        let (one, two, over) = (record("one", None), record("two", None), record("over", Some(NOW)));
        let all = [one.clone(), two.clone(), over.clone()];
        let revoke = |all: &[SecretRecord], handle: &str, force| to_revoke(all, handle, force, NOW).cloned();
        assert_eq!(revoke(&all, &two.handle(), false), Ok(two.clone()));
        assert_eq!(revoke(&all, &two.hash.hex().to_uppercase(), false), Ok(two.clone()));
        assert_eq!(revoke(&all, &over.handle(), true), Err(NotRevoked::Already));
        assert_eq!(revoke(&all, "00000000", true), Err(NotRevoked::Unknown));
        assert_eq!(revoke(&all, &two.handle()[..7], true), Err(NotRevoked::Unknown));
        assert_eq!(revoke(&[one.clone(), one.clone()], &one.handle(), true), Err(NotRevoked::Several));
        assert_eq!(revoke(&[one.clone(), over.clone()], &one.handle(), false), Err(NotRevoked::Last));
        assert_eq!(revoke(&[one.clone(), over], &one.handle(), true), Ok(one.clone()));
        let soon = record("soon", Some(NOW.plus(Span::minutes(10))));
        assert_eq!(revoke(&[one.clone(), soon.clone()], &one.handle(), false), Err(NotRevoked::Last));
        assert_eq!(revoke(&[one, soon.clone()], &soon.handle(), false), Ok(soon));
    }
}
