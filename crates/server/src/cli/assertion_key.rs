//! `vestibule keys rotate-assertion`: the key by which a connection proves itself to its identity provider.

use std::process::ExitCode;

use vestibule_domain::connection::ClientAssertionKey;
use vestibule_domain::event::EventKind;
use vestibule_domain::id::{ClientAssertionKeyId, ConnectionId};
use vestibule_domain::time::{Span, Time};
use vestibule_store::tables::connections;
use vestibule_store::{Batch, Store, StoreError, Vault};

use super::args::AssertionKeyArgs;
use super::audit::event_of_connection;
use super::known::unknown_connection;
use super::open::{CliError, open, open_vault};
use super::out;
use super::run::Tools;
use crate::world::config::StoreConfig;
use crate::world::keyring::generate_rsa;

/// When a new key takes the place of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// At this moment; both are published, so that the provider has read the new one by then.
    At(Time),
    /// Now, because the one before has leaked: it is not published any more.
    Leaked,
}

pub(super) async fn run(arguments: AssertionKeyArgs, tools: Tools<'_>) -> Result<ExitCode, CliError> {
    let AssertionKeyArgs { connection_id: id, after_hours, leaked, config } = arguments;
    let config = StoreConfig::resolve(&config.load()?)?;
    let store = open(&config.database).await?;
    let vault = open_vault(&store, &config, tools.entropy, tools.now).await?;
    let signs_from = tools.now.plus(Span::minutes(i64::from(after_hours) * 60));
    let handover = if leaked { Handover::Leaked } else { Handover::At(signs_from) };
    let new = rotate(&store, &vault, id, handover, tools).await?;
    out::answer(format_args!("{id} has the new key {new} for client assertions"));
    match handover {
        Handover::Leaked => out::remark(
            "it signs from now on, and no other is published. Let the provider read the keys again: until then it refuses \
             this connection",
        ),
        Handover::At(moment) => out::remark(format_args!(
            "it is published and signs from {moment}; the one before stays published for a day longer. A provider that \
             does not read the keys by itself has to be given the new one before"
        )),
    }
    Ok(ExitCode::SUCCESS)
}

/// Gives a connection a new key for its client assertions.
///
/// # Errors
/// No such connection, one without a key, one that changes meanwhile, or the store's.
pub async fn rotate(
    store: &Store,
    vault: &Vault,
    id: ConnectionId,
    handover: Handover,
    tools: Tools<'_>,
) -> Result<ClientAssertionKeyId, CliError> {
    let found = store.connection_at_callback(vault, id).await?;
    let Some(mut connection) = found else {
        return Err(CliError::Refused(unknown_connection(store, id).await?));
    };
    let loaded = connection.version;
    let key = ClientAssertionKey {
        id: ClientAssertionKeyId::generate(id.environment(), tools.entropy),
        private_key: generate_rsa().map_err(|failure| CliError::Refused(failure.to_string()))?,
        created_at: tools.now,
    };
    let new = key.id;
    let given = match handover {
        Handover::At(moment) => connection.rotate_client_assertion_key(key, moment, tools.now),
        Handover::Leaked => connection.replace_client_assertion_key(key, tools.now),
    };
    given?;
    let about = ("key_id", new.to_string());
    let event = event_of_connection(&connection, EventKind::AssertionKeyRotated, about, tools);
    let write = connections::update(&connection, loaded, vault, tools.entropy)?;
    store.commit(Batch::from(write).with([event])).await.map_err(in_words)?;
    Ok(new)
}

fn in_words(error: StoreError) -> CliError {
    if error.is_guard(connections::VERSION) {
        return CliError::Refused("the connection has changed meanwhile: try again".to_owned());
    }
    error.into()
}
