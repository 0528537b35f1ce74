//! What the pages of setting up say, one file a language: a text that a language lacks does not compile, and what a console calls
//! something stands in no catalogue.

mod de;
mod en;
mod es;
mod fr;
mod ja;

use crate::http::languages::Language;
use crate::operations::remedies::Cure;
use crate::world::provider_guides::{Act, Cause, Meaning, Note, Ours};

/// Declares the texts of a catalogue and what it says of each value of an enum, and lists all of it for the tests.
macro_rules! catalogue {
    (
        $(#[$about:meta])* $catalogue:ident of each { $($(#[$of_doc:meta])* $of:ident: $enum:ident,)* }
        $($(#[$doc:meta])* $name:ident,)*
    ) => {
        $(#[$about])*
        pub(crate) struct $catalogue {
            $($(#[$doc])* pub(crate) $name: &'static str,)*
            $($(#[$of_doc])* pub(crate) $of: fn($enum) -> &'static str,)*
        }

        impl $catalogue {
            #[cfg(test)]
            pub(super) fn all(&self) -> Vec<(String, &'static str)> {
                let mut all = vec![$((stringify!($name).to_owned(), self.$name)),*];
                $(all.extend($enum::ALL.map(|one| (format!("{}.{}", stringify!($of), one.as_str()), (self.$of)(one))));)*
                all
            }
        }
    };
}

pub(crate) mod upkeep;

catalogue! {
    /// All that the pages of setting up say in one language.
    Words of each {
        /// One thing to do in a console.
        act: Act,
        /// What one of our values is for.
        why: Ours,
        /// What an attribute means.
        means: Meaning,
        /// What many stumble over.
        note: Note,
        /// What a message of a provider is about.
        cause: Cause,
        /// What is to be done about a refusal.
        cure: Cure,
    }

    /// The title of everything.
    set_up,
    /// The link to where all is seen at once.
    overview,
    /// Opens a framed page in a tab of its own.
    new_tab,
    /// Leaves a page; everything is kept.
    finish_later,
    /// Until when one may go on; with `{time}`.
    session_ends,
    /// Copies a value.
    copy,
    /// It was copied.
    copied,
    /// Goes on.
    go_on,
    /// Says that something was done elsewhere.
    done_there,
    /// Above what went wrong.
    did_not_work,
    /// What the list of steps is.
    steps,
    /// The steps: make the application.
    step_create,
    /// Enter our values.
    step_ours,
    /// Bring the provider's values.
    step_theirs,
    /// What is sent of people.
    step_attributes,
    /// Let people in.
    step_assign,
    /// Test.
    step_test,
    /// Switch it on.
    step_enable,
    /// A step that was done.
    is_done,
    /// A step that is open.
    is_open,

    /// Whom the link is for; with `{organization}`.
    landing_title,
    /// Who asks for it; with `{product}`.
    landing_sentence,
    /// Above what will be done.
    landing_what,
    /// Connect the provider.
    intent_sso,
    /// Show domains.
    intent_domains,
    /// Above what is needed.
    landing_needs,
    /// Rights.
    needs_rights,
    /// Time.
    needs_time,
    /// Rights in DNS.
    needs_dns,
    /// Opens the link.
    begin,
    /// Goes on with a link that is open here.
    go_on_here,
    /// Whom a code is sent to.
    contact_sentence,
    /// Sends it.
    send_code,
    /// It was sent; with `{address}`.
    code_sent,
    /// The field for it.
    code,
    /// It is not the one.
    code_wrong,
    /// Somebody has opened the link.
    used_title,
    /// When; with `{time}`.
    used_sentence,
    /// Nobody opened it in time.
    expired_title,
    /// What to do.
    expired_sentence,
    /// It was taken back.
    revoked_title,
    /// What to do.
    revoked_sentence,
    /// There is none.
    unknown_title,
    /// What to do.
    unknown_sentence,
    /// The session is over.
    ended_title,
    /// What to do.
    ended_sentence,
    /// A form came from elsewhere.
    foreign_title,
    /// What to do.
    foreign_sentence,
    /// Asks for another link.
    ask_for_link,
    /// It was asked for.
    asked_title,
    /// What happens now.
    asked_sentence,

    /// Nothing was begun.
    nothing_yet,
    /// Leads to the providers.
    choose_provider,
    /// The same where there is a connection.
    choose_another,
    /// Values are missing.
    state_draft,
    /// A test is to come.
    state_ready,
    /// A test has passed.
    state_tested,
    /// It signs people in.
    state_active,
    /// What comes next; with `{step}`.
    next_step,
    /// The question.
    providers_title,
    /// What the answer changes.
    providers_sentence,
    /// The last answer.
    provider_other,
    /// The question; with `{provider}`.
    protocol_title,
    /// What to choose.
    protocol_sentence,
    /// The one to choose.
    recommended,

    /// Consoles change; with `{year}`.
    names_change,
    /// Leads into the console.
    open_console,
    /// Where the screen is; with `{link}`.
    console_at,
    /// Above what many stumble over.
    watch_out,
    /// What to do with our values; with `{provider}`.
    ours_sentence,
    /// Above what else is set.
    ours_then,
    /// What is asked for; with `{provider}`.
    theirs_saml,
    /// The address of the metadata.
    metadata_url,
    /// A file.
    metadata_file,
    /// The text.
    metadata_xml,
    /// Opens what is entered by hand.
    by_hand,
    /// Where people sign in.
    sso_url,
    /// Who the provider is.
    entity_id,
    /// By what it signs.
    certificate,
    /// What a field is called there; with `{label}`.
    called_there,
    /// Where that stands; with `{place}`.
    stands_at,
    /// Reads what was given.
    read_it,
    /// Before it is kept.
    preview_title,
    /// Nothing is kept.
    preview_sentence,
    /// Keeps it.
    use_these,
    /// It is another than was shown.
    changed_meanwhile,
    /// Nothing was given.
    nothing_given,
    /// Above what is kept.
    kept_now,
    /// When a certificate ends; with `{time}`.
    ends,
    /// It has ended.
    has_ended,
    /// What is asked for; with `{provider}`.
    theirs_oidc,
    /// The issuer.
    issuer,
    /// The client.
    client_id,
    /// Its secret.
    client_secret,
    /// A part of the issuer.
    tenant_id,
    /// A part of the issuer.
    domain,
    /// Whose people may come.
    hosted_domain,
    /// A secret is kept; with `{last}`.
    secret_kept,
    /// Keeps what was entered.
    save,
    /// The provider answers.
    answers,
    /// What is missing; with `{missing}`.
    missing,
    /// Where attributes are set; with `{place}`.
    attributes_sentence,
    /// A heading.
    column_need,
    /// A heading.
    column_name,
    /// A heading.
    column_from,
    /// It has to be there.
    required,
    /// What else the application needs; with `{names}`.
    also_needed,
    /// Whom to let in.
    assign_sentence,

    /// What happens; with `{provider}`.
    test_sentence,
    /// Begins it.
    test_begin,
    /// Begins another.
    test_again,
    /// Looks again.
    test_show,
    /// There was none.
    test_never,
    /// Somebody is at the provider.
    test_running,
    /// No answer came; with `{provider}`.
    test_silent,
    /// It passed; with `{email}`.
    test_passed,
    /// It failed.
    test_failed,
    /// It says nothing of the settings now.
    test_outdated,
    /// Nobody came back.
    test_expired,
    /// As whom: a known member.
    would_sign_in,
    /// A member by address.
    would_link,
    /// A new member.
    would_create,
    /// A heading.
    person,
    /// A heading.
    roles,
    /// A heading.
    checks,
    /// A heading.
    sent_attributes,
    /// A heading.
    what_to_do,
    /// Who does it: the customer; with `{provider}`.
    who_customer,
    /// The vendor; with `{product}`.
    who_vendor,
    /// Either; with `{provider}` and `{product}`.
    who_either,
    /// Nobody.
    who_nobody,
    /// What the setting is called; with `{label}`.
    setting_called,
    /// What has to stand there.
    has_to_be,
    /// Before the title of the page at which something is changed.
    change_here,
    /// Asks whether the provider shows an error itself; with `{provider}`.
    shown_there,
    /// What the address to come back to is called there; with `{label}`.
    address_called,
    /// The issuer that was entered is not the one that the provider names.
    other_issuer,

    /// What it does; with `{provider}`.
    enable_sentence,
    /// A condition.
    needs_values,
    /// A condition.
    needs_test,
    /// Something that is said to be done.
    needs_people,
    /// Does it.
    enable_now,
    /// Asks the vendor; with `{product}`.
    enable_ask,
    /// The vendor was asked; with `{product}`.
    enable_asked,
    /// A condition is not met.
    enable_not_yet,
    /// It is on.
    active_title,
    /// What happens now; with `{provider}`.
    active_sentence,

    /// A condition.
    needs_domains,
    /// What the pages of domains are called.
    domains_title,
    /// What they are for.
    domains_sentence,
    /// There is none.
    domains_none,
    /// The field for one.
    domain_name,
    /// What is entered.
    domain_hint,
    /// Adds it.
    domain_add,
    /// A state.
    domain_pending,
    /// A state.
    domain_verified,
    /// A state.
    domain_at_risk,
    /// A state.
    domain_lost,
    /// A state; with `{product}`.
    domain_claimed,
    /// What to do; with `{domain}`.
    domain_lead,
    /// The kind of a record.
    record_type,
    /// The short name.
    record_name,
    /// When it is entered; with `{zone}`.
    record_name_hint,
    /// The whole name.
    record_full_name,
    /// The text.
    record_value,
    /// Other ways; with `{domain}` and `{target}`.
    record_else,
    /// Looks for it.
    check_now,
    /// When that was done; with `{time}`.
    checked_at,
    /// When it is done next; with `{time}`.
    check_next,
    /// Nobody looks any more.
    check_stopped,
    /// Above what was found.
    found_title,
    /// The record.
    found_record,
    /// The name is doubled; with `{zone}`.
    found_doubled,
    /// Other texts; with `{count}`.
    found_texts,
    /// An alias; with `{to}`.
    found_points,
    /// No text.
    found_no_texts,
    /// No name.
    found_nothing,
    /// Nobody answered.
    found_silence,
    /// The servers are in trouble; with `{domain}`.
    found_trouble,
    /// Another has it; with `{product}`.
    domain_held,
    /// What is to be done after; with `{time}`.
    domain_stays,
    /// When it is lost; with `{time}`.
    domain_lost_at,
    /// Removes it.
    domain_remove,
    /// It is no domain.
    wrong_domain,
    /// It is a mail service.
    wrong_public_mail,

    /// The address cannot be read; something else than metadata; and so on.
    wrong_metadata_url,
    /// It is no metadata.
    wrong_metadata,
    /// The provider is connected already.
    wrong_taken,
    /// A value cannot be taken.
    wrong_value,
    /// There are as many as there may be.
    wrong_too_many,
    /// Something went on at the same time, or too often.
    wrong_later,
}

impl Words {
    /// Those of a language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::WORDS,
            Language::German => &de::WORDS,
            Language::French => &fr::WORDS,
            Language::Spanish => &es::WORDS,
            Language::Japanese => &ja::WORDS,
        }
    }
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What it says.
    pub text: String,
    /// Whether it is a name, in the language of whoever gave it.
    pub is_name: bool,
}

/// A sentence with names in its places. What stands in a name is no place.
pub(crate) fn sentence(text: &str, names: &[(&str, &str)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, part) in text.split('{').enumerate() {
        let rest = match part.split_once('}').filter(|_| number > 0) {
            Some((place, rest)) => {
                let name = names.iter().find(|(known, _)| *known == place).map_or("", |(_, name)| name);
                pieces.push(Piece { text: name.to_owned(), is_name: true });
                rest
            }
            None => part,
        };
        if !rest.is_empty() {
            pieces.push(Piece { text: rest.to_owned(), is_name: false });
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Everything that is said in a language, whichever catalogue has it.
    fn all(language: Language) -> Vec<(String, &'static str)> {
        [Words::of(language).all(), upkeep::Upkeep::of(language).all()].concat()
    }

    fn places(text: &'static str) -> Vec<&'static str> {
        let mut places: Vec<_> =
            text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default()).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_language_says_everything_with_the_same_places() {
        let english: BTreeMap<_, _> = all(Language::English).into_iter().collect();
        assert!(english.len() > 200);
        for language in Language::ALL {
            for (key, text) in all(language) {
                assert!(!text.trim().is_empty() && text.trim() == text, "{language:?} {key}: {text:?}");
                assert_eq!(places(text), places(english[&key]), "{language:?} {key}: {text}");
                assert!(!text.contains('!'), "{language:?} {key}: nobody is shouted at");
            }
        }
    }

    #[test]
    fn nothing_is_left_untranslated() {
        let english = all(Language::English);
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
            let translated = all(language);
            let same: Vec<_> = translated
                .iter()
                .zip(&english)
                .filter(|(one, other)| one.1 == other.1 && one.1.contains(' '))
                .collect();
            assert!(same.is_empty(), "{language:?}: {same:?}");
        }
    }

    #[test]
    fn names_stand_in_their_places_and_make_none() {
        let piece = |text: &str, is_name| Piece { text: text.to_owned(), is_name };
        assert_eq!(
            sentence("Set {label} to {value}.", &[("label", "{value}"), ("value", "On")]),
            [
                piece("Set ", false),
                piece("{value}", true),
                piece(" to ", false),
                piece("On", true),
                piece(".", false)
            ]
        );
        assert_eq!(sentence("Nothing", &[]), [piece("Nothing", false)]);
        assert_eq!(sentence("{label} と", &[("label", "A")]), [piece("A", true), piece(" と", false)]);
    }
}
