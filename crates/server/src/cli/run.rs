//! What the commands do that answer and end.

use std::process::ExitCode;

use vestibule_domain::entropy::Entropy;
use vestibule_domain::id::ProjectId;
use vestibule_domain::project::Project;
use vestibule_domain::time::Time;
use vestibule_store::vault::rotate_master_key;
use vestibule_store::{Store, Vault};

use super::args::{
    AdminCommand, ConfigArgs, ConfigCommand, DoctorArgs, KeysCommand, MigrateArgs, ProjectKeysArgs,
};
use super::known::listed;
use super::open::{CliError, connect, exists, master_keys, open, open_vault, wait_for};
use super::{
    application, assertion_key, backup, health, keys, login_host, manual, out, outbox, project, rbac,
    redirect_url, registration, saml, secret, session_key, settings_print, trace, trail, variables,
};
use crate::cli::doctor::{self, Verdict};
use crate::world::config::{DatabaseConfig, Log, LogFormat, LogTarget, StoreConfig};
use crate::world::telemetry;

/// What a command may use of the world.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The time of the command.
    pub now: Time,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
}

/// Runs a command and says how it went: 0 when done, 1 when refused.
pub(crate) async fn run(command: AdminCommand, tools: Tools<'_>) -> ExitCode {
    let log = Log { format: LogFormat::Pretty, level: "warn".to_owned(), target: LogTarget::Stderr };
    // Commands can do without logs; a second start in one process is no reason to stop.
    let _logs = telemetry::start_logs(&log);
    if uses_settings(&command) {
        variables::misspelt().iter().for_each(out::remark);
    }
    let outcome = match command {
        AdminCommand::Migrate(config) => migrate(config, tools).await,
        AdminCommand::Project { command } => project::run(command, tools).await,
        AdminCommand::Secret { command } => secret::run(command, tools).await,
        AdminCommand::Application { command } => application::run(command, tools).await,
        AdminCommand::LoginHost { command } => login_host::run(command, tools).await,
        AdminCommand::Registration { command } => registration::run(command, tools).await,
        AdminCommand::RedirectUrl { command } => redirect_url::run(command).await,
        AdminCommand::Rbac { command } => rbac::run(command, tools).await,
        AdminCommand::Keys { command } => change_keys(command, tools).await,
        AdminCommand::Outbox { command } => outbox::run(command, tools).await,
        AdminCommand::Saml { command } => Ok(saml::run(command, tools).await),
        AdminCommand::Backup { file, config } => backup::make(*config, &file),
        AdminCommand::Restore { file, config } => backup::put_back(*config, &file, tools),
        AdminCommand::Trace(arguments) => trace::run(arguments).await,
        AdminCommand::Audit(arguments) => trail::run(arguments).await,
        AdminCommand::Config { command: ConfigCommand::Print(config) } => settings_print::run(*config),
        AdminCommand::Doctor(arguments) => examine(arguments, tools).await,
        AdminCommand::Health(config) => health::run(*config).await,
        AdminCommand::Completions { shell } => manual::completions(shell),
        AdminCommand::Man { directory } => manual::pages(&directory),
    };
    match outcome {
        Ok(status) => status,
        Err(error) => {
            out::refusal(error);
            ExitCode::FAILURE
        }
    }
}

/// Whether a setting that is misspelt may have been meant for this command. `doctor` says it in its own way, and `health`, which
/// runs again and again, leaves it to the server.
const fn uses_settings(command: &AdminCommand) -> bool {
    !matches!(
        command,
        AdminCommand::Doctor(_)
            | AdminCommand::Health(_)
            | AdminCommand::Completions { .. }
            | AdminCommand::Man { .. }
            | AdminCommand::Keys { command: KeysCommand::Generate { .. } }
    )
}

/// Loads the settings of a command and opens a store that is up to date.
pub(super) async fn store(config: ConfigArgs) -> Result<Store, CliError> {
    open(&DatabaseConfig::resolve(&config.load()?)?).await
}

/// A project by its id.
pub(super) async fn known_project(store: &Store, id: ProjectId) -> Result<Project, CliError> {
    if let Some(project) = store.project(id).await? {
        return Ok(project);
    }
    let known: Vec<_> =
        store.projects().await?.iter().map(|one| format!("{} ({})", one.id, one.name)).collect();
    Err(CliError::Refused(format!("there is no project {id}; {}", listed(&known))))
}

async fn change_keys(command: KeysCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        KeysCommand::Generate { out } => generate(out.as_deref(), tools),
        KeysCommand::Rotate { leaked, config } => rotate(*config, leaked, tools).await,
        KeysCommand::ForgetData { force, config } => forget_data(*config, force, tools).await,
        KeysCommand::RotateData(config) => rotate_data(*config, tools).await,
        KeysCommand::RotateSession(arguments) => rotate_session(arguments, tools).await,
        KeysCommand::ForgetSession(arguments) => forget_session(arguments, tools).await,
        KeysCommand::RotateAssertion(arguments) => assertion_key::run(arguments, tools).await,
    }
}

async fn migrate(arguments: MigrateArgs, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let database = DatabaseConfig::resolve(&arguments.config.load()?)?;
    let is_new = !exists(&database)?;
    if arguments.plan {
        return plan(&database, is_new).await;
    }
    let (database, store) = wait_for(&database).await?;
    if is_new {
        out::remark(format_args!("{database} was not there and is made now"));
    }
    let applied = store.migrate(tools.now, tools.entropy).await?;
    for name in &applied {
        out::answer(format_args!("applied {name}"));
    }
    out::remark(format_args!("{database} is up to date"));
    Ok(ExitCode::SUCCESS)
}

/// Says what a migration would do, and does nothing.
async fn plan(database: &DatabaseConfig, is_new: bool) -> Result<ExitCode, CliError> {
    // Opening an embedded database that is not there would make it.
    let at = if is_new { DatabaseConfig::at("sqlite::memory:") } else { database.clone() };
    let (_, store) = connect(&at).await?;
    let pending = store.pending_migrations().await?;
    for name in &pending {
        out::answer(format_args!("would apply {name}"));
    }
    out::remark(match (is_new, pending.is_empty()) {
        (true, _) => "the database is not there and would be made",
        (false, true) => "the database is up to date",
        (false, false) => "back the database up first; servers that run meanwhile go on",
    });
    Ok(ExitCode::SUCCESS)
}

fn generate(file: Option<&std::path::Path>, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let key = keys::new_master_key(tools.entropy);
    let Some(path) = file else {
        out::answer(key.expose());
        return Ok(ExitCode::SUCCESS);
    };
    keys::write_new(path, &key).map_err(|error| not_written(path, error))?;
    out::remark(format_args!(
        "wrote a new master key to {}. Keep a copy apart from the database: without it, sealed values are lost",
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn not_written(path: &std::path::Path, error: std::io::Error) -> CliError {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return CliError::Refused(format!("{} is there already: a key is never replaced", path.display()));
    }
    CliError::File { path: path.to_owned(), error }
}

async fn rotate(config: ConfigArgs, leaked: bool, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let config = StoreConfig::resolve(&config.load()?)?;
    let masters = master_keys(&config)?;
    let Some(previous) = masters.previous else {
        return Err(CliError::Refused(
            "there is nothing to rotate from: give the key that was used until now as `master_key_previous_file` \
             (or --master-key-previous-file, VESTIBULE_MASTER_KEY_PREVIOUS) and the new one as `master_key_file`"
                .to_owned(),
        ));
    };
    let store = open(&config.database).await?;
    let rotated = rotate_master_key(&store, &previous, &masters.current, tools.entropy).await?;
    out::answer(format_args!(
        "{rotated} data keys are now under master key {} (they were under {})",
        masters.current.id(),
        previous.id()
    ));
    if leaked {
        // Whoever has the previous key may have the data keys that it sealed.
        let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
        renew_data_key(&vault, tools).await?;
    }
    out::remark("when all servers run with the new key, remove master_key_previous");
    Ok(ExitCode::SUCCESS)
}

async fn rotate_data(config: ConfigArgs, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let config = StoreConfig::resolve(&config.load()?)?;
    let store = open(&config.database).await?;
    let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
    renew_data_key(&vault, tools).await?;
    Ok(ExitCode::SUCCESS)
}

/// A new data key, and everything sealed with it.
async fn renew_data_key(vault: &Vault, tools: Tools<'_>) -> Result<(), CliError> {
    vault.rotate_data_key(tools.entropy, tools.now).await?;
    let sealed = vault.reseal(tools.entropy).await?;
    out::answer(format_args!("{sealed} values are now sealed with data key {}", vault.active_key()));
    out::remark(
        "running servers seal with the new key within a minute; in five, `vestibule keys forget-data` seals again what they \
         sealed with the old one meanwhile, and forgets that",
    );
    Ok(())
}

async fn forget_data(config: ConfigArgs, at_once: bool, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let config = StoreConfig::resolve(&config.load()?)?;
    let store = open(&config.database).await?;
    let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
    let (forgotten, waiting) = vault.forget_data_keys(at_once, tools.entropy, tools.now).await?;
    out::answer(format_args!(
        "{forgotten} data keys are forgotten; everything is sealed with data key {}",
        vault.active_key()
    ));
    if waiting == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    Err(CliError::Refused(format!(
        "{waiting} data keys were retired less than five minutes ago, and servers may still seal with them: try again later"
    )))
}

async fn rotate_session(arguments: ProjectKeysArgs, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let config = StoreConfig::resolve(&arguments.config.load()?)?;
    let store = open(&config.database).await?;
    let project = known_project(&store, arguments.project_id).await?;
    let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
    let key = session_key::rotate(&store, &vault, &project, tools).await?;
    out::answer(format_args!("{} has the new key {key} for session tokens", project.id));
    out::remark(
        "all servers publish it within a minute and sign with it within three. Until then the old key signs. Retired keys stay published for 30 days; \
         when one has leaked: vestibule keys forget-session",
    );
    Ok(ExitCode::SUCCESS)
}

async fn forget_session(arguments: ProjectKeysArgs, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let store = store(*arguments.config).await?;
    let project = known_project(&store, arguments.project_id).await?;
    for key in session_key::forget(&store, &project, tools).await? {
        out::answer(format_args!("forgot {key}: what it signed is refused on all servers within a minute"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn examine(arguments: DoctorArgs, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let file = arguments.config.config.clone();
    let settings = match arguments.config.load() {
        Ok(settings) => settings,
        Err(error) => {
            out::answer(doctor::refused(&error));
            return Ok(ExitCode::FAILURE);
        }
    };
    let checks = doctor::examine(&settings, file.as_deref(), arguments.url.as_ref(), tools.now).await;
    for check in &checks {
        out::answer(check);
    }
    let worst = doctor::worst(&checks);
    Ok(if worst == Verdict::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use crate::cli::args::Command;
    use crate::cli::open::open_vault;
    use crate::world::entropy::SeededEntropy;
    use clap::Parser;
    use std::path::Path;
    use vestibule_domain::secret::Secret;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    /// Runs one command line against the database and the key files of `directory`.
    async fn vestibule(directory: &Path, seed: u64, line: &str) -> ExitCode {
        let line = line.replace("DIR", directory.to_str().unwrap());
        let Command::Admin(command) = Cli::try_parse_from(line.split(' ')).unwrap().command else {
            panic!("not a command that ends: {line}");
        };
        run(command, Tools { now: NOW, entropy: &SeededEntropy::new(seed) }).await
    }

    fn config(directory: &Path, key: &str) -> StoreConfig {
        StoreConfig {
            database: DatabaseConfig::at(format!("sqlite:{}/data/v.db", directory.display())),
            master_key: std::fs::read_to_string(directory.join(key)).unwrap().into(),
            master_key_previous: None,
        }
    }

    async fn reads(directory: &Path, key: &str, sealed: &str) -> bool {
        let config = config(directory, key);
        let store = open(&config.database).await.unwrap();
        let Ok(vault) = open_vault(&store, &config, &SeededEntropy::new(9), NOW).await else { return false };
        vault.unseal("table/column/row", sealed).await.unwrap().expose() == "the secret"
    }

    #[tokio::test]
    async fn the_master_key_is_made_used_and_rotated() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let database = "--database-url sqlite:DIR/data/v.db";
        let ok = ExitCode::SUCCESS;
        assert_eq!(vestibule(directory, 1, "vestibule keys generate --out DIR/old.key").await, ok);
        assert_eq!(vestibule(directory, 2, "vestibule keys generate --out DIR/new.key").await, ok);
        let again = vestibule(directory, 3, "vestibule keys generate --out DIR/old.key").await;
        assert_eq!(again, ExitCode::FAILURE, "a key is never overwritten");
        let tools = Tools { now: NOW, entropy: &SeededEntropy::new(3) };
        let said = generate(Some(&directory.join("old.key")), tools).unwrap_err().to_string();
        assert!(said.ends_with("old.key is there already: a key is never replaced"), "{said}");

        let old = "--master-key-file DIR/old.key";
        let early = format!("vestibule project list {database} {old}");
        assert_eq!(vestibule(directory, 1, &early).await, ExitCode::FAILURE, "not migrated yet");
        assert_eq!(vestibule(directory, 1, &format!("vestibule migrate {database} {old}")).await, ok);
        assert_eq!(vestibule(directory, 1, &early).await, ok);

        let config = config(directory, "old.key");
        let store = open(&config.database).await.unwrap();
        let entropy = SeededEntropy::new(7);
        let vault = open_vault(&store, &config, &entropy, NOW).await.unwrap();
        let sealed = vault.seal("table/column/row", &Secret::new("the secret"), &entropy).unwrap();
        assert!(reads(directory, "old.key", &sealed).await && !reads(directory, "new.key", &sealed).await);

        let rotate = format!("vestibule keys rotate {database} --master-key-file DIR/new.key");
        assert_eq!(vestibule(directory, 1, &rotate).await, ExitCode::FAILURE, "the previous key is missing");
        let rotate = format!("{rotate} --master-key-previous-file DIR/old.key");
        assert_eq!(vestibule(directory, 1, &rotate).await, ok);
        assert!(!reads(directory, "old.key", &sealed).await && reads(directory, "new.key", &sealed).await);
        assert_eq!(vestibule(directory, 1, &rotate).await, ok, "rotating again changes nothing");
    }

    #[tokio::test]
    async fn secrets_and_keys_are_replaced_by_commands() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let with = "--database-url sqlite:DIR/data/v.db --master-key-file DIR/master.key";
        let (ok, refused) = (ExitCode::SUCCESS, ExitCode::FAILURE);
        assert_eq!(vestibule(directory, 1, "vestibule keys generate --out DIR/master.key").await, ok);
        assert_eq!(vestibule(directory, 2, &format!("vestibule migrate {with}")).await, ok);
        assert_eq!(vestibule(directory, 3, &format!("vestibule project create Acme {with}")).await, ok);
        let store = open(&config(directory, "master.key").database).await.unwrap();
        let project = store.projects().await.unwrap().remove(0).id;

        assert_eq!(vestibule(directory, 4, &format!("vestibule secret create {project} {with}")).await, ok);
        assert_eq!(
            vestibule(directory, 5, &format!("vestibule secret list {project} --json {with}")).await,
            ok
        );
        let handles: Vec<_> = store.project_secrets(project).await.unwrap();
        let handles: Vec<_> = handles.iter().map(|secret| secret.hash.hex()[..8].to_owned()).collect();
        let revoke = |handle: &str| format!("vestibule secret revoke {project} {handle} {with}");
        assert_eq!(vestibule(directory, 6, &revoke(&handles[0])).await, ok);
        assert_eq!(vestibule(directory, 7, &revoke(&handles[1])).await, refused, "the last one");
        assert_eq!(vestibule(directory, 8, &format!("{} --force", revoke(&handles[1]))).await, ok);

        for seed in [9, 10] {
            let rotate = format!("vestibule keys rotate-session {project} {with}");
            assert_eq!(vestibule(directory, seed, &rotate).await, ok);
        }
        assert_eq!(
            store.key_standings(project).await.unwrap().len(),
            3,
            "the first was made with the project"
        );
        let forget = format!("vestibule keys forget-session {project} {with}");
        assert_eq!(vestibule(directory, 11, &forget).await, ok);
        assert_eq!(store.key_standings(project).await.unwrap().len(), 1);
        for seed in [12, 13] {
            assert_eq!(vestibule(directory, seed, &format!("vestibule keys rotate-data {with}")).await, ok);
        }
        let nobody = "project-live-00000000-0000-4000-8000-000000000000";
        let unknown = format!("vestibule keys rotate-session {nobody} {with}");
        assert_eq!(vestibule(directory, 14, &unknown).await, refused);
    }
}
