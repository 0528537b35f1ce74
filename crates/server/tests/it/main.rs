//! The server through its front door: the real router on a real store, on both engines, with a test identity
//! provider behind a real loopback listener.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test that cannot go on should stop, one that is skipped should say so, and PostgreSQL is named by an environment variable"
)]

mod app;
mod browser;
mod documented;
mod program;
mod project_keys;
mod provider;
mod reply;
mod saml_idp;

mod alternatives;
mod applications;
mod backups;
mod by_mail;
mod callback;
mod directories;
mod discovery;
mod domains;
mod doors;
mod drills;
mod durability;
mod email_update;
mod endpoints;
mod error_catalogue;
mod events;
mod external;
mod former_clients;
mod front_channel;
mod garbage;
mod golden;
mod inputs;
mod limits;
mod logs;
mod mail_server;
mod management;
mod member_parts;
mod members;
mod message_bounds;
mod name_server;
mod neighbours;
mod nights;
mod oidc_learning;
mod oidc_providers;
mod oidc_refusals;
mod operator;
mod organizations;
mod outages;
mod outbox;
mod pages;
mod purposes;
mod races;
mod rbac;
mod replacing;
mod saml_connections;
mod saml_metadata;
mod saml_one_judge;
mod sdk;
mod second_factors;
mod session_migration;
mod sessions;
mod set_up;
mod settings;
mod single_use;
mod sso_oidc;
mod sso_saml;
mod sso_saml_callback;
mod sso_saml_faults;
mod sso_start;
mod tickets;
mod token_kinds;
mod traces;
mod upgrade;
mod upgrade_names;
mod upstream;
mod who_is_who;
