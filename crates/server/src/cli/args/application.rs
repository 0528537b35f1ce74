//! Arguments about applications and the names under which a project signs people in.

use clap::Subcommand;
use vestibule_domain::application::{ApplicationKind, ClientId};
use vestibule_domain::id::ProjectId;
use vestibule_domain::project::LoginHost;

use super::ConfigArgs;

/// `vestibule application`
#[derive(Debug, Subcommand)]
pub(crate) enum ApplicationCommand {
    /// Make an application and show its credentials
    Create {
        /// The project id
        project_id: ProjectId,
        /// What people call it
        name: String,
        /// `regular_web`, `spa`, `native` or `non_interactive`
        #[arg(long, value_name = "KIND", value_parser = kind, default_value = "non_interactive")]
        kind: ApplicationKind,
        /// Where browsers may be sent after signing in; may be given several times
        #[arg(long = "callback", value_name = "URL")]
        callbacks: Vec<String>,
        /// Where browsers may be sent after signing out; may be given several times
        #[arg(long = "logout-url", value_name = "URL")]
        logout_urls: Vec<String>,
        /// A scope of the Management API that it may have, or `all`; may be given several times
        #[arg(long = "management-scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// List the applications of a project
    List {
        /// The project id
        project_id: ProjectId,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Remove an application with all that it may do; its tokens are good for nothing from then on
    Remove {
        /// The project id
        project_id: ProjectId,
        /// The client id, as the list shows it
        client_id: ClientId,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
}

/// `vestibule login-host`
#[derive(Debug, Subcommand)]
pub(crate) enum LoginHostCommand {
    /// Let a project sign people in under the name of a host
    Add {
        /// The project id
        project_id: ProjectId,
        /// The name, with its port if it has one, such as login.example.com
        host: LoginHost,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Take a name away
    Remove {
        /// The project id
        project_id: ProjectId,
        /// The name
        host: LoginHost,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// List the names of a project
    List {
        /// The project id
        project_id: ProjectId,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
}

fn kind(text: &str) -> Result<ApplicationKind, String> {
    ApplicationKind::from_name(text).ok_or_else(|| {
        let known: Vec<_> = ApplicationKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}
