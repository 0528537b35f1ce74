//! The tables: one module each, with its statements, its reads on [`crate::Store`] and its writes as values.
//!
//! An operation loads through `Store`, decides, and commits a [`crate::Batch`] of the writes these modules
//! make. Every look-up names the project; those by a globally unique secret or id say why they do not.

pub mod application_connections;
pub mod applications;
pub mod cleanup;
pub mod client_grants;
pub mod connection_lists;
pub mod connection_tests;
pub mod connections;
pub mod directories;
pub mod directory_groups;
pub mod directory_traces;
pub mod directory_users;
pub mod domain_proofs;
pub mod email_codes;
pub mod events;
pub mod frontend_settings;
pub mod homes;
pub mod intermediate;
pub mod keys;
pub mod lending;
pub mod login_hosts;
pub mod login_sessions;
pub mod login_settings;
pub mod logins;
pub mod magic_links;
pub mod members;
pub mod mfa_attempts;
pub mod notices;
pub mod organizations;
pub mod outbox;
mod outlook;
pub mod people;
pub mod policies;
pub mod projects;
pub mod quotas;
pub mod redirects;
pub mod refreshes;
pub mod registrations;
mod removal;
pub mod replays;
pub mod retired_emails;
pub mod role_uses;
mod row;
pub mod search;
pub mod session_migrations;
pub mod sessions;
pub mod setup_links;
pub mod sign_in_grants;
pub mod sign_outs;
pub mod sms_codes;
pub mod together;
pub mod tokens;
pub mod totp;
pub mod traces;

use crate::vault::SealedColumn;

/// Every column that holds sealed texts.
pub(crate) const SEALED: &[SealedColumn] = &[
    applications::SEALED,
    connections::SEALED,
    connections::SEALED_KEYS,
    keys::SEALED,
    outbox::SEALED,
    sessions::SEALED,
    totp::SEALED,
];

/// Every statement of a hold that locks, for the same test.
#[must_use]
pub fn locked() -> Vec<&'static str> {
    [
        connections::LOCKED,
        login_sessions::LOCKED,
        directories::LOCKED,
        members::LOCKED,
        organizations::LOCKED,
        projects::LOCKED,
        registrations::LOCKED,
        sessions::LOCKED,
    ]
    .concat()
}

/// Every other fixed statement of the store, for the test that prepares them all on both engines.
#[must_use]
pub fn statements() -> Vec<&'static str> {
    [
        crate::migrate::ALL,
        crate::store::ALL,
        crate::upgrade::ALL,
        crate::vault::ALL,
        application_connections::ALL,
        applications::ALL,
        cleanup::ALL,
        client_grants::ALL,
        connection_tests::ALL,
        connections::ALL,
        directories::ALL,
        directory_groups::ALL,
        directory_traces::ALL,
        directory_users::ALL,
        email_codes::ALL,
        events::ALL,
        intermediate::ALL,
        keys::ALL,
        lending::ALL,
        login_hosts::ALL,
        login_sessions::ALL,
        login_settings::ALL,
        logins::ALL,
        magic_links::ALL,
        members::ALL,
        mfa_attempts::ALL,
        notices::ALL,
        organizations::ALL,
        outbox::ALL,
        outlook::ALL,
        policies::ALL,
        projects::ALL,
        quotas::ALL,
        redirects::ALL,
        removal::all().as_slice(),
        refreshes::ALL,
        registrations::ALL,
        replays::ALL,
        retired_emails::ALL,
        frontend_settings::ALL,
        homes::ALL,
        session_migrations::ALL,
        role_uses::ALL,
        sessions::ALL,
        domain_proofs::ALL,
        setup_links::ALL,
        sign_in_grants::ALL,
        sms_codes::ALL,
        tokens::ALL,
        totp::ALL,
        traces::ALL,
    ]
    .concat()
}
