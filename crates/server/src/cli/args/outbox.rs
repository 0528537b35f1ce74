//! Arguments about messages that wait.

use clap::{Subcommand, ValueEnum};
use vestibule_domain::id::{MessageId, ProjectId};
use vestibule_store::tables::outbox::MessageState;

use super::ConfigArgs;

/// `vestibule outbox`
#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// List messages, the newest first
    List {
        /// Only of this project
        #[arg(long, value_name = "PROJECT_ID")]
        project: Option<ProjectId>,
        /// Only in this state
        #[arg(long, value_enum)]
        state: Option<MessageStateArg>,
        /// Show to whom, which needs the master key
        #[arg(long)]
        recipients: bool,
        /// No more than so many
        #[arg(long, value_name = "COUNT", default_value_t = 100)]
        limit: u32,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Try again what was given up
    Retry {
        /// The ids of the messages
        #[arg(value_name = "MESSAGE_ID", required_unless_present = "all")]
        ids: Vec<MessageId>,
        /// All that have not ended
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Forget messages, whether they wait or were given up
    Drop {
        /// The ids of the messages
        #[arg(value_name = "MESSAGE_ID", required = true)]
        ids: Vec<MessageId>,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageStateArg {
    /// To be delivered
    Waiting,
    /// Given up
    Dead,
    /// Kept by `vestibule dev`
    Kept,
}

impl From<MessageStateArg> for MessageState {
    fn from(state: MessageStateArg) -> Self {
        match state {
            MessageStateArg::Waiting => Self::Waiting,
            MessageStateArg::Dead => Self::Dead,
            MessageStateArg::Kept => Self::Kept,
        }
    }
}
