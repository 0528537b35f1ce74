//! What pages say of what is there already: sign-ins, certificates, and what was changed. One file a language.

mod de;
mod en;
mod es;
mod fr;
mod ja;

use vestibule_domain::trace::Checked;

use crate::http::languages::Language;

catalogue! {
    /// All of it in one language.
    Upkeep of each {
        /// What is checked of a sign-in.
        check: Checked,
    }

    /// The choice of a language.
    language,
    /// Something to do with a link: see sign-ins.
    intent_sign_ins,
    /// The title of all sign-ins.
    sign_ins,
    /// What is there.
    sign_ins_sentence,
    /// Narrows a list.
    filter,
    /// Which connection.
    filter_connection,
    /// Which result.
    filter_result,
    /// Whose.
    filter_person,
    /// Since when.
    filter_since,
    /// All of them.
    any,
    /// A time.
    last_day,
    /// A time.
    last_week,
    /// A time.
    last_month,
    /// How a sign-in ended.
    accepted,
    /// How a sign-in ended.
    refused,
    /// How a sign-in ended.
    tested,
    /// How a sign-in ended.
    abandoned,
    /// A heading.
    column_time,
    /// A heading.
    column_person,
    /// A heading.
    column_result,
    /// A heading.
    column_reason,
    /// There is none.
    nobody_yet,
    /// None is as was asked.
    nothing_found,
    /// Leads to what was before.
    older,
    /// Leads to what was last.
    newest,
    /// Something is not known.
    unknown,
    /// The title of one; with `{time}`.
    sign_in_at,
    /// A heading.
    connection,
    /// A heading.
    device,
    /// Above what the API says of it, in English.
    in_other_words,
    /// Above what is known of others.
    neighbours,
    /// How many others; with `{count}` and `{of}`.
    same_reason,
    /// The one before that succeeded; with `{time}`.
    last_success,
    /// There was none.
    no_success,
    /// Above what was changed since that one.
    changed_between,
    /// Nothing was.
    nothing_changed,
    /// Who changed something: somebody with a link.
    by_link,
    /// The vendor; with `{product}`.
    by_vendor,
    /// Nobody.
    by_server,
    /// The question.
    would_it_pass,
    /// Why it cannot be said.
    not_kept,
    /// The connection was changed since; with `{time}`.
    changed_since,
    /// It was not.
    not_changed_since,
    /// Something to do with a link: renew what ends.
    intent_certificates,
    /// The same: see what was changed.
    intent_audit_log,
    /// The title of what ends.
    certificates,
    /// What is there.
    certificates_sentence,
    /// There is nothing.
    nothing_ends,
    /// Something that ends.
    provider_certificate,
    /// Something that ends.
    signing_certificate,
    /// Something that ends.
    encryption_certificate,
    /// Something that ends.
    client_secret,
    /// Something that ends.
    directory_token,
    /// It ends, and that is no matter.
    has_successor,
    /// How near an end is.
    state_ended,
    /// How near an end is.
    state_due,
    /// How near an end is.
    state_soon,
    /// Somebody signed in by a certificate; with `{time}`.
    last_used,
    /// Nobody did.
    not_used,
    /// A heading.
    good_from,
    /// A heading.
    good_until,
    /// Takes a certificate away.
    remove,
    /// Says that it is meant.
    remove_in_use,
    /// What happens by itself.
    read_by_itself,
    /// Reads it at once.
    read_now,
    /// What came of it.
    metadata_changed,
    /// What came of it.
    metadata_unchanged,
    /// What came of it.
    metadata_not_now,
    /// A heading.
    add_next,
    /// What adding does.
    add_next_sentence,
    /// Adds it.
    add,
    /// Why it cannot go.
    last_certificate,
    /// Why it is asked about.
    still_in_use,
    /// A field.
    next_secret,
    /// A field.
    ends_on,
    /// Nobody has said it.
    end_unknown,
    /// A heading.
    our_certificates,
    /// Before the address.
    our_metadata,
    /// The title of what was changed.
    changes,
    /// What is there.
    changes_sentence,
    /// There is nothing.
    no_changes,
}

impl Upkeep {
    /// That of a language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::UPKEEP,
            Language::German => &de::UPKEEP,
            Language::French => &fr::UPKEEP,
            Language::Spanish => &es::UPKEEP,
            Language::Japanese => &ja::UPKEEP,
        }
    }
}

#[cfg(test)]
mod tests {
    use vestibule_saml::response::Check;

    use super::*;

    #[test]
    fn every_check_of_a_response_has_words() {
        for check in Check::ALL {
            assert!(Checked::from_name(check.name()).is_some(), "{}", check.name());
        }
    }
}
