//! What a guide is made of: verbs, values, settings, and what many stumble over. Their sentences are in the catalogues of languages.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// Makes an enum whose names in the file, in JSON and in code are one text.
macro_rules! named {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub(crate) enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// The stable name.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )*};
}

named! {
    /// What is done in a console.
    Act {
        /// Go through menus.
        Go = "go",
        /// Press a button.
        Press = "press",
        /// Choose an entry.
        Choose = "choose",
        /// Set a field to a value of the console.
        Set = "set",
        /// Tick a box.
        Tick = "tick",
        /// Clear a box.
        Untick = "untick",
        /// Write something of one's own.
        Enter = "enter",
        /// Change a file.
        Edit = "edit",
        /// Run a command.
        Run = "run",
    }
    /// One of our values.
    Ours {
        /// Where SAML responses go (bindings 3.5).
        AcsUrl = "acs_url",
        /// The same as a regular expression that nothing else fits.
        AcsUrlPattern = "acs_url_pattern",
        /// Our entity id.
        AudienceUri = "audience_uri",
        /// Where our SAML metadata is.
        SpMetadataUrl = "sp_metadata_url",
        /// Our SAML metadata itself.
        SpMetadataXml = "sp_metadata_xml",
        /// Where codes go (RFC 6749 section 3.1.2).
        RedirectUrl = "redirect_url",
        /// Where a directory is provisioned.
        ScimBaseUrl = "scim_base_url",
        /// By what a directory is known.
        ScimToken = "scim_token",
    }
    /// One of the provider's values.
    Theirs {
        /// Where its SAML metadata is.
        MetadataUrl = "metadata_url",
        /// Its SAML metadata itself.
        MetadataXml = "metadata_xml",
        /// Where people are sent to sign in.
        SsoUrl = "sso_url",
        /// Its entity id.
        EntityId = "entity_id",
        /// The certificate by which it signs.
        Certificate = "certificate",
        /// Its issuer identifier.
        Issuer = "issuer",
        /// The tenant that its issuer names.
        TenantId = "tenant_id",
        /// The host that its issuer is.
        Domain = "domain",
        /// The client's id.
        ClientId = "client_id",
        /// The client's secret.
        ClientSecret = "client_secret",
    }
    /// What an attribute means.
    Meaning {
        /// The mail address.
        Email = "email",
        /// The whole name.
        FullName = "full_name",
        /// The given name.
        FirstName = "first_name",
        /// The family name.
        LastName = "last_name",
        /// What never changes of somebody.
        Id = "id",
        /// The groups.
        Groups = "groups",
    }
    /// A setting that a refusal can be about.
    Setting {
        /// Whom assertions are for.
        Audience = "audience",
        /// Where they go.
        AcsUrl = "acs_url",
        /// Where codes go.
        RedirectUrl = "redirect_url",
        /// By what they are signed.
        Certificate = "certificate",
        /// What is signed.
        Signing = "signing",
        /// How.
        Algorithm = "algorithm",
        /// What the subject is called.
        NameId = "name_id",
        /// What is sent of somebody.
        Attributes = "attributes",
        /// Which groups are sent.
        Groups = "groups",
        /// Who may use the application.
        Assignment = "assignment",
        /// Who the provider says that it is.
        Issuer = "issuer",
        /// The client's id.
        ClientId = "client_id",
        /// The client's secret.
        ClientSecret = "client_secret",
    }
    /// What a message of a provider is about.
    Cause {
        /// The person may not use the application.
        NotAssigned = "not_assigned",
        /// Our entity id is another there.
        EntityIdDiffers = "entity_id_differs",
        /// Another application has our entity id.
        EntityIdTwice = "entity_id_twice",
        /// Our address for answers is another there.
        AcsUrlDiffers = "acs_url_differs",
        /// Our redirect URL is not registered.
        RedirectUrlDiffers = "redirect_url_differs",
        /// The client's id is another here.
        ClientIdDiffers = "client_id_differs",
        /// The client's secret is wrong or over.
        ClientSecret = "client_secret",
        /// The client was registered as one without a secret.
        PublicClient = "public_client",
        /// The format of the subject's name cannot be had.
        NameIdFormat = "name_id_format",
        /// What an attribute is taken from is empty.
        AttributeEmpty = "attribute_empty",
        /// It wants signed requests, or has another certificate of ours.
        RequestSignature = "request_signature",
        /// Its own certificate is missing or over.
        Certificate = "certificate",
        /// Its address for sign-ins leads to something else.
        SsoUrl = "sso_url",
        /// Somebody with another account is signed in.
        OtherAccount = "other_account",
        /// The application is switched off, or gone.
        SwitchedOff = "switched_off",
        /// An administrator has to agree.
        Consent = "consent",
        /// Another issuer of the same provider is asked.
        OtherIssuer = "other_issuer",
        /// A policy of the customer refuses.
        RefusedByPolicy = "refused_by_policy",
    }
    /// What many stumble over.
    Note {
        /// Access begins at a time that is set.
        AccessAtATime = "access_at_a_time",
        /// The console's own host is not the issuer.
        AdminHostIsNoIssuer = "admin_host_is_no_issuer",
        /// The metadata's address names the application.
        AppMetadata = "app_metadata",
        /// Attributes are elsewhere in newer consoles.
        AttributesMoved = "attributes_moved",
        /// Both sides say in the same way who the client is.
        ClientMethod = "client_method",
        /// The provider's clock has to be right.
        Clock = "clock",
        /// Assertions are encrypted unless it is said otherwise.
        Encrypts = "encrypts",
        /// Nobody is kept out.
        EverybodyIsLetIn = "everybody_is_let_in",
        /// There is a file and no address.
        FileOnly = "file_only",
        /// The entity id is made up by whoever sets it up.
        FreeEntityId = "free_entity_id",
        /// Groups come as ids.
        GroupsAreIds = "groups_are_ids",
        /// Groups are picked one by one.
        GroupsArePicked = "groups_are_picked",
        /// The issuer ends with a slash.
        IssuerSlash = "issuer_slash",
        /// Addresses may come as not verified.
        MailUnverified = "mail_unverified",
        /// Of many groups none is sent.
        ManyGroupsLeftOut = "many_groups_left_out",
        /// We have to reach the provider.
        MustBeReachable = "must_be_reachable",
        /// The user name there need be no mail address.
        NameIsNotMail = "name_is_not_mail",
        /// Groups in groups do not count.
        NestedGroupsDoNotCount = "nested_groups_do_not_count",
        /// No groups are sent.
        NoGroups = "no_groups",
        /// Provisioning needs an application of its own.
        NotInAnOidcApp = "not_in_an_oidc_app",
        /// Attributes have to be added.
        NothingIsSentUnlessAdded = "nothing_is_sent_unless_added",
        /// The application is off when it is made.
        OffAtFirst = "off_at_first",
        /// We often cannot reach the provider.
        OftenUnreachable = "often_unreachable",
        /// The provider has to reach us.
        OurMetadataMustBeReachable = "our_metadata_must_be_reachable",
        /// A field takes a regular expression.
        Pattern = "pattern",
        /// Provisioning has to be started.
        ProvisioningHasToStart = "provisioning_has_to_start",
        /// A switch changes the metadata.
        RedirectEndpointFirst = "redirect_endpoint_first",
        /// Hosts differ by region.
        RegionDiffers = "region_differs",
        /// A new certificate replaces the old one at once.
        RenewingReplaces = "renewing_replaces",
        /// Each page is saved by itself.
        SaveEachPage = "save_each_page",
        /// A second rule makes the name.
        SecondRule = "second_rule",
        /// The secret ends.
        SecretEnds = "secret_ends",
        /// The secret has an id that is not it.
        SecretValue = "secret_value",
        /// SHA-1 is set at first.
        Sha1IsPreset = "sha1_is_preset",
        /// The secret is shown once.
        ShownOnce = "shown_once",
        /// It needs a source of people first.
        SourceFirst = "source_first",
        /// It takes a while to take effect.
        TakesADay = "takes_a_day",
        /// Two values look alike.
        TwoLookAlike = "two_look_alike",
        /// Changes wait for approval.
        WaitsForApproval = "waits_for_approval",
    }
}

/// Whose values a console asks for first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Ours.
    #[default]
    OursFirst,
    /// It shows its own before.
    TheirsFirst,
}

/// One thing to do in a console: a verb, and a name of the console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct Step {
    /// The verb.
    pub act: Act,
    /// What it is done to.
    pub label: String,
    /// The value that a field is set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Why a step in the file is none.
#[derive(Debug)]
pub(crate) struct NoStep(String);

impl fmt::Display for NoStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} does not begin with a verb", self.0)
    }
}

impl TryFrom<String> for Step {
    type Error = NoStep;

    fn try_from(text: String) -> Result<Self, NoStep> {
        let (verb, rest) = text.split_once(' ').unwrap_or((&text, ""));
        let (label, to) = match (verb, rest.split_once(" = ")) {
            ("set", Some((label, to))) => (label, Some(to.to_owned())),
            _ => (rest, None),
        };
        let act = match verb {
            "go" => Act::Go,
            "press" => Act::Press,
            "choose" => Act::Choose,
            "set" => Act::Set,
            "tick" => Act::Tick,
            "untick" => Act::Untick,
            "enter" => Act::Enter,
            "edit" => Act::Edit,
            "run" => Act::Run,
            _ => return Err(NoStep(text)),
        };
        Ok(Self { act, label: label.to_owned(), to })
    }
}
