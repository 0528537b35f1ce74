//! The commands and their arguments, as the help shows them.

mod application;
mod outbox;
mod project;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;
use vestibule_domain::id::{ConnectionId, MemberId, OrganizationId, ProjectId, RegistrationId};
use vestibule_domain::redirect::RedirectKind;
use vestibule_domain::secret::Secret;
use vestibule_domain::time::Time;

pub(crate) use application::{ApplicationCommand, LoginHostCommand};
pub(crate) use outbox::OutboxCommand;
pub(crate) use project::{ProjectCommand, SdkArgs, SdkCommand};

use super::saml::SamlCommand;
use crate::world::config::{self, ConfigError, Settings};

/// Self-hosted enterprise single sign-on for B2B SaaS
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The two ways to serve, and everything else.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try it: embedded store, test identity provider and sample application, on this machine only
    Dev(DevArgs),
    /// Serve in production
    Serve(ConfigArgs),
    /// The commands that answer and end.
    #[command(flatten)]
    Admin(AdminCommand),
}

/// Commands that answer and end.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Bring the database to the form this version needs
    Migrate(MigrateArgs),
    /// Copy the embedded database, also while a server uses it, and look the copy through
    Backup {
        /// The file to make; an existing one is never touched
        file: PathBuf,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Put a backup in the place of the embedded database, while no server runs; what was there is kept beside it
    Restore {
        /// The backup
        file: PathBuf,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Projects: one per product that uses this server
    Project {
        /// What to do.
        #[command(subcommand)]
        command: ProjectCommand,
    },
    /// The API secrets of a project: make another, look at them, end one
    Secret {
        /// What to do.
        #[command(subcommand)]
        command: SecretCommand,
    },
    /// Programs with credentials of their own: make one, look at them, remove one
    Application {
        /// What to do.
        #[command(subcommand)]
        command: ApplicationCommand,
    },
    /// Under which names of hosts a project signs people in; needed by installations with several projects
    LoginHost {
        /// What to do.
        #[command(subcommand)]
        command: LoginHostCommand,
    },
    /// How members are tied to subjects at connections: look, release, relink
    Registration {
        /// What to do.
        #[command(subcommand)]
        command: RegistrationCommand,
    },
    /// Where a browser may be sent after signing in
    RedirectUrl {
        /// What to do.
        #[command(subcommand)]
        command: RedirectUrlCommand,
    },
    /// Roles, resources and actions that a project adds to the built-in ones: look, compare, change
    Rbac {
        /// What to do.
        #[command(subcommand)]
        command: RbacCommand,
    },
    /// The keys that seal what is stored and that sign session tokens
    Keys {
        /// What to do.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Messages to people: what waits, what was given up and why; try again, forget
    Outbox {
        /// What to do.
        #[command(subcommand)]
        command: OutboxCommand,
    },
    /// Judge SAML responses and metadata offline, for support work
    Saml {
        /// What to do.
        #[command(subcommand)]
        command: SamlCommand,
    },
    /// The audit trail of a project, the newest first
    Audit(AuditArgs),
    /// What a sign-in found, check by check, by the request id that its page or a log line shows
    Trace(TraceArgs),
    /// The settings: what applies, from all sources
    Config {
        /// What to do.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Check configuration, database, clock, keys and outbound reach, and say what to do
    Doctor(DoctorArgs),
    /// Ask the server of this machine whether it can serve now; exits with 1 when it cannot
    Health(Box<ConfigArgs>),
    /// Write the completions of a shell to stdout
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a directory
    Man {
        /// The directory
        directory: PathBuf,
    },
}

/// `vestibule dev`
#[derive(Args, Clone, Debug)]
pub(crate) struct DevArgs {
    /// Address and port to serve on; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,
    /// Where database and keys are kept
    #[arg(long, value_name = "DIRECTORY", default_value = config::DEFAULT_DATA_DIR)]
    pub data_dir: PathBuf,
    /// Where browsers are sent after signing in, instead of the sample application
    #[arg(long, value_name = "URL")]
    pub default_redirect_url: Option<Url>,
    /// A file that appears when the server is ready, with its address and credentials as JSON
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// A PostgreSQL database to use instead of the embedded one; it is migrated at start
    #[arg(long, env = "VESTIBULE_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<Secret>,
    /// Serve https, with an authority of this machine that is made at the first start and kept in the data directory; the ready file
    /// names its certificate, which clients have to trust
    #[arg(long)]
    pub tls: bool,
    /// Log warnings only
    #[arg(long)]
    pub quiet: bool,
}

/// Where the settings of a command come from.
#[derive(Args, Clone, Debug)]
pub(crate) struct ConfigArgs {
    /// The configuration file; vestibule.toml when it is there
    #[arg(long, env = "VESTIBULE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Values that win over the file.
    #[command(flatten)]
    pub settings: Settings,
}

impl ConfigArgs {
    /// Flags and environment over the file.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or has a key that is not known.
    pub(crate) fn load(self) -> Result<Settings, ConfigError> {
        config::load(self.settings, self.config.as_deref())
    }
}

/// `vestibule config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting that is given, without secrets
    Print(Box<ConfigArgs>),
}

/// `vestibule audit`
#[derive(Args, Clone, Debug)]
pub(crate) struct AuditArgs {
    /// The project id
    pub project_id: ProjectId,
    /// Only in this organization, by its id
    #[arg(long, value_parser = organization)]
    pub organization: Option<OrganizationId>,
    /// Only of this kind, such as connection.update
    #[arg(long)]
    pub action: Option<String>,
    /// Only what was done to this, by its id
    #[arg(long, value_name = "ID")]
    pub object: Option<String>,
    /// Only at this time or later, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<Time>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<Time>,
    /// No more than so many
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<u64>,
    /// For people, or one JSON object a line with everything
    #[arg(long, value_enum, default_value_t = AuditFormat::Text)]
    pub format: AuditFormat,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

/// `vestibule trace`
#[derive(Args, Clone, Debug)]
pub(crate) struct TraceArgs {
    /// The id of the request that ended the sign-in, or began one that nobody finished; or the id of its trace
    #[arg(value_name = "REQUEST_ID")]
    pub id: String,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

/// Reads a time on the command line.
fn time(text: &str) -> Result<Time, String> {
    Time::from_rfc3339(text).ok_or_else(|| "expected a time such as 2026-01-31T00:00:00Z".to_owned())
}

/// Reads the id of an organization, which need not be there any more.
fn organization(text: &str) -> Result<OrganizationId, String> {
    text.parse().map_err(|_| "expected the id of an organization".to_owned())
}

/// How the audit trail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    /// A line for people
    Text,
    /// A JSON object a line
    Ndjson,
}

/// `vestibule migrate`
#[derive(Args, Clone, Debug)]
pub(crate) struct MigrateArgs {
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `vestibule secret`
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Make another secret and show it for the only time; those there are stay good
    Create {
        /// The project id
        project_id: ProjectId,
        /// What to call it, such as what uses it
        #[arg(long)]
        name: Option<String>,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// List the secrets of a project by their handles: the beginning of what sha256sum says of the secret
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
    /// End a secret: from now on it is refused
    Revoke {
        /// The project id
        project_id: ProjectId,
        /// The handle, as the list shows it
        handle: String,
        /// Also when no other secret is good, which stops every API call of the project
        #[arg(long)]
        force: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
}

/// `vestibule registration`
#[derive(Debug, Subcommand)]
pub(crate) enum RegistrationCommand {
    /// List the registrations of a member
    List {
        /// Whose.
        #[command(flatten)]
        member: RegisteredArgs,
    },
    /// Take a registration away: its sessions end, and the next sign-in with the member's address makes another
    Release {
        /// Whose.
        #[command(flatten)]
        member: RegisteredArgs,
        /// The registration id, as the list shows it
        registration_id: RegistrationId,
    },
    /// Let a registration lead to another subject of the same connection; sessions of the old one end
    Relink {
        /// Whose.
        #[command(flatten)]
        member: RegisteredArgs,
        /// The registration id, as the list shows it
        registration_id: RegistrationId,
        /// What the identity provider calls the person now
        subject: String,
    },
}

/// Whose registrations.
#[derive(Args, Clone, Debug)]
pub(crate) struct RegisteredArgs {
    /// The project id
    pub project_id: ProjectId,
    /// The member id
    pub member_id: MemberId,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

/// `vestibule redirect-url`
#[derive(Debug, Subcommand)]
pub(crate) enum RedirectUrlCommand {
    /// Allow a URL
    Add {
        /// Project, URL and kinds.
        #[command(flatten)]
        target: RedirectUrlArgs,
        /// Use it when a request names none
        #[arg(long)]
        default: bool,
    },
    /// Allow a URL no longer
    Remove {
        /// Project, URL and kinds.
        #[command(flatten)]
        target: RedirectUrlArgs,
    },
    /// Use an allowed URL when a request names none
    Default {
        /// Project, URL and kinds.
        #[command(flatten)]
        target: RedirectUrlArgs,
    },
    /// List what is allowed
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
}

/// Which redirect URL.
#[derive(Args, Clone, Debug)]
pub(crate) struct RedirectUrlArgs {
    /// The project id
    pub project_id: ProjectId,
    /// The exact URL: https, compared letter by letter
    pub url: String,
    /// login, signup, invite, reset_password, discovery or logout; may be given several times
    #[arg(long = "kind", value_name = "KIND", value_parser = redirect_kind, default_values = ["login", "signup"])]
    pub kinds: Vec<RedirectKind>,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

fn redirect_kind(text: &str) -> Result<RedirectKind, String> {
    RedirectKind::from_name(text).ok_or_else(|| {
        let known: Vec<_> = RedirectKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

/// `vestibule rbac`
#[derive(Debug, Subcommand)]
pub(crate) enum RbacCommand {
    /// Write the policy of a project as JSON, with what is built in: a file to change and apply
    Show {
        /// The project id
        project_id: ProjectId,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Say what a file would change, and what that does to roles that are assigned; changes nothing
    Diff {
        /// Project and file.
        #[command(flatten)]
        target: PolicyArgs,
    },
    /// Put the policy of a file in force, on every node with the next request; without --yes it is only compared
    Apply {
        /// Project and file.
        #[command(flatten)]
        target: PolicyArgs,
        /// Do it
        #[arg(long)]
        yes: bool,
        /// Also when roles that go or come are assigned somewhere
        #[arg(long)]
        force: bool,
    },
}

/// Which policy for which project.
#[derive(Args, Clone, Debug)]
pub(crate) struct PolicyArgs {
    /// The project id
    pub project_id: ProjectId,
    /// The policy as JSON, in the shape in which it is shown; - for standard input
    pub file: PathBuf,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

/// `vestibule keys`
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a master key, on stdout or in a new file that only its owner can read
    Generate {
        /// The file to make; an existing one is never touched
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Master key: put all data keys under the current one; needs the previous one too
    Rotate {
        /// The previous key is in wrong hands, and so is what it sealed: make a new data key too, and seal everything again
        #[arg(long)]
        leaked: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Data keys, which seal secrets in the database: make a new one and seal everything with it again
    RotateData(Box<ConfigArgs>),
    /// Data keys: forget the retired ones, after sealing again what servers have sealed with them meanwhile
    ForgetData {
        /// Also those that were retired in the last five minutes, when servers may not know it yet
        #[arg(long)]
        force: bool,
        /// Settings.
        #[command(flatten)]
        config: Box<ConfigArgs>,
    },
    /// Session keys, which sign a project's session tokens: make a new one; nobody is signed out
    RotateSession(ProjectKeysArgs),
    /// Session keys: forget a project's retired ones now, instead of 30 days after
    ForgetSession(ProjectKeysArgs),
    /// Assertion key, by which an OpenID Connect connection proves itself to its provider: make a new one
    RotateAssertion(AssertionKeyArgs),
}

/// Which connection's key.
#[derive(Args, Clone, Debug)]
pub(crate) struct AssertionKeyArgs {
    /// The connection id
    pub connection_id: ConnectionId,
    /// When the new key begins to sign; it is published at once, so that the provider can read it before
    #[arg(long, value_name = "HOURS", default_value_t = 24, conflicts_with = "leaked")]
    pub after_hours: u32,
    /// The key is in wrong hands: sign with the new one at once, and publish no other
    #[arg(long)]
    pub leaked: bool,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

/// Whose session keys.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProjectKeysArgs {
    /// The project id
    pub project_id: ProjectId,
    /// Settings.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

/// `vestibule doctor`
#[derive(Args, Clone, Debug)]
pub(crate) struct DoctorArgs {
    /// Also fetch this URL the way an identity provider is fetched, such as a discovery document
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}
