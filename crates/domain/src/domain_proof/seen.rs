//! What name servers answered, and what that shows. Anybody can write anything into DNS: what is kept of an answer is short, and
//! only the very token of an organization and a domain counts.

use serde::{Deserialize, Serialize};

use super::Challenge;
use crate::spelled::spelled;

/// How many texts that are not the one are kept, and how much of each.
const MOST_TEXTS: usize = 5;
const MOST_CHARS: usize = 120;

/// What there is at a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The texts, when there are any.
    pub texts: Vec<String>,
    /// Where the name points when it is another name's.
    pub alias: Option<String>,
    /// Whether there is something at the name, be it no text.
    pub exists: bool,
}

spelled! {
    /// Why nobody knows what there is at a name.
    pub enum Unanswered {
        /// No server answered in time.
        Silent = "timeout",
        /// The servers of the domain are in trouble.
        ServerFailure = "server_failure",
        /// A server will not say.
        Refused = "refused",
        /// What came is no answer to what was asked.
        Unusable = "unusable_answer",
    }
}

/// What is at a name, or why nobody knows.
pub type Looked = Result<Answer, Unanswered>;

/// Everything that was looked at.
#[derive(Clone, Debug)]
pub struct Sight {
    /// At the name of the record.
    pub at_label: Looked,
    /// At the domain itself.
    pub at_apex: Looked,
    /// At the name that comes about when a console adds the domain to a name that has it.
    pub at_doubled: Looked,
}

spelled! {
    /// Where the record was found.
    pub enum Place {
        /// At its own name.
        Label = "label",
        /// At the domain itself, where a console makes no other.
        Apex = "apex",
        /// As the name to which its own points.
        Alias = "alias",
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Seen {
    /// The record.
    Record {
        /// Where.
        place: Place,
    },
    /// The record, at a name with the domain in it twice.
    NameDoubled,
    /// Other texts at its name.
    OtherTexts {
        /// Some of them, shortened.
        texts: Vec<String>,
        /// How many there are in all.
        count: usize,
    },
    /// Its name points elsewhere, and nothing of ours is there.
    PointsElsewhere {
        /// To which name.
        to: String,
    },
    /// Its name is there, without a text.
    NoTexts,
    /// Its name is not there.
    NoSuchName,
    /// Nobody knows.
    Unanswered {
        /// Why.
        why: Unanswered,
    },
}

impl Seen {
    /// What was found, of everything that was looked at.
    #[must_use]
    pub fn of(challenge: &Challenge, sight: &Sight) -> Self {
        let has_text = |looked: &Looked| looked.as_ref().is_ok_and(|found| challenge.is_among(&found.texts));
        if has_text(&sight.at_label) {
            return Self::Record { place: Place::Label };
        }
        let alias = sight.at_label.as_ref().ok().and_then(|found| found.alias.as_deref());
        if alias.is_some_and(|to| to.eq_ignore_ascii_case(&challenge.target)) {
            return Self::Record { place: Place::Alias };
        }
        if has_text(&sight.at_apex) {
            return Self::Record { place: Place::Apex };
        }
        if has_text(&sight.at_doubled) {
            return Self::NameDoubled;
        }
        match &sight.at_label {
            Err(why) => Self::Unanswered { why: *why },
            Ok(found) if !found.texts.is_empty() => Self::OtherTexts {
                texts: found.texts.iter().take(MOST_TEXTS).map(|text| shortened(text)).collect(),
                count: found.texts.len(),
            },
            Ok(Answer { alias: Some(to), .. }) => Self::PointsElsewhere { to: shortened(to) },
            Ok(found) if found.exists => Self::NoTexts,
            Ok(_) => Self::NoSuchName,
        }
    }

    /// Whether it is the record, where it counts.
    #[must_use]
    pub const fn is_record(&self) -> bool {
        matches!(self, Self::Record { .. })
    }

    /// Whether somebody said what there is.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Unanswered { .. })
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Record { .. } => "record",
            Self::NameDoubled => "name_doubled",
            Self::OtherTexts { .. } => "other_texts",
            Self::PointsElsewhere { .. } => "points_elsewhere",
            Self::NoTexts => "no_texts",
            Self::NoSuchName => "no_such_name",
            Self::Unanswered { why } => why.as_str(),
        }
    }
}

/// Of what a stranger wrote, as much as is worth showing, without what would move a cursor.
fn shortened(text: &str) -> String {
    text.chars().take(MOST_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge() -> Challenge {
        Challenge { value: "vestibule-domain=abc".to_owned(), target: "abc.sso.test".to_owned() }
    }

    fn texts(texts: &[&str]) -> Looked {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Ok(Answer { texts, alias: None, exists: true })
    }

    const NOTHING: Looked = Ok(Answer { texts: Vec::new(), alias: None, exists: false });

    fn seen(at_label: Looked) -> Seen {
        Seen::of(&challenge(), &Sight { at_label, at_apex: NOTHING, at_doubled: NOTHING })
    }

    #[test]
    fn only_the_very_token_counts() {
        assert_eq!(seen(texts(&["v=spf1", "vestibule-domain=abc"])), Seen::Record { place: Place::Label });
        // As consoles keep it that are given it in quotation marks.
        assert!(
            seen(texts(&["\"vestibule-domain=abc\""])).is_record()
                && seen(texts(&[" vestibule-domain=abc\n"])).is_record()
        );
        for other in [
            "vestibule-domain=abd",
            "vestibule-domain=ab",
            "vestibule-domain=abcd",
            "xvestibule-domain=abc",
            "abc",
            "vestibule-domain=ABC",
        ] {
            assert_eq!(seen(texts(&[other])), Seen::OtherTexts { texts: vec![other.to_owned()], count: 1 });
        }
    }

    #[test]
    fn the_domain_itself_and_an_alias_will_do() {
        let sight =
            Sight { at_label: NOTHING, at_apex: texts(&["vestibule-domain=abc"]), at_doubled: NOTHING };
        assert_eq!(Seen::of(&challenge(), &sight), Seen::Record { place: Place::Apex });
        let points = |to: &str| Ok(Answer { texts: Vec::new(), alias: Some(to.to_owned()), exists: false });
        assert_eq!(seen(points("ABC.sso.test")), Seen::Record { place: Place::Alias });
        assert_eq!(seen(points("x.abc.sso.test")), Seen::PointsElsewhere { to: "x.abc.sso.test".to_owned() });
        // At the domain itself an alias says nothing: whoever has the web site may point there.
        let sight = Sight { at_label: NOTHING, at_apex: points("abc.sso.test"), at_doubled: NOTHING };
        assert_eq!(Seen::of(&challenge(), &sight), Seen::NoSuchName);
    }

    #[test]
    fn what_is_in_the_way_is_told() {
        assert_eq!(seen(NOTHING), Seen::NoSuchName);
        assert_eq!(seen(texts(&[])), Seen::NoTexts);
        assert_eq!(seen(Err(Unanswered::ServerFailure)), Seen::Unanswered { why: Unanswered::ServerFailure });
        let sight =
            Sight { at_label: NOTHING, at_apex: NOTHING, at_doubled: texts(&["vestibule-domain=abc"]) };
        assert_eq!(Seen::of(&challenge(), &sight), Seen::NameDoubled);
        let many: Vec<String> = (0..9).map(|n| format!("{n}\u{1b}{}", "x".repeat(300))).collect();
        let Seen::OtherTexts { texts, count } = seen(Ok(Answer { texts: many, alias: None, exists: true }))
        else {
            panic!("other texts")
        };
        assert_eq!((texts.len(), count), (MOST_TEXTS, 9));
        assert!(texts.iter().all(|text| text.chars().count() == MOST_CHARS && !text.contains('\u{1b}')));
    }
}
