//! What the server does, whoever asks: load, decide (in the domain), save in one batch, return a view.
//! Every API dialect calls these and only translates.

pub mod abandoned;
pub mod api_secrets;
pub(crate) mod applications;
pub(crate) mod authentication;
pub(crate) mod by_mail;
pub(crate) mod change;
pub(crate) mod client_grants;
pub(crate) mod connections;
pub(crate) mod directories;
pub(crate) mod discovery;
pub(crate) mod event_view;
pub(crate) mod events;
pub(crate) mod frontend_settings;
pub(crate) mod journal;
pub(crate) mod lending;
pub(crate) mod login_sessions;
pub(crate) mod meaning;
pub(crate) mod member_parts;
pub(crate) mod members;
pub(crate) mod mfa;
pub(crate) mod migrated_sessions;
pub(crate) mod organizations;
pub mod outbox;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod redirects;
pub(crate) mod registrations;
pub mod session_keys;
pub(crate) mod session_migration;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_in_grants;
pub(crate) mod sms_codes;
pub(crate) mod sso_tokens;
pub(crate) mod views;
