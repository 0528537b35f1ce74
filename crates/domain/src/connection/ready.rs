//! Connections that members can sign in through, as a type: what starts, finishes or judges a sign-in takes one of these.

use super::{Connection, IncompleteOidc, IncompleteSaml, Protocol, ReadyOidc, ReadySaml};
use crate::refusal::{Refusal, What};

/// The settings of a connection with nothing missing.
#[derive(Clone, Copy, Debug)]
pub enum Ready<'a> {
    /// OpenID Connect.
    Oidc(ReadyOidc<'a>),
    /// SAML 2.0.
    Saml(ReadySaml<'a>),
}

impl Connection {
    /// Proves that nothing is missing.
    ///
    /// # Errors
    /// [`What::ConnectionSwitchedOff`], or [`What::ConnectionNotActive`] naming what is missing. A borrowed connection has no settings of its own: that is asked
    /// of a [`super::Route`].
    pub fn ready(&self) -> Result<Ready<'_>, Refusal> {
        self.check_switched_on()?;
        self.ready_to_test()
    }

    /// Proves that nothing is missing, whether it is switched on or not: a test signs nobody in.
    ///
    /// # Errors
    /// [`What::ConnectionNotActive`] naming what is missing.
    pub fn ready_to_test(&self) -> Result<Ready<'_>, Refusal> {
        Ok(match &self.protocol {
            Protocol::Oidc(settings) => Ready::Oidc(settings.ready()?),
            Protocol::Saml(settings) => Ready::Saml(settings.ready()?),
            Protocol::External(_) => {
                return Err(Refusal::new(What::ConnectionNotActive)
                    .because("It is borrowed, and the connection that it borrows is not there."));
            }
        })
    }
}

impl Connection {
    /// Refuses whoever would sign in through it while it is switched off.
    ///
    /// # Errors
    /// [`What::ConnectionSwitchedOff`]
    pub fn check_switched_on(&self) -> Result<(), Refusal> {
        if self.common.is_switched_off { Err(What::ConnectionSwitchedOff.into()) } else { Ok(()) }
    }
}

impl From<IncompleteOidc> for Refusal {
    fn from(incomplete: IncompleteOidc) -> Self {
        not_active(&incomplete.missing)
    }
}

impl From<IncompleteSaml> for Refusal {
    fn from(incomplete: IncompleteSaml) -> Self {
        not_active(&incomplete.missing)
    }
}

fn not_active(missing: &[&str]) -> Refusal {
    Refusal::new(What::ConnectionNotActive).because(format!("Missing: {}.", missing.join(", ")))
}
