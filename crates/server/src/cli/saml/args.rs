//! `vestibule saml`: its arguments, as the help shows them.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use vestibule_saml::UnixMillis;

use crate::cli::ConfigArgs;

/// `vestibule saml`
#[derive(Debug, Subcommand)]
pub(crate) enum SamlCommand {
    /// Judge a SAML response offline, exactly as the server would, and say what every check found
    ///
    /// With --connection everything it is judged by is that connection's; without, it is what is given here. Nothing is fetched
    /// and nothing is stored. Exit status: 0 accepted, 1 refused, 2 unusable input.
    Verify(VerifyArgs),
    /// Explain what a metadata document offers and what is wrong with it
    ///
    /// Exit status: 0 usable, 1 not usable, 2 the document could not be had.
    Metadata(MetadataArgs),
}

/// `vestibule saml verify`
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("provider").required(true).args(["connection", "metadata", "certificates"]))]
pub(crate) struct VerifyArgs {
    /// The response: a file, or - for standard input; XML, its base64, or the whole body of the form post
    #[arg(value_name = "FILE", default_value = "-")]
    pub response: PathBuf,
    /// The connection that it came to: its keys, addresses and switches are taken from the store
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["idp_entity_id", "acs_urls", "audiences", "unsolicited_in_response_to", "decryption_keys",
            "legacy_sha1", "legacy_inclusive_c14n"]
    )]
    pub connection: Option<String>,
    /// The identity provider's metadata
    #[arg(long, value_name = "FILE")]
    pub metadata: Option<PathBuf>,
    /// Instead of metadata: a signing certificate of the provider (PEM); may be given several times
    #[arg(long = "certificate", value_name = "FILE", requires = "idp_entity_id")]
    pub certificates: Vec<PathBuf>,
    /// The provider's entity id: needed with --certificate, and to choose one of several in the metadata
    #[arg(long, value_name = "ENTITY ID")]
    pub idp_entity_id: Option<String>,
    /// The assertion consumer service that the response must be for; further ones are alternatives
    #[arg(long = "acs-url", value_name = "URL", required_unless_present = "connection")]
    pub acs_urls: Vec<String>,
    /// The audience that the assertion must be for; further ones are alternatives
    #[arg(long = "audience", value_name = "ENTITY ID", required_unless_present = "connection")]
    pub audiences: Vec<String>,
    /// The ID of the request that is answered; without it, the provider must have started by itself
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// The InResponseTo that the provider writes where it answers nothing, as a connection may allow it
    #[arg(long, value_name = "ID", conflicts_with = "request_id")]
    pub unsolicited_in_response_to: Option<String>,
    /// A private key (PEM) that the assertion may be encrypted for; may be given several times
    #[arg(long = "decryption-key", value_name = "FILE")]
    pub decryption_keys: Vec<PathBuf>,
    /// Judge as of this time (such as 2026-02-28T12:00:00Z) instead of now
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub now: Option<UnixMillis>,
    /// Accept SHA-1, as a connection with this legacy switch does
    #[arg(long)]
    pub legacy_sha1: bool,
    /// Accept inclusive canonicalisation, as a connection with this legacy switch does
    #[arg(long)]
    pub legacy_inclusive_c14n: bool,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Settings: where the connection is stored.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

/// `vestibule saml metadata`
#[derive(Args, Clone, Debug)]
pub(crate) struct MetadataArgs {
    /// A file, - for standard input, or an address that is fetched as the server would
    #[arg(value_name = "FILE|URL")]
    pub source: String,
    /// Which provider is meant, when the document describes several
    #[arg(long, value_name = "ENTITY ID")]
    pub idp_entity_id: Option<String>,
    /// Judge dates as of this time (such as 2026-02-28T12:00:00Z) instead of now
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub now: Option<UnixMillis>,
    /// Also take addresses of this machine by plain http, as `vestibule dev` does
    #[arg(long)]
    pub allow_loopback: bool,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Settings: what may be fetched.
    #[command(flatten)]
    pub config: Box<ConfigArgs>,
}

fn time(text: &str) -> Result<UnixMillis, String> {
    UnixMillis::from_xs_date_time(text).map_err(|error| error.to_string())
}
