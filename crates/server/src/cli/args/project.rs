//! Arguments about projects.

use clap::{Args, Subcommand, ValueEnum};
use vestibule_domain::id::{Environment, ProjectId};

use super::ConfigArgs;

/// `vestibule project`
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Make a project and show its credentials, the secret for the only time
    Create {
        /// What people call it
        name: String,
        /// test or live: stands in every id, so that the two are never confused
        #[arg(long, value_enum, default_value_t = EnvironmentArg::Live)]
        environment: EnvironmentArg,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// List all projects
    List {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Call a project something else
    Rename {
        /// The project id
        project_id: ProjectId,
        /// What people are to call it
        name: String,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Remove a project with everything in it; without --yes it is only counted
    Remove {
        /// The project id
        project_id: ProjectId,
        /// Do it
        #[arg(long)]
        yes: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Show one project
    Show {
        /// The project id
        project_id: ProjectId,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// What browsers and phones may ask a project for: look, change
    Sdk {
        /// What to do.
        #[command(subcommand)]
        command: SdkCommand,
    },
}

/// test or live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EnvironmentArg {
    /// For trying out
    Test,
    /// For customers
    Live,
}

impl From<EnvironmentArg> for Environment {
    fn from(environment: EnvironmentArg) -> Self {
        match environment {
            EnvironmentArg::Test => Self::Test,
            EnvironmentArg::Live => Self::Live,
        }
    }
}

/// `vestibule project sdk`
#[derive(Debug, Subcommand)]
pub(crate) enum SdkCommand {
    /// Show the settings
    Show {
        /// The project id
        project_id: ProjectId,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Change what is given, on every node with the next request
    Set(Box<SdkArgs>),
}

/// What is to be changed.
#[derive(Args, Clone, Debug)]
pub(crate) struct SdkArgs {
    /// The project id
    pub project_id: ProjectId,
    /// Serve pages of this origin, such as https://app.example.com; may be given several times
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub allow: Vec<String>,
    /// Serve pages of this origin no longer; may be given several times
    #[arg(long = "remove-origin", value_name = "ORIGIN")]
    pub remove: Vec<String>,
    /// Serve callers that name no origin: applications on phones, and programs
    #[arg(long, value_name = "true|false")]
    pub native_apps: Option<bool>,
    /// Let members do what their roles allow: change their organization, its connections and its members
    #[arg(long, value_name = "true|false")]
    pub member_actions: Option<bool>,
    /// Let somebody who has shown an address make an organization
    #[arg(long, value_name = "true|false")]
    pub organization_creation: Option<bool>,
    /// The longest session that may be asked for
    #[arg(long, value_name = "MINUTES")]
    pub max_session_minutes: Option<i64>,
    /// Refuse sign-ins through connections that begin without a PKCE challenge
    #[arg(long, value_name = "true|false")]
    pub pkce_for_sso: Option<bool>,
    /// Refuse magic links that are asked for without a PKCE challenge
    #[arg(long, value_name = "true|false")]
    pub pkce_for_magic_links: Option<bool>,
    /// Keep sessions in cookies that no script reads, and never show them
    #[arg(long, value_name = "true|false")]
    pub http_only_cookies: Option<bool>,
    /// The domain of those cookies; empty for the host of the server alone
    #[arg(long, value_name = "DOMAIN")]
    pub cookie_domain: Option<String>,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}
