//! Whether a response was asked for, which decides what it is compared with and what a refusal of it means.

use vestibule_saml::sign::MessageId;

/// Whether a response was asked for (profiles 4.1.5).
pub(super) enum Solicitation {
    /// It must answer the request with this ID.
    Solicited(MessageId),
    /// Nobody asked: the sign-in began at the provider.
    Unsolicited {
        /// Whether it sent a `RelayState` all the same.
        has_relay_state: bool,
    },
}
