//! What can be set of an application.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::keys::ApplicationKey;
use super::urls::AppUrl;
use crate::spelled::spelled;
use crate::time::Span;

spelled! {
    /// What kind of program it is, and so what it can keep to itself.
    pub enum ApplicationKind {
        /// A web application with a server of its own.
        RegularWeb = "regular_web",
        /// A page that runs in a browser: it keeps no secret.
        Spa = "spa",
        /// A program on somebody's machine or phone: it keeps no secret.
        Native = "native",
        /// A program without people.
        NonInteractive = "non_interactive",
    }
}

impl ApplicationKind {
    /// How it proves itself unless somebody says otherwise.
    #[must_use]
    pub const fn usual_proof(self) -> Proof {
        match self {
            Self::Spa | Self::Native => Proof::None,
            Self::RegularWeb | Self::NonInteractive => Proof::SecretInBody,
        }
    }
}

spelled! {
    /// How an application proves itself where it asks for tokens (RFC 6749 section 2.3, RFC 7523). Whoever proves itself by
    /// the secret may bring it in either way: both carry the same.
    pub enum Proof {
        /// Not at all: a public client, with PKCE.
        None = "none",
        /// By its secret in the body.
        SecretInBody = "client_secret_post",
        /// By its secret in the header.
        SecretInHeader = "client_secret_basic",
        /// By an assertion that it signs with its own key.
        PrivateKey = "private_key_jwt",
    }
}

impl Proof {
    /// Whether it is the secret.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::SecretInBody | Self::SecretInHeader)
    }
}

spelled! {
    /// A way to get tokens that this server has. Others may be named in the settings of an application, and open nothing.
    pub enum GrantType {
        /// A code of a sign-in (RFC 6749 section 4.1).
        AuthorizationCode = "authorization_code",
        /// Tokens of a sign-in by way of the browser.
        Implicit = "implicit",
        /// A token that brings others (RFC 6749 section 6).
        RefreshToken = "refresh_token",
        /// The application on its own account (RFC 6749 section 4.4).
        ClientCredentials = "client_credentials",
    }
}

spelled! {
    /// Whether people sign in to an application as members of an organization.
    pub enum OrganizationUsage {
        /// Never.
        Deny = "deny",
        /// Where the sign-in names one.
        Allow = "allow",
        /// Always.
        Require = "require",
    }
}

spelled! {
    /// How the organization is found out that a sign-in has to have and does not name.
    pub enum OrganizationPrompt {
        /// Not at all: such a sign-in is refused.
        None = "no_prompt",
        /// By asking for it first.
        Before = "pre_login_prompt",
        /// By asking for the address first, and then which.
        After = "post_login_prompt",
    }
}

spelled! {
    /// Whether a refresh token stays the same when it is used.
    pub enum Rotation {
        /// It stays.
        Off = "non-rotating",
        /// Each use gives another.
        On = "rotating",
    }
}

spelled! {
    /// Whether refresh tokens end by themselves.
    pub enum Expiration {
        /// They do not.
        Never = "non-expiring",
        /// They do.
        Ends = "expiring",
    }
}

/// What is done with refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefreshPolicy {
    /// Whether each use gives another.
    pub rotation: Rotation,
    /// Whether they end.
    pub expiration: Expiration,
    /// Seconds for which a token that was used is taken once more, as by a client whose answer was lost.
    pub leeway: i64,
    /// Seconds after which they end in any case.
    pub lifetime: i64,
    /// There is no such end.
    pub endless: bool,
    /// Seconds after which they end unless they are used.
    pub idle_lifetime: i64,
    /// There is no such end.
    pub endless_idle: bool,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            rotation: Rotation::Off,
            expiration: Expiration::Never,
            leeway: 0,
            lifetime: 2_592_000,
            endless: true,
            idle_lifetime: 1_296_000,
            endless_idle: true,
        }
    }
}

impl RefreshPolicy {
    /// How long a token lives in any case.
    #[must_use]
    pub fn absolute(&self) -> Option<Span> {
        let ends = self.expiration == Expiration::Ends && !self.endless;
        ends.then(|| Span::seconds(self.lifetime))
    }

    /// How long a token lives unless it is used.
    #[must_use]
    pub fn idle(&self) -> Option<Span> {
        let ends = self.expiration == Expiration::Ends && !self.endless_idle;
        ends.then(|| Span::seconds(self.idle_lifetime))
    }
}

/// What can be set. A document of an older version has what a new application has where it says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplicationSettings {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What kind of program it is.
    pub kind: ApplicationKind,
    /// Where browsers are sent after signing in.
    pub callbacks: Vec<AppUrl>,
    /// Where browsers are sent after signing out.
    pub logout_urls: Vec<AppUrl>,
    /// Origins of its pages that may take an answer by message.
    pub web_origins: Vec<AppUrl>,
    /// Further origins whose pages may ask for tokens.
    pub allowed_origins: Vec<AppUrl>,
    /// Where a sign-in begins that did not begin there.
    pub login_url: String,
    /// Its logo.
    pub logo_url: String,
    /// How it may get tokens: [`GrantType`], and whatever else it names.
    pub grant_types: Vec<String>,
    /// How it proves itself.
    pub proof: Proof,
    /// The public keys by which it does, if by those.
    pub keys: Vec<ApplicationKey>,
    /// Whether it is the vendor's own.
    pub first_party: bool,
    /// Whether people sign in as members of an organization.
    pub organization_usage: OrganizationUsage,
    /// How the organization is found out.
    pub organization_prompt: OrganizationPrompt,
    /// How long its ID tokens are good for, in seconds.
    pub id_token_seconds: i64,
    /// What is done with its refresh tokens.
    pub refresh: RefreshPolicy,
    /// What the vendor keeps with it.
    pub metadata: BTreeMap<String, String>,
    /// Settings that mean nothing here, given back as they came.
    pub others: Map<String, Value>,
}

impl Default for ApplicationSettings {
    fn default() -> Self {
        let kind = ApplicationKind::RegularWeb;
        Self {
            name: String::new(),
            description: String::new(),
            kind,
            callbacks: Vec::new(),
            logout_urls: Vec::new(),
            web_origins: Vec::new(),
            allowed_origins: Vec::new(),
            login_url: String::new(),
            logo_url: String::new(),
            grant_types: GrantType::ALL.map(|grant| grant.as_str().to_owned()).to_vec(),
            proof: kind.usual_proof(),
            keys: Vec::new(),
            first_party: true,
            organization_usage: OrganizationUsage::Allow,
            organization_prompt: OrganizationPrompt::None,
            id_token_seconds: 36_000,
            refresh: RefreshPolicy::default(),
            metadata: BTreeMap::new(),
            others: Map::new(),
        }
    }
}

impl ApplicationSettings {
    /// Whether tokens may be had in this way. Who does not prove itself never acts on its own account.
    #[must_use]
    pub fn may(&self, grant: GrantType) -> bool {
        let named = self.grant_types.iter().any(|named| named == grant.as_str());
        named && (grant != GrantType::ClientCredentials || self.proof != Proof::None)
    }

    /// Whether a browser may be sent there after signing in.
    #[must_use]
    pub fn is_callback(&self, asked: &str) -> bool {
        let native = self.kind == ApplicationKind::Native;
        self.callbacks.iter().any(|callback| callback.takes(asked, native))
    }

    /// Whether a browser may be sent there after signing out.
    #[must_use]
    pub fn is_logout_url(&self, asked: &str) -> bool {
        self.logout_urls.iter().any(|url| url.takes(asked, false))
    }
}
