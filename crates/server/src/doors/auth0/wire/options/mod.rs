//! `options` of a connection, by its strategy: read into the house's own settings, and shown out of them. What is not interpreted
//! is kept and given back as it came.

mod given;
mod oidc;
mod saml;
mod shared;

use serde_json::Value;
use vestibule_domain::connection::{Connection, Protocol, Strategy};
use vestibule_domain::refusal::Refusal;
use vestibule_domain::session::SsoProtocol;

pub(crate) use given::Given;
pub(crate) use oidc::OidcIn;
pub(crate) use saml::SamlIn;

/// The options of a body, read by the strategy that they are for.
#[derive(Debug)]
pub(crate) enum OptionsIn {
    /// OpenID Connect.
    Oidc(Box<OidcIn>),
    /// SAML 2.0.
    Saml(Box<SamlIn>),
}

impl OptionsIn {
    /// Reads options, which are meant as a whole.
    ///
    /// # Errors
    /// What is missing or cannot be, with its name.
    pub(crate) fn read(given: Given, strategy: Strategy) -> Result<Self, Refusal> {
        Ok(match strategy.protocol() {
            SsoProtocol::Oidc => Self::Oidc(Box::new(OidcIn::read(given, strategy)?)),
            SsoProtocol::Saml => Self::Saml(Box::new(SamlIn::read(given, strategy)?)),
        })
    }
}

/// The options of a connection as they are shown. `secrets` says whether that is to one who may see them.
#[must_use]
pub(crate) fn show(connection: &Connection, secrets: bool) -> Value {
    match &connection.protocol {
        Protocol::Oidc(settings) => oidc::show(connection, settings, secrets),
        Protocol::Saml(settings) => saml::show(connection, settings, secrets),
        Protocol::External(_) => Value::Object(connection.kept.to_map()),
    }
}
