//! What of a filter a store can answer by index.

use super::{Filter, Literal, Operand, Operator};
use crate::path::AttributePath;

/// Something that a store has an index over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `id`, as it is.
    Id,
    /// `externalId`, as it is.
    ExternalId,
    /// `userName`, folded by [`super::fold`].
    UserName,
    /// One of the user's addresses, folded.
    Email,
    /// `displayName`, folded.
    DisplayName,
    /// The id of one of the group's members, as it is.
    Member,
}

/// A key that has a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// The key.
    pub key: Key,
    /// Its value, folded where the key is.
    pub value: String,
}

/// How the resources of a filter are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// All resources are asked for.
    Everything,
    /// All of the terms hold, of which there is at least one; what is found must also fulfil the rest.
    Terms {
        /// What an index answers.
        terms: Vec<Term>,
        /// What must be evaluated over what it finds.
        rest: Option<Filter>,
    },
    /// Nothing but the filter itself: every resource must be looked at.
    Scan(Filter),
}

impl Lookup {
    /// Lowers a filter. Terms that are joined by `and` at the top are answered by index, and only those.
    #[must_use]
    pub fn of(filter: Option<Filter>) -> Self {
        let Some(filter) = filter else { return Self::Everything };
        let mut terms = Vec::new();
        let mut rest = Vec::new();
        lower(filter, &mut terms, &mut rest);
        let rest = if rest.len() > 1 { Some(Filter::And(rest)) } else { rest.pop() };
        match rest {
            Some(filter) if terms.is_empty() => Self::Scan(filter),
            rest => {
                terms.sort();
                terms.dedup();
                Self::Terms { terms, rest }
            }
        }
    }
}

fn lower(filter: Filter, terms: &mut Vec<Term>, rest: &mut Vec<Filter>) {
    match filter {
        Filter::And(parts) => parts.into_iter().for_each(|part| lower(part, terms, rest)),
        Filter::Compare(Operand::Path(path), Operator::Equal, Literal::Text { compared, given }) => {
            match key(&path) {
                Some(key) => terms.push(Term { key, value: compared }),
                None => {
                    let literal = Literal::Text { given, compared };
                    rest.push(Filter::Compare(Operand::Path(path), Operator::Equal, literal));
                }
            }
        }
        Filter::Within(path, inner) => {
            // An index knows that there is such a value, not that it is the one of which the rest holds.
            let whole = within(&path, &inner, terms);
            if !whole {
                rest.push(Filter::Within(path, inner));
            }
        }
        other => rest.push(other),
    }
}

/// Takes `value eq "x"` out of brackets. Whether that is all there is in them.
fn within(path: &AttributePath, inner: &Filter, terms: &mut Vec<Term>) -> bool {
    match inner {
        Filter::Compare(Operand::Part(part), Operator::Equal, Literal::Text { compared, .. })
            if part.name == "value" =>
        {
            let Some(key) = key(path) else { return false };
            terms.push(Term { key, value: compared.clone() });
            true
        }
        Filter::And(parts) => {
            for part in parts {
                within(path, part, terms);
            }
            false
        }
        _ => false,
    }
}

fn key(path: &AttributePath) -> Option<Key> {
    let keys = [
        (Key::Id, "id", None),
        (Key::ExternalId, "externalId", None),
        (Key::UserName, "userName", None),
        (Key::DisplayName, "displayName", None),
        (Key::Email, "emails", None),
        (Key::Email, "emails", Some("value")),
        (Key::Member, "members", None),
        (Key::Member, "members", Some("value")),
    ];
    keys.into_iter().find(|(_, attribute, part)| path.is(attribute, *part)).map(|(key, ..)| key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ResourceType;
    use crate::tolerance::Tolerances;

    fn of(text: &str, resource: ResourceType) -> Lookup {
        Lookup::of(Some(Filter::parse(text, resource, &mut Tolerances::none()).unwrap()))
    }

    fn terms(text: &str, resource: ResourceType) -> (Vec<(Key, String)>, Option<String>) {
        match of(text, resource) {
            Lookup::Terms { terms, rest } => (
                terms.into_iter().map(|term| (term.key, term.value)).collect(),
                rest.map(|filter| filter.to_string()),
            ),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn what_an_index_answers_is_lowered() {
        use ResourceType::{Group, User};
        let one = |key: Key, value: &str| (vec![(key, value.to_owned())], None);
        assert_eq!(terms(r#"userName eq "Ada@X""#, User), one(Key::UserName, "ada@x"));
        assert_eq!(terms(r#"id eq "Ab""#, User), one(Key::Id, "Ab"));
        assert_eq!(terms(r#"externalId eq "Ab""#, Group), one(Key::ExternalId, "Ab"));
        assert_eq!(terms(r#"emails eq "A@x""#, User), one(Key::Email, "a@x"));
        assert_eq!(terms(r#"emails[value eq "A@x"]"#, User), one(Key::Email, "a@x"));
        assert_eq!(terms(r#"displayName eq "Staff""#, Group), one(Key::DisplayName, "staff"));
        assert_eq!(terms(r#"members[value eq "u1"]"#, Group), one(Key::Member, "u1"));
        let (found, rest) = terms(r#"emails[type eq "work"].value eq "A@x" and active eq true"#, User);
        assert_eq!(found, [(Key::Email, "a@x".to_owned())]);
        assert_eq!(rest.unwrap(), r#"emails[type eq "work" and value eq "A@x"] and active eq true"#);
        let (found, rest) = terms(r#"externalId eq "1" and (userName eq "a" and userName eq "A")"#, User);
        assert_eq!(found, [(Key::ExternalId, "1".to_owned()), (Key::UserName, "a".to_owned())]);
        assert_eq!(rest, None);
    }

    #[test]
    fn the_rest_is_looked_through() {
        assert_eq!(Lookup::of(None), Lookup::Everything);
        for text in [
            r#"userName eq "a" or id eq "b""#,
            r#"userName sw "a""#,
            r#"not (id eq "b")"#,
            r#"emails.type eq "x""#,
        ] {
            assert!(matches!(of(text, ResourceType::User), Lookup::Scan(_)), "{text}");
        }
    }
}
