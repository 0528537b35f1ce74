//! The formats a subject's name may have (SAML core 8.3).

use crate::spelled::spelled;

spelled! {
    /// The format of a `NameID`. One that is stored and this version does not know is asked for as whatever the provider
    /// means by it.
    #[derive(Default)]
    pub enum NameIdFormat else Unspecified {
        /// An e-mail address: what is asked for unless the connection says otherwise.
        #[default]
        EmailAddress = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        /// Whatever the provider means by it.
        Unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        /// An X.509 subject name.
        X509SubjectName = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
        /// A Windows account.
        WindowsDomainQualifiedName = "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName",
        /// A Kerberos principal.
        Kerberos = "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos",
        /// A system entity.
        Entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
        /// An opaque name that stays the same between this provider and this service.
        Persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        /// A name for one sign-in only: it identifies nobody the next time.
        Transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    }
}
