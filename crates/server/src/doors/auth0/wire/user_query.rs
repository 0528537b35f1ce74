//! `q` of a search for users: fields with values, joined by `AND` and `OR`, of which `AND` binds closer. What this server does not
//! look for is refused by name, so that a typing error never finds everybody.

use vestibule_domain::refusal::{Refusal, SearchPart};
use vestibule_refusal::Excerpt;
use vestibule_store::tables::people::PersonFilter;

use super::query::wrong;

/// The most terms of a search.
const MOST: usize = 50;
/// The most bytes of a search.
const LONGEST: usize = 2048;
const FIELDS: &str = "email, user_id, identities.connection, identities.user_id, name";

/// Reads a search: lists of filters, of which all of one have to hold.
///
/// # Errors
/// What cannot be read, or is not looked for.
pub(crate) fn read(text: &str) -> Result<Vec<Vec<PersonFilter>>, Refusal> {
    if text.len() > LONGEST {
        return Err(refused(format_args!("String is too long, maximum {LONGEST}")));
    }
    let mut lists = Vec::new();
    let mut list = Vec::new();
    let mut count = 0;
    for token in tokens(text)? {
        match token.as_str() {
            "AND" | "&&" => {}
            "OR" | "||" => {
                if list.is_empty() {
                    return Err(refused("an OR with nothing before it"));
                }
                lists.push(std::mem::take(&mut list));
            }
            "NOT" => return Err(refused("NOT is not supported")),
            term => {
                count += 1;
                if count > MOST {
                    return Err(refused(format_args!("more than {MOST} terms")));
                }
                list.push(filter(term)?);
            }
        }
    }
    if list.is_empty() && !lists.is_empty() {
        return Err(refused("an OR with nothing behind it"));
    }
    lists.push(list);
    Ok(lists)
}

/// Words, in which what stands in quotation marks is one.
fn tokens(text: &str) -> Result<Vec<String>, Refusal> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => word.extend([Some('\\'), letters.next()].into_iter().flatten()),
            '"' => {
                quoted = !quoted;
                word.push(letter);
            }
            '(' | ')' if !quoted => return Err(refused("parentheses are not supported")),
            c if c.is_whitespace() && !quoted => push(&mut tokens, &mut word),
            other => word.push(other),
        }
    }
    if quoted {
        return Err(refused("a quotation mark that is not closed"));
    }
    push(&mut tokens, &mut word);
    Ok(tokens)
}

fn push(tokens: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        tokens.push(std::mem::take(word));
    }
}

fn filter(term: &str) -> Result<PersonFilter, Refusal> {
    let Some((field, value)) = term.split_once(':').filter(|(field, _)| !field.contains('"')) else {
        // A word by itself is looked for where people look first.
        return Ok(PersonFilter::EmailPart(unquoted(term).trim_matches('*').to_owned()));
    };
    let begins = value.ends_with('*') && !value.starts_with('"');
    let value = unquoted(value);
    let text = if begins { value.trim_end_matches('*').to_owned() } else { value };
    if text.is_empty() || text.contains('*') && field != "name" {
        return Err(refused(format_args!("{}: a value that is not supported", Excerpt::of(field))));
    }
    match field {
        "email" | "email.raw" if begins => Ok(PersonFilter::EmailPart(text)),
        "email" | "email.raw" => Ok(PersonFilter::Email(text)),
        "identities.connection" => Ok(PersonFilter::Connection(text)),
        "user_id" => subject(&text, true),
        "identities.user_id" => subject(&text, false),
        "name" => Ok(PersonFilter::Name(text, begins)),
        other => {
            Err(refused(format_args!("{} is not looked for here (one of {FIELDS})", Excerpt::of(other))))
        }
    }
}

/// A user's id, whole or without its first part. One of no user finds nobody.
fn subject(text: &str, whole: bool) -> Result<PersonFilter, Refusal> {
    let rest = if whole { text.split_once('|').map_or("", |(_, rest)| rest) } else { text };
    let (name, subject) = rest.split_once('|').unwrap_or_default();
    Ok(PersonFilter::Subject(name.to_owned(), subject.to_owned()))
}

fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let mut read = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        read.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    read
}

fn refused(reason: impl std::fmt::Display) -> Refusal {
    wrong(SearchPart::Filter, reason, "q")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_joined() {
        let email = |text: &str| PersonFilter::Email(text.to_owned());
        assert_eq!(read(r#"email:"a@b.test""#).unwrap(), [[email("a@b.test")]]);
        assert_eq!(
            read(r#"identities.connection:"acme" AND email:a@b.test OR user_id:"oidc|acme|1|2""#).unwrap(),
            [
                vec![PersonFilter::Connection("acme".to_owned()), email("a@b.test")],
                vec![PersonFilter::Subject("acme".to_owned(), "1|2".to_owned())],
            ]
        );
        assert_eq!(read("name:Ada*").unwrap(), [[PersonFilter::Name("Ada".to_owned(), true)]]);
        assert_eq!(
            read(r#"name:"Ada L\"ace""#).unwrap(),
            [[PersonFilter::Name("Ada L\"ace".to_owned(), false)]]
        );
        assert_eq!(read("ada").unwrap(), [[PersonFilter::EmailPart("ada".to_owned())]]);
        assert_eq!(read("user_id:x").unwrap(), [[PersonFilter::Subject(String::new(), String::new())]]);
    }

    #[test]
    fn what_is_not_looked_for_finds_nobody() {
        for text in [
            "emial:a@b.test",
            "email:",
            "(email:a)",
            "NOT email:a",
            "email:\"a",
            "OR email:a",
            "email:a OR",
            "email:a*b",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"x ".repeat(60)).is_err());
    }
}
