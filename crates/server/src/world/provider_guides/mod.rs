//! Guides to the consoles of identity providers, as data: what whoever administers one meets there, in the console's own words. One
//! file, compiled in and read once (ADR 53); the set-up portal, remedies and the API show it, and nobody else knows a console's word.

mod kinds;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use vestibule_domain::connection::ProviderLabel;
use vestibule_domain::setup_link::SetupProtocol;

pub(crate) use kinds::{Act, Cause, Meaning, Note, Order, Ours, Setting, Step, Theirs};

const FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/provider_guides.toml"));

/// All guides. A file that cannot be read is none at all, which a test would find.
static GUIDES: LazyLock<Guides> = LazyLock::new(|| Guides::read(FILE).unwrap_or_default());

/// The guides of this version.
pub(crate) fn guides() -> &'static Guides {
    &GUIDES
}

/// Guides to several consoles.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guides {
    /// In the order in which people choose.
    pub providers: Vec<Provider>,
}

/// One product, with a guide for each protocol that it speaks with applications of others.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    /// The stable id.
    pub id: String,
    /// What the product is called.
    pub name: String,
    /// The label of connections to it.
    pub label: ProviderLabel,
    /// The year of the newest page on which the words were seen.
    pub seen: u16,
    /// The protocol to offer first.
    pub prefers: SetupProtocol,
    /// Signing in by SAML 2.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saml: Option<Guide>,
    /// Signing in by OpenID Connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<Guide>,
    /// Provisioning by SCIM 2.0 (RFC 7644).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scim: Option<Guide>,
}

/// What is done in one console for one protocol.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Guide {
    /// Whose values the console asks for first.
    pub order: Order,
    /// The screen where it begins. In braces stands what only the reader knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// How the application is made.
    pub create: Vec<Step>,
    /// How one comes to where our values go.
    pub enter: Vec<Step>,
    /// Our values, by the names of their fields there.
    pub ours: Vec<OurValue>,
    /// What else is set there, and how it is confirmed.
    pub confirm: Vec<Step>,
    /// The provider's values, by the names under which they are shown.
    pub theirs: Vec<TheirValue>,
    /// The issuer, where it follows from something else: in braces stands which of the provider's values that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What has to be pinned, because everybody's people have the same issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Where attributes are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes_at: Option<String>,
    /// What is to be sent of somebody.
    pub attributes: Vec<Attribute>,
    /// How people are let in.
    pub assign: Vec<Step>,
    /// What many stumble over.
    pub notes: Vec<Note>,
    /// What the provider itself says when something is wrong.
    pub messages: Vec<Message>,
    /// What the provider calls the settings that refusals are about.
    pub fields: BTreeMap<Setting, String>,
}

/// One of our values.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OurValue {
    /// Which.
    pub value: Ours,
    /// The name of its field.
    pub label: String,
}

/// One of the provider's values.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TheirValue {
    /// Which.
    pub value: Theirs,
    /// What it is called.
    pub label: String,
    /// Where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Something that is sent of somebody.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attribute {
    /// What it means.
    pub means: Meaning,
    /// The name in the provider's message.
    pub name: String,
    /// Where the provider has it from.
    pub from: String,
}

/// A message of the provider, as far as it is recognized by.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// What is shown.
    pub shown: String,
    /// What it is about.
    pub cause: Cause,
}

impl Guides {
    fn read(file: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(file)
    }

    /// The provider of an id.
    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// The first provider with a label: what is known of a connection of which nothing but the label is known.
    pub(crate) fn labelled(&self, label: ProviderLabel) -> Option<&Provider> {
        // The last is the guide for products that have none.
        let mut all = self.providers.iter().filter(|provider| provider.label == label);
        if label == ProviderLabel::Generic { all.next_back() } else { all.next() }
    }
}

impl Provider {
    /// Its guide for signing in by a protocol.
    pub(crate) const fn guide(&self, protocol: SetupProtocol) -> Option<&Guide> {
        match protocol {
            SetupProtocol::Saml => self.saml.as_ref(),
            SetupProtocol::Oidc => self.oidc.as_ref(),
        }
    }

    /// The protocols that there are guides for, the one to offer first before.
    pub(crate) fn protocols(&self) -> Vec<SetupProtocol> {
        let mut all = SetupProtocol::ALL.to_vec();
        all.sort_by_key(|protocol| *protocol != self.prefers);
        all.retain(|protocol| self.guide(*protocol).is_some());
        all
    }
}

impl Guide {
    /// What the console calls one of our values.
    pub(crate) fn ours_called(&self, value: Ours) -> Option<&str> {
        self.ours.iter().find(|ours| ours.value == value).map(|ours| ours.label.as_str())
    }

    /// What the console calls one of its own values.
    pub(crate) fn theirs_called(&self, value: Theirs) -> Option<&TheirValue> {
        self.theirs.iter().find(|theirs| theirs.value == value)
    }

    /// What the console calls the setting that a refusal is about.
    pub(crate) fn called(&self, setting: Setting) -> Option<&str> {
        let named = self.fields.get(&setting).map(String::as_str);
        named.or_else(|| match setting {
            Setting::Audience => self.ours_called(Ours::AudienceUri),
            Setting::AcsUrl => self.ours_called(Ours::AcsUrl),
            Setting::RedirectUrl => self.ours_called(Ours::RedirectUrl),
            Setting::ClientId => self.theirs_called(Theirs::ClientId).map(|theirs| theirs.label.as_str()),
            Setting::ClientSecret => {
                self.theirs_called(Theirs::ClientSecret).map(|theirs| theirs.label.as_str())
            }
            Setting::Issuer => {
                let known = [Theirs::Issuer, Theirs::TenantId, Theirs::Domain, Theirs::EntityId];
                known.iter().find_map(|value| self.theirs_called(*value)).map(|theirs| theirs.label.as_str())
            }
            Setting::Attributes => self.attributes_at.as_deref(),
            Setting::Assignment => self.assign.first().map(|step| step.label.as_str()),
            // A console that shows no certificate by itself has it in its metadata.
            Setting::Certificate => {
                let known = [Theirs::MetadataUrl, Theirs::MetadataXml];
                known.iter().find_map(|value| self.theirs_called(*value)).map(|theirs| theirs.label.as_str())
            }
            Setting::NameId | Setting::Signing | Setting::Algorithm | Setting::Groups => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The providers of the facts, and which protocols the facts describe for each: `s`aml, `o`idc, s`c`im.
    const FACTS: [(&str, &str); 19] = [
        ("microsoft-entra", "soc"),
        ("okta", "soc"),
        ("google-workspace", "so"),
        ("jumpcloud", "soc"),
        ("onelogin", "soc"),
        ("pingone", "soc"),
        ("pingfederate", "soc"),
        ("cyberark", "soc"),
        ("duo", "so"),
        ("rippling", "sc"),
        ("salesforce", "so"),
        ("keycloak", "so"),
        ("shibboleth", "s"),
        ("miniorange", "soc"),
        ("classlink", "s"),
        ("adfs", "so"),
        (OTHER_BROKER, "so"),
        ("authentik", "soc"),
        ("generic", "soc"),
    ];
    /// The other vendor of sign-ins whose id would be a word of a dialect here.
    const OTHER_BROKER: &str = concat!("auth", "0-as-provider");

    fn all() -> impl Iterator<Item = (&'static Provider, &'static str, &'static Guide)> {
        guides().providers.iter().flat_map(|provider| {
            let guides = [("saml", &provider.saml), ("oidc", &provider.oidc), ("scim", &provider.scim)];
            guides.into_iter().filter_map(move |(name, guide)| Some((provider, name, guide.as_ref()?)))
        })
    }

    #[test]
    fn the_file_reads_and_has_every_provider_and_protocol_of_the_facts() {
        Guides::read(FILE).unwrap();
        let found: Vec<(&str, String)> = guides()
            .providers
            .iter()
            .map(|provider| {
                let has = [
                    (provider.saml.is_some(), 's'),
                    (provider.oidc.is_some(), 'o'),
                    (provider.scim.is_some(), 'c'),
                ];
                (
                    provider.id.as_str(),
                    has.iter().filter(|(has, _)| *has).map(|(_, letter)| *letter).collect(),
                )
            })
            .collect();
        let expected: Vec<(&str, String)> = FACTS.iter().map(|(id, has)| (*id, (*has).to_owned())).collect();
        assert_eq!(found, expected);
        for label in ProviderLabel::ALL {
            assert!(guides().labelled(label).is_some(), "no guide for connections labelled {label:?}");
        }
        assert_eq!(guides().labelled(ProviderLabel::Generic).unwrap().id, "generic");
    }

    #[test]
    fn every_guide_says_what_is_done_from_beginning_to_end() {
        for (provider, protocol, guide) in all() {
            let at = format!("{} {protocol}", provider.id);
            let is_other = provider.id == "generic";
            assert!(is_other || !guide.create.is_empty(), "{at}: how the application is made");
            assert!(!guide.ours.is_empty(), "{at}: where our values go");
            assert!(is_other || !guide.assign.is_empty(), "{at}: how people are let in");
            let ours: BTreeSet<Ours> = guide.ours.iter().map(|ours| ours.value).collect();
            let theirs: BTreeSet<Theirs> = guide.theirs.iter().map(|theirs| theirs.value).collect();
            match protocol {
                "saml" => saml(&at, guide, &ours, &theirs),
                "oidc" => oidc(&at, guide, &ours, &theirs),
                _ => assert!(ours.contains(&Ours::ScimBaseUrl) && ours.contains(&Ours::ScimToken), "{at}"),
            }
        }
    }

    fn saml(at: &str, guide: &Guide, ours: &BTreeSet<Ours>, theirs: &BTreeSet<Theirs>) {
        let by_hand = [Theirs::SsoUrl, Theirs::EntityId, Theirs::Certificate]
            .iter()
            .all(|value| theirs.contains(value));
        let by_document = theirs.contains(&Theirs::MetadataUrl) || theirs.contains(&Theirs::MetadataXml);
        assert!(by_document || by_hand, "{at}: what comes back");
        let by_values = ours.contains(&Ours::AcsUrl) && ours.contains(&Ours::AudienceUri);
        assert!(by_values || ours.contains(&Ours::SpMetadataUrl), "{at}: what is entered");
        maps(at, guide);
        assert!(guide.called(Setting::Attributes).is_some(), "{at}: where attributes are set");
        assert!(
            guide.called(Setting::Certificate).is_some() || theirs.contains(&Theirs::MetadataUrl),
            "{at}"
        );
    }

    fn oidc(at: &str, guide: &Guide, ours: &BTreeSet<Ours>, theirs: &BTreeSet<Theirs>) {
        assert!(ours.contains(&Ours::RedirectUrl), "{at}");
        assert!(theirs.contains(&Theirs::ClientId) && theirs.contains(&Theirs::ClientSecret), "{at}");
        let asked: Vec<&str> = guide.issuer.iter().flat_map(|issuer| issuer.split('{').skip(1)).collect();
        for asked in &asked {
            let name = asked.split('}').next().unwrap();
            assert!(theirs.iter().any(|value| value.as_str() == name), "{at}: nobody is asked for {name}");
        }
        assert!(guide.issuer.is_some() || theirs.contains(&Theirs::Issuer), "{at}: the issuer");
        maps(at, guide);
    }

    fn maps(at: &str, guide: &Guide) {
        let means: BTreeSet<Meaning> = guide.attributes.iter().map(|attribute| attribute.means).collect();
        assert_eq!(means.len(), guide.attributes.len(), "{at}: an attribute twice");
        assert!(means.contains(&Meaning::Email), "{at}: an address");
        let in_parts = means.contains(&Meaning::FirstName) && means.contains(&Meaning::LastName);
        assert!(in_parts || means.contains(&Meaning::FullName), "{at}: a name");
    }

    #[test]
    fn links_lead_to_consoles_over_https_and_nothing_is_empty() {
        for (provider, protocol, guide) in all() {
            let at = format!("{} {protocol}", provider.id);
            if let Some(link) = &guide.link {
                let filled = link.replace(['{', '}'], "");
                assert!(url::Url::parse(&filled).is_ok_and(|url| url.scheme() == "https"), "{at}: {link}");
            }
            let steps = [&guide.create, &guide.enter, &guide.confirm, &guide.assign];
            for step in steps.into_iter().flatten() {
                let is_set = step.act == Act::Set;
                assert!(!step.label.is_empty() && step.to.is_some() == is_set, "{at}: {step:?}");
            }
            let labels = guide
                .ours
                .iter()
                .map(|ours| &ours.label)
                .chain(guide.theirs.iter().map(|theirs| &theirs.label));
            for label in labels.chain(guide.messages.iter().map(|message| &message.shown)) {
                assert!(!label.trim().is_empty() && label.trim() == label, "{at}: {label:?}");
            }
            let notes: BTreeSet<_> = guide.notes.iter().map(|note| note.as_str()).collect();
            assert_eq!(notes.len(), guide.notes.len(), "{at}: a note twice");
        }
    }

    #[test]
    fn every_note_and_cause_is_used_by_some_guide() {
        for note in Note::ALL {
            assert!(all().any(|(_, _, guide)| guide.notes.contains(&note)), "{note:?}");
        }
        for value in Theirs::ALL {
            assert!(all().any(|(_, _, guide)| guide.theirs_called(value).is_some()), "{value:?}");
        }
        for setting in Setting::ALL {
            assert!(all().any(|(_, _, guide)| guide.called(setting).is_some()), "{setting:?}");
        }
        for cause in Cause::ALL {
            let says = |guide: &Guide| guide.messages.iter().any(|message| message.cause == cause);
            assert!(all().any(|(_, _, guide)| says(guide)), "{cause:?}");
        }
    }
}
