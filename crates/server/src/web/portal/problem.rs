//! What went wrong with what was entered, for the page where it was: a sentence in the reader's language, and the refusal's own words.

use vestibule_domain::refusal::{Field, Name, Refusal, What};

use crate::failure::Failure;
use crate::web::words::Words;

/// Something that went wrong.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem {
    /// In a sentence.
    pub sentence: &'static str,
    /// What was found and expected, in English as everywhere else; `""` where there is nothing to add.
    pub detail: String,
}

impl Problem {
    /// A sentence of its own.
    pub(super) const fn said(sentence: &'static str) -> Self {
        Self { sentence, detail: String::new() }
    }

    /// What whoever entered something can change.
    ///
    /// # Errors
    /// Everything else.
    pub(super) fn of(failure: Failure, words: &Words) -> Result<Self, Failure> {
        match failure {
            Failure::Refused(refusal) => match told(&refusal, words) {
                Some(sentence) => Ok(Self { sentence, detail: refusal.detail().unwrap_or_default() }),
                None => Err(Failure::Refused(refusal)),
            },
            Failure::Busy(_) => Ok(Self::said(words.wrong_later)),
            other => Err(other),
        }
    }
}

fn told(refusal: &Refusal, words: &Words) -> Option<&'static str> {
    Some(match refusal.what {
        What::Invalid(Field::EmailDomain) => words.wrong_domain,
        What::PublicMailDomain => words.wrong_public_mail,
        What::Invalid(Field::MetadataUrl) => words.wrong_metadata_url,
        What::Invalid(Field::MetadataXml | Field::Metadata | Field::IdpEntityId) => words.wrong_metadata,
        What::Taken(Name::IdpEntityId) => words.wrong_taken,
        What::TooMany(_) => words.wrong_too_many,
        What::TooManyRequests | What::Busy => words.wrong_later,
        What::Invalid(_) | What::TooLarge(_) | What::NotAbsolute | What::NotHttps | What::Incomplete(_) => {
            words.wrong_value
        }
        What::UnsupportedKeyFormat => words.wrong_value,
        _ => return None,
    })
}
