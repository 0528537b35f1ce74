//! `vestibule secret`: the API secrets of a project. Several are good at once, so that one can be replaced while every
//! backend goes on.

use std::process::ExitCode;

use serde_json::{Value, json};
use vestibule_domain::event::EventKind;
use vestibule_domain::id::ProjectId;
use vestibule_domain::project::{ApiSecret, Project};
use vestibule_store::tables::projects::{self, SecretRecord};
use vestibule_store::{Batch, Store};

use super::args::SecretCommand;
use super::audit::event;
use super::open::CliError;
use super::out;
use super::run::{Tools, known_project, store};

/// Digits of the hash that are shown, and the fewest that name a secret.
const HANDLE: usize = 8;

pub(super) async fn run(command: SecretCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        SecretCommand::Create { project_id, json, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            show_new(&create(&store, &project, tools).await?, json);
        }
        SecretCommand::List { project_id, json, config } => {
            let store = store(*config).await?;
            known_project(&store, project_id).await?;
            show_all(&store.project_secrets(project_id).await?, json);
        }
        SecretCommand::Revoke { project_id, handle: named, force, config } => {
            let store = store(*config).await?;
            let project = known_project(&store, project_id).await?;
            let revoked = revoke(&store, &project, &named, force, tools).await?;
            out::answer(format_args!(
                "revoked {}: it is refused from now on, on every node",
                handle_of(&revoked)
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes another API secret, good beside those there are. Only its hash is kept: what is returned is its only copy.
///
/// # Errors
/// The store's.
pub async fn create(store: &Store, project: &Project, tools: Tools<'_>) -> Result<ApiSecret, CliError> {
    let secret = ApiSecret::generate(project.environment(), tools.entropy);
    let hash = secret.hash();
    let about = ("handle", shortened(&hash.hex()));
    let made = event(project.id, EventKind::ProjectSecretCreated, about, tools);
    store.commit([projects::insert_secret(project.id, &hash, tools.now), made]).await?;
    Ok(secret)
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
    let named = to_revoke(&secrets, handle, force)
        .map_err(|refused| CliError::Refused(refused.in_words(project.id, handle)))?;
    let over = event(project.id, EventKind::ProjectSecretRevoked, ("handle", handle_of(named)), tools);
    let revoke = projects::revoke_secret(project.id, &named.hash, tools.now);
    let others = projects::another_secret(project.id, &named.hash).into_iter().filter(|_| !force);
    match store.commit(Batch::from([revoke, over]).requires(others)).await {
        Ok(()) => Ok(named.clone()),
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
) -> Result<&'a SecretRecord, NotRevoked> {
    let handle = handle.to_ascii_lowercase();
    let mut named = secrets.iter().filter(|secret| secret.hash.hex().starts_with(&handle));
    let found = named.next().filter(|_| handle.len() >= HANDLE).ok_or(NotRevoked::Unknown)?;
    if named.next().is_some() {
        return Err(NotRevoked::Several);
    }
    if found.revoked_at.is_some() {
        return Err(NotRevoked::Already);
    }
    let good = secrets.iter().filter(|secret| secret.revoked_at.is_none()).count();
    if good == 1 && !force {
        return Err(NotRevoked::Last);
    }
    Ok(found)
}

/// What names a secret: the beginning of its hash.
fn handle_of(secret: &SecretRecord) -> String {
    shortened(&secret.hash.hex())
}

fn shortened(hex: &str) -> String {
    hex.chars().take(HANDLE).collect()
}

fn show_new(secret: &ApiSecret, as_json: bool) {
    let handle = shortened(&secret.hash().hex());
    if as_json {
        return out::answer(json!({ "handle": handle, "secret": secret.expose() }));
    }
    out::answer(format_args!("secret  {}", secret.expose()));
    out::answer(format_args!("handle  {handle}"));
    out::remark(
        "the secret is shown only now: only a hash of it is kept. Those made before stay good until they are revoked",
    );
}

fn show_all(secrets: &[SecretRecord], as_json: bool) {
    if as_json {
        return out::answer(Value::from_iter(secrets.iter().map(view)));
    }
    for secret in secrets {
        let revoked = secret.revoked_at.map(|at| format!("  revoked {at}")).unwrap_or_default();
        out::answer(format_args!("{}  created {}{revoked}", handle_of(secret), secret.created_at));
    }
}

fn view(secret: &SecretRecord) -> Value {
    json!({
        "handle": handle_of(secret),
        "created_at": secret.created_at.to_string(),
        "revoked_at": secret.revoked_at.map(|at| at.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::secret::TokenHash;
    use vestibule_domain::time::Time;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn record(secret: &str, revoked_at: Option<Time>) -> SecretRecord {
        SecretRecord { hash: TokenHash::of(secret.as_bytes()), created_at: NOW, revoked_at }
    }

    #[test]
    fn a_handle_is_what_sha256sum_prints_first() {
        assert_eq!(handle_of(&record("abc", None)), "ba7816bf");
    }

    #[test]
    fn only_what_is_meant_is_revoked() {
        let (one, two, over) = (record("one", None), record("two", None), record("over", Some(NOW)));
        let all = [one.clone(), two.clone(), over.clone()];
        assert_eq!(to_revoke(&all, &handle_of(&two), false), Ok(&two));
        assert_eq!(to_revoke(&all, &two.hash.hex().to_uppercase(), false), Ok(&two));
        assert_eq!(to_revoke(&all, &handle_of(&over), true), Err(NotRevoked::Already));
        assert_eq!(to_revoke(&all, "00000000", true), Err(NotRevoked::Unknown));
        assert_eq!(to_revoke(&all, &handle_of(&two)[..7], true), Err(NotRevoked::Unknown));
        assert_eq!(to_revoke(&[one.clone(), one.clone()], &handle_of(&one), true), Err(NotRevoked::Several));
        assert_eq!(to_revoke(&[one.clone(), over.clone()], &handle_of(&one), false), Err(NotRevoked::Last));
        assert_eq!(to_revoke(&[one.clone(), over], &handle_of(&one), true), Ok(&one));
    }
}
