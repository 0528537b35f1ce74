//! The way of a sign-in: the connection that somebody signs in through, and the one that leads to the provider. They are
//! two where the first is borrowed.

use super::{Connection, Ready, SharedIssuer};
use crate::id::{ConnectionId, ConnectionKind};
use crate::refusal::{Refusal, Via, What};
use crate::session::SsoProtocol;
use crate::tenant::Tenant;
use crate::time::Time;
use crate::vouching::Switches;

/// The connections of a way, as they were loaded.
#[derive(Clone, Debug)]
pub struct Way {
    through: Connection,
    lent: Option<Connection>,
}

impl Way {
    /// The way through a connection; `lent` is what it borrows, as far as that is there.
    ///
    /// # Errors
    /// [`What::ConnectionNotActive`] when what it borrows is not there.
    pub fn new(through: Connection, lent: Option<Connection>) -> Result<Self, Refusal> {
        let leads_somewhere = match &lent {
            Some(lent) => Route::borrowed(&through, lent).is_some(),
            None => through.borrowed().is_none(),
        };
        if leads_somewhere {
            return Ok(Self { through, lent });
        }
        Err(Refusal::new(What::ConnectionNotActive).because(
            "It is borrowed, and the connection that it borrowed was removed by the organization that lent it. Remove it here \
             too.",
        ))
    }

    /// The way.
    #[must_use]
    pub fn as_route(&self) -> Route<'_> {
        Route { through: &self.through, source: self.lent.as_ref().unwrap_or(&self.through) }
    }
}

/// The way of a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    through: &'a Connection,
    source: &'a Connection,
}

impl<'a> Route<'a> {
    /// Through a connection with a provider of its own. `None` for one that is borrowed.
    #[must_use]
    pub fn own(connection: &'a Connection) -> Option<Self> {
        connection.borrowed().is_none().then_some(Self { through: connection, source: connection })
    }

    /// Through a borrowed connection. `None` when `source` is not what it borrows.
    #[must_use]
    pub fn borrowed(through: &'a Connection, source: &'a Connection) -> Option<Self> {
        let settings = through.borrowed()?;
        let is_lent = settings.lent_id == source.id && through.lender() == Some(source.tenant());
        (is_lent && source.borrowed().is_none()).then_some(Self { through, source })
    }

    /// The connection that somebody signs in through: the members are those of its organization, and registrations and
    /// sessions name it.
    #[must_use]
    pub const fn through(self) -> &'a Connection {
        self.through
    }

    /// The connection that leads to the provider: its settings, its keys, its callback.
    #[must_use]
    pub const fn source(self) -> &'a Connection {
        self.source
    }

    /// Its id.
    #[must_use]
    pub const fn id(self) -> ConnectionId {
        self.through.id
    }

    /// Who lends the connection, if it is borrowed.
    #[must_use]
    pub fn lender(self) -> Option<Tenant> {
        self.through.lender()
    }

    /// Whether the provider is another organization's.
    #[must_use]
    pub fn is_borrowed(self) -> bool {
        self.through.borrowed().is_some()
    }

    /// The settings of the connection that leads to the provider.
    ///
    /// # Errors
    /// [`What::ConnectionSwitchedOff`], whichever of the two is; [`What::ConnectionNotActive`]; of a borrowed connection it says which one lacks something, and not what: that is for
    /// those who have it.
    pub fn ready(self) -> Result<Ready<'a>, Refusal> {
        self.through.check_switched_on()?;
        self.source.ready().map_err(|refusal| match self.is_borrowed() {
            _ if refusal.what == What::ConnectionSwitchedOff => refusal,
            false => refusal,
            true => Refusal::new(What::ConnectionNotActive).because(format!(
                "It is borrowed: it leads to the identity provider of {}, a connection of another organization, which is not \
                 active any more. Settings are missing there, which that organization or the project can complete.",
                self.source.id
            )),
        })
    }

    /// The shared issuer, if it leads to one that nothing pins to one customer ([`Connection::unpinned`]).
    #[must_use]
    pub fn unpinned(self) -> Option<SharedIssuer> {
        self.source.unpinned()
    }

    /// What the connection is set to, now. What its own organization says of a provider's people holds wherever they sign
    /// in. That whoever has an address is the person holds for the members of that organization alone.
    #[must_use]
    pub fn switches(self, now: Time) -> Switches {
        let switches = self.source.address_rules().switches(now);
        Switches {
            links_existing_members: switches.links_existing_members && !self.is_borrowed(),
            ..switches
        }
    }

    /// Whether a borrowed connection's provider speaks for the domains that the borrower has claimed.
    #[must_use]
    pub fn speaks_for_claimed_domains(self) -> bool {
        self.through.borrowed().is_some_and(|settings| settings.speaks_for_claimed_domains)
    }

    /// The protocol, for a refusal.
    #[must_use]
    pub const fn via(self) -> Via {
        match self.protocol() {
            SsoProtocol::Oidc => Via::Oidc,
            SsoProtocol::Saml => Via::Saml,
        }
    }

    /// The protocol that the provider speaks.
    #[must_use]
    pub const fn protocol(self) -> SsoProtocol {
        match self.source.id.kind() {
            ConnectionKind::Oidc => SsoProtocol::Oidc,
            ConnectionKind::Saml | ConnectionKind::External => SsoProtocol::Saml,
        }
    }
}
