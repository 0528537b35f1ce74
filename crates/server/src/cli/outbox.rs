//! `vestibule outbox`: messages that wait to be delivered, and those that were given up.

use std::process::ExitCode;

use serde_json::{Value, json};
use vestibule_domain::id::MessageId;
use vestibule_store::tables::outbox::{self, MessageState, StoredMessage};
use vestibule_store::{Store, StoreError, Vault};

use super::args::OutboxCommand;
use super::open::{CliError, open, open_vault};
use super::out;
use super::run::{Tools, store};
use crate::world::config::StoreConfig;

pub(super) async fn run(command: OutboxCommand, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    match command {
        OutboxCommand::List { project, state, recipients, limit, json, config } => {
            // Only who asks for it needs the master key.
            let (store, vault) = if recipients {
                let config = StoreConfig::resolve(&config.load()?)?;
                let store = open(&config.database).await?;
                let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
                (store, Some(vault))
            } else {
                (store(*config).await?, None)
            };
            let found = store.messages(project, state.map(MessageState::from), limit).await?;
            show(&store, vault.as_deref(), &found, json).await
        }
        OutboxCommand::Retry { ids, all, config } => {
            let store = store(*config).await?;
            let ids = if all { given_up(&store).await? } else { ids };
            each(&store, &ids, "is tried again", |id| outbox::retry(id, tools.now)).await
        }
        OutboxCommand::Drop { ids, config } => {
            let store = store(*config).await?;
            each(&store, &ids, "is forgotten", outbox::drop_message).await
        }
    }
}

/// Those that can be tried again, as far as one round goes.
async fn given_up(store: &Store) -> Result<Vec<MessageId>, StoreError> {
    const MOST: u32 = 10_000;
    let found = store.messages(None, Some(MessageState::Dead), MOST).await?;
    Ok(found.into_iter().filter(|one| one.reason != outbox::EXPIRED).map(|one| one.id).collect())
}

async fn each(
    store: &Store,
    ids: &[MessageId],
    done: &str,
    write: impl Fn(MessageId) -> vestibule_store::Write,
) -> Result<ExitCode, CliError> {
    let mut outcome = ExitCode::SUCCESS;
    for id in ids {
        match store.commit(write(*id)).await {
            Ok(()) => out::answer(format_args!("{id} {done}")),
            Err(error) if error.is_guard(outbox::GIVEN_UP) => {
                out::refusal(format_args!("{id} is not among those that were given up, or has ended"));
                outcome = ExitCode::FAILURE;
            }
            Err(error) if error.is_guard(outbox::EXISTS) => {
                out::refusal(format_args!("there is no message {id}"));
                outcome = ExitCode::FAILURE;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if ids.is_empty() {
        out::remark("there is nothing to do");
    }
    Ok(outcome)
}

async fn show(
    store: &Store,
    vault: Option<&Vault>,
    found: &[StoredMessage],
    as_json: bool,
) -> Result<ExitCode, CliError> {
    let mut listed = Vec::new();
    for message in found {
        let to = match vault {
            Some(vault) => store.letter(vault, message).await?.map(|letter| letter.to.expose().to_owned()),
            None => None,
        };
        if as_json {
            listed.push(view(message, to.as_deref()));
        } else {
            out::answer(line(message, to.as_deref()));
        }
    }
    if as_json {
        out::answer(Value::from(listed));
    }
    Ok(ExitCode::SUCCESS)
}

fn line(message: &StoredMessage, to: Option<&str>) -> String {
    let StoredMessage { id, tries, due_at, created_at, .. } = message;
    let (state, purpose) = (message.state.as_str(), message.purpose.as_str());
    let when = if message.state == MessageState::Waiting { "next try" } else { "since" };
    let why = if message.reason.is_empty() { String::new() } else { format!("  {}", message.reason) };
    let to = to.map(|to| format!("  to {to}")).unwrap_or_default();
    let channel = message.channel.as_str();
    format!(
        "{id}  {state}  {channel} {purpose}  asked for {created_at}  tries {tries}  {when} {due_at}{why}{to}"
    )
}

fn view(message: &StoredMessage, to: Option<&str>) -> Value {
    let mut view = json!({
        "message_id": message.id,
        "project_id": message.project_id,
        "channel": message.channel.as_str(),
        "purpose": message.purpose.as_str(),
        "state": message.state.as_str(),
        "tries": message.tries,
        "reason": message.reason,
        "due_at": message.due_at.to_string(),
        "created_at": message.created_at.to_string(),
        "expires_at": message.expires_at.to_string(),
    });
    if let (Some(to), Some(view)) = (to, view.as_object_mut()) {
        view.insert("to".to_owned(), to.into());
    }
    view
}
