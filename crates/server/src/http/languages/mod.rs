//! What pages and messages say, one file a language. A text that a language lacks does not compile; the tests hold the placeholders
//! together.
//!
//! A language is added by a file beside these and a variant of [`Language`]. What an administrator reads in the folded part
//! of a refusal stays English: it is what the API, the logs and the documentation say.

mod de;
mod en;
mod es;
mod fr;
mod ja;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use vestibule_domain::refusal::Concern;

use super::accept::weight;

/// A language that pages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, for everybody whose language is not here.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Japanese.
    Japanese,
}

impl Language {
    /// Every language.
    pub(crate) const ALL: [Self; 5] =
        [Self::English, Self::German, Self::French, Self::Spanish, Self::Japanese];

    /// The language that whoever asks likes best. Programs name none, as a rule.
    #[must_use]
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        accepted.map(Self::look_up).unwrap_or_default()
    }

    /// The language that `Accept-Language` likes best, by the look-up of RFC 4647 section 3.4: each range is shortened
    /// from its end until it names one. English, if none does.
    #[must_use]
    fn look_up(accept: &str) -> Self {
        let mut ranges: Vec<(f32, &str)> = accept.split(',').filter_map(range).collect();
        // Stable: of equally welcome ones the first is meant.
        ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        ranges.into_iter().find_map(|(_, range)| Self::of(range)).unwrap_or_default()
    }

    /// The language of a range. `de-CH-1901` is German; `*` is none in particular.
    pub(crate) fn of(range: &str) -> Option<Self> {
        let mut range = range;
        loop {
            if let Some(found) = Self::ALL.into_iter().find(|known| known.tag().eq_ignore_ascii_case(range)) {
                return Some(found);
            }
            range = range.rsplit_once('-')?.0;
        }
    }

    /// The language's tag, for `lang`.
    #[must_use]
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Japanese => "ja",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Japanese => "日本語",
        }
    }

    /// What pages say in it.
    #[must_use]
    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &en::TEXTS,
            Self::German => &de::TEXTS,
            Self::French => &fr::TEXTS,
            Self::Spanish => &es::TEXTS,
            Self::Japanese => &ja::TEXTS,
        }
    }
}

/// A part of `Accept-Language` that is welcome at all.
fn range(part: &str) -> Option<(f32, &str)> {
    let mut words = part.split(';').map(str::trim);
    let range = words.next()?;
    weight(words).filter(|weight| *weight > 0.0).map(|weight| (weight, range))
}

/// What a person is told of one kind of trouble.
pub(crate) struct Told {
    /// In a few words.
    pub(crate) title: &'static str,
    /// What has happened.
    pub(crate) sentence: &'static str,
    /// What to do.
    pub(crate) advice: &'static str,
}

/// Declares the texts, and lists them for the tests.
macro_rules! texts {
    (
        told { $($(#[$told_doc:meta])* $told:ident = $concern:ident,)* }
        said { $($(#[$said_doc:meta])* $said:ident,)* }
    ) => {
        /// All that pages say in one language.
        pub(crate) struct Texts {
            $($(#[$told_doc])* $told: Told,)*
            $($(#[$said_doc])* pub(crate) $said: &'static str,)*
        }

        impl Texts {
            /// What a person is told of this kind of trouble.
            pub(crate) const fn told(&self, concern: Concern) -> &Told {
                match concern {
                    $(Concern::$concern => &self.$told,)*
                }
            }

            #[cfg(test)]
            fn all(&self) -> Vec<(String, &'static str)> {
                let mut all = Vec::new();
                $(for (part, text) in
                    [("title", self.$told.title), ("sentence", self.$told.sentence), ("advice", self.$told.advice)]
                {
                    all.push((format!("{}.{part}", stringify!($told)), text));
                })*
                $(all.push((stringify!($said).to_owned(), self.$said));)*
                all
            }
        }
    };
}

texts! {
    told {
        /// [`Concern::Ours`]
        ours = Ours,
        /// [`Concern::Busy`]
        busy = Busy,
        /// [`Concern::ProviderSilent`]
        provider_silent = ProviderSilent,
        /// [`Concern::Over`]
        over = Over,
        /// [`Concern::OtherBrowser`]
        other_browser = OtherBrowser,
        /// [`Concern::BeginAtApplication`]
        begin_at_application = BeginAtApplication,
        /// [`Concern::Declined`]
        declined = Declined,
        /// [`Concern::ProviderFailed`]
        provider_failed = ProviderFailed,
        /// [`Concern::NoAccess`]
        no_access = NoAccess,
        /// [`Concern::Identity`]
        identity = Identity,
        /// [`Concern::Setup`]
        setup = Setup,
        /// [`Concern::Link`]
        link = Link,
        /// [`Concern::NoPage`]
        no_page = NoPage,
        /// [`Concern::NotThisWay`]
        not_this_way = NotThisWay,
        /// [`Concern::ForPrograms`]
        for_programs = ForPrograms,
    }
    said {
        /// What stands above a page that belongs to no product.
        service,
        /// A link that begins the sign-in anew.
        sign_in_again,
        /// A link to the application; with `{product}`.
        back_to,
        /// Whom to ask; with `{contact}`.
        help,
        /// Before the request's id.
        reference,
        /// Opens what an administrator reads.
        administrators,
        /// Before the name of an error.
        code,
        /// Before what was found.
        found,
        /// Before what was expected.
        expected,
        /// Before who can change it.
        who,
        /// Before the id of the trace.
        trace,
        /// Before the time.
        time,
        /// The page at `/`: its title.
        home_title,
        /// What this server is.
        home_sentence,
        /// What to do.
        home_advice,
        /// The page on the way to the provider: its title.
        leaving_title,
        /// Where it leads; with `{host}`.
        leaving_sentence,
        /// Its button.
        leaving_button,
        /// The page at the end of a test: its title.
        test_title,
        /// That nothing happened.
        test_sentence,
        /// Who would have signed in: somebody who did before.
        test_existing,
        /// Somebody known by their address.
        test_linked,
        /// Somebody new.
        test_created,
        /// Before the organization.
        test_organization,
        /// Before the connection.
        test_connection,
        /// Before the address.
        test_email,
        /// Before the subject.
        test_subject,
        /// Before the name.
        test_name,
        /// Before the groups.
        test_groups,
        /// Above the checks.
        test_checks,
        /// A check with nothing more to say.
        test_passed,
        /// Above the attributes.
        test_attributes,
        /// Where the same can be read later.
        test_kept,
        /// The subject of a message: sign in; with `{place}`.
        message_login,
        /// Become a member; with `{place}`.
        message_signup,
        /// An invitation; with `{place}`.
        message_invite,
        /// An invitation of somebody who is known; with `{person}` and `{place}`, in whatever order.
        message_invite_by,
        /// Prove an address; with `{place}`.
        message_address,
        /// Open a link into the set-up portal; with `{place}`.
        message_setup,
        /// Something ends; with `{place}` and `{time}`.
        message_ending,
        /// Before the link to where that is changed.
        message_ending_follow,
        /// What may be done with it.
        message_ending_private,
        /// Why somebody is told.
        message_ending_why,
        /// Before a link.
        message_follow,
        /// Before a code.
        message_code,
        /// How often and how long it can be used; with `{time}`.
        message_once,
        /// What whoever did not ask for it is to do.
        message_unasked,
        /// That it is a secret.
        message_private,
        /// A whole text message; with `{code}` and `{place}`.
        message_sms,
    }
}

/// The text with a value in its one place.
#[must_use]
pub(crate) fn filled(text: &str, place: &str, value: &str) -> String {
    let (before, after) = around(text, place);
    format!("{before}{value}{after}")
}

/// The text with a value in each of its places. What stands in a value is no place.
#[must_use]
pub(crate) fn filled_with(text: &str, values: &[(&str, &str)]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or(("", part));
        filled.push_str(values.iter().find(|(name, _)| *name == place).map_or("", |(_, value)| value));
        filled.push_str(rest);
    }
    filled
}

/// What stands before and after the one place of a text.
#[must_use]
pub(crate) fn around<'a>(text: &'a str, place: &str) -> (&'a str, &'a str) {
    text.split_once(place).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn places(text: &'static str) -> Vec<&'static str> {
        text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default()).collect()
    }

    #[test]
    fn every_language_says_everything_with_the_same_places() {
        let english: BTreeMap<_, _> = Language::English.texts().all().into_iter().collect();
        for language in Language::ALL {
            let texts: BTreeMap<_, _> = language.texts().all().into_iter().collect();
            assert!(texts.keys().eq(english.keys()));
            for (key, text) in &texts {
                assert!(!text.trim().is_empty() && text.trim() == *text, "{language:?} {key}: {text:?}");
                // Not every language says things in one order.
                let sorted = |mut places: Vec<&'static str>| {
                    places.sort_unstable();
                    places
                };
                assert_eq!(sorted(places(text)), sorted(places(english[key])), "{language:?} {key}: {text}");
            }
        }
        for (key, place) in [
            ("back_to", "product"),
            ("help", "contact"),
            ("leaving_sentence", "host"),
            ("message_login", "place"),
            ("message_signup", "place"),
            ("message_invite", "place"),
            ("message_address", "place"),
            ("message_setup", "place"),
            ("message_once", "time"),
        ] {
            assert_eq!(places(english[key]), [place], "{key}");
        }
        assert_eq!(places(english["message_invite_by"]), ["person", "place"]);
        assert_eq!(places(english["message_sms"]), ["code", "place"]);
        assert_eq!(places(english["message_ending"]), ["place", "time"]);
        let placed = english.values().filter(|text| !places(text).is_empty()).count();
        assert_eq!(placed, 12, "a place that nothing fills");
    }

    #[test]
    fn nothing_is_left_untranslated() {
        let english = Language::English.texts().all();
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
            let same: Vec<_> = (language.texts().all().into_iter().zip(&english))
                .filter(|((_, text), (_, english))| text == english && text.contains(' '))
                .collect();
            assert!(same.is_empty(), "{language:?}: {same:?}");
        }
    }

    #[test]
    fn what_a_person_has_to_do_is_said_once_and_differently_for_each_trouble() {
        for language in Language::ALL {
            let mut titles: Vec<_> =
                Concern::ALL.iter().map(|concern| language.texts().told(*concern).title).collect();
            titles.sort_unstable();
            titles.dedup();
            assert_eq!(titles.len(), Concern::ALL.len(), "{language:?}");
        }
    }

    #[test]
    fn the_language_is_looked_up_as_browsers_send_it() {
        for (accept, expected) in [
            ("", Language::English),
            ("*", Language::English),
            ("de", Language::German),
            ("de-DE,de;q=0.9,en;q=0.8", Language::German),
            ("DE-ch-1901", Language::German),
            ("de-x-private", Language::German),
            ("zh-Hant-CN-x-private1-private2, fr;q=0.3", Language::French),
            ("fr-CA;q=0.5, es-419;q=0.7", Language::Spanish),
            ("en;q=0.5, ja;q=0.5", Language::English),
            ("ja;q=0, es;q=0.1", Language::Spanish),
            ("nl, pt-BR;q=0.9", Language::English),
            ("nl, ja;q=0.1", Language::Japanese),
            ("deutsch", Language::English),
            ("fr;q=lots, de;q=0.1", Language::German),
            ("-,--,-x,;q=1", Language::English),
        ] {
            assert_eq!(Language::look_up(accept), expected, "{accept}");
        }
    }

    #[test]
    fn a_place_is_filled_wherever_it_stands() {
        assert_eq!(filled("Back to {product}", "{product}", "A & {product}"), "Back to A & {product}");
        assert_eq!(around("{contact}に連絡", "{contact}"), ("", "に連絡"));
        assert_eq!(around("nothing", "{contact}"), ("nothing", ""));
        let values = [("person", "{place}"), ("place", "A {person}")];
        assert_eq!(filled_with("{person} invites to {place}.", &values), "{place} invites to A {person}.");
        assert_eq!(filled_with("{person", &values), "person");
    }
}
