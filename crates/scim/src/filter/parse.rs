//! Reads filters and paths: one word of foresight, and bounds on length, depth and terms.

use vestibule_refusal::Excerpt;

use super::token::{Token, Tokens};
use super::{Filter, FilterRefusal, Literal, Operand, Operator, fold};
use crate::limits;
use crate::path::{AttributePath, Named, Path, PathRefusal, Target, look_up};
use crate::schema::{Attribute, DataType, ResourceType};
use crate::time::UnixMillis;
use crate::tolerance::{Tolerance, Tolerances};

/// What names mean: attributes of the resource, or inside brackets parts of a value.
#[derive(Clone, Copy)]
enum Scope {
    Resource,
    Value(&'static Attribute),
}

struct Parser<'a, 'n> {
    tokens: Tokens<'a>,
    token: Token<'a>,
    at: usize,
    terms: usize,
    resource: ResourceType,
    noted: &'n mut Tolerances,
}

pub(super) fn filter(
    text: &str,
    resource: ResourceType,
    noted: &mut Tolerances,
) -> Result<Filter, FilterRefusal> {
    let mut parser = Parser::new(text, resource, noted)?;
    let filter = parser.alternatives(Scope::Resource, 0)?;
    parser.expect(Token::End, "and, or, or the end")?;
    Ok(filter)
}

/// Reads a path, with its filter. A name that nobody knows is read no further.
pub(crate) fn read_path(
    text: &str,
    resource: ResourceType,
    noted: &mut Tolerances,
) -> Result<Target, PathRefusal> {
    let not_a_path = || PathRefusal::NotAPath { found: Excerpt::of(text) };
    let mut parser = Parser::new(text, resource, noted).map_err(PathRefusal::Filter)?;
    let Token::Word(name) = parser.token else { return Err(not_a_path()) };
    let named = look_up(name, resource, parser.noted)?;
    parser.advance();
    let (mut to, filtered) = match (named, parser.token) {
        (Named::Attribute(to), Token::End) => return Ok(Target::Path(Path { to, filter: None })),
        (Named::Schema(schema), Token::End) => return Ok(Target::Schema(schema)),
        (Named::Password, _) => return Ok(Target::Password),
        (Named::Unknown, Token::End | Token::OpenBracket) => return Ok(Target::Unknown),
        (Named::Attribute(to), Token::OpenBracket) => (to, filtered(&to)),
        _ => return Err(not_a_path()),
    };
    let element = filtered.ok_or_else(|| PathRefusal::NotFiltered { attribute: to.to_string() })?;
    parser.advance();
    let filter = parser.alternatives(Scope::Value(element), 1).map_err(PathRefusal::Filter)?;
    parser.expect(Token::CloseBracket, "]").map_err(PathRefusal::Filter)?;
    if let Token::Word(rest) = parser.token {
        let part = rest.strip_prefix('.').ok_or_else(not_a_path)?;
        let Some(part) = element.sub_attribute(part) else {
            parser.noted.note(Tolerance::UnknownAttribute, text);
            return Ok(Target::Unknown);
        };
        to.sub_attribute = Some(part);
        parser.advance();
    }
    if parser.token != Token::End {
        return Err(not_a_path());
    }
    Ok(Target::Path(Path { to, filter: Some(filter) }))
}

/// The attribute itself, if it is a list of objects.
fn filtered(path: &AttributePath) -> Option<&'static Attribute> {
    let attribute = path.attribute;
    let listed = attribute.multi_valued && attribute.data_type == DataType::Complex;
    (listed && path.sub_attribute.is_none()).then_some(attribute)
}

impl<'a, 'n> Parser<'a, 'n> {
    fn new(text: &'a str, resource: ResourceType, noted: &'n mut Tolerances) -> Result<Self, FilterRefusal> {
        if text.len() > limits::FILTER_BYTES {
            return Err(FilterRefusal::TooLong { limit: limits::FILTER_BYTES });
        }
        let mut tokens = Tokens::of(text);
        let (token, at) = tokens.next();
        Ok(Self { tokens, token, at, terms: 0, resource, noted })
    }

    fn advance(&mut self) {
        (self.token, self.at) = self.tokens.next();
    }

    fn unexpected<T>(&self, expected: &'static str) -> Result<T, FilterRefusal> {
        let found = Excerpt::of(self.token.text());
        Err(FilterRefusal::Unexpected { found, at: self.at + 1, expected })
    }

    fn expect(&mut self, token: Token<'_>, expected: &'static str) -> Result<(), FilterRefusal> {
        if self.token != token {
            return self.unexpected(expected);
        }
        self.advance();
        Ok(())
    }

    /// `or` binds least.
    fn alternatives(&mut self, scope: Scope, depth: usize) -> Result<Filter, FilterRefusal> {
        if depth > limits::FILTER_DEPTH {
            return Err(FilterRefusal::TooDeep { limit: limits::FILTER_DEPTH });
        }
        self.joined("or", Filter::Or, |parser| {
            parser.joined("and", Filter::And, |parser| parser.term(scope, depth))
        })
    }

    fn joined(
        &mut self,
        word: &str,
        join: fn(Vec<Filter>) -> Filter,
        mut part: impl FnMut(&mut Self) -> Result<Filter, FilterRefusal>,
    ) -> Result<Filter, FilterRefusal> {
        let first = part(self)?;
        if !self.token.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.token.is_word(word) {
            self.advance();
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn term(&mut self, scope: Scope, depth: usize) -> Result<Filter, FilterRefusal> {
        self.terms += 1;
        if self.terms > limits::FILTER_TERMS {
            return Err(FilterRefusal::TooManyTerms { limit: limits::FILTER_TERMS });
        }
        if self.token == Token::Open {
            return self.group(scope, depth);
        }
        let Token::Word(name) = self.token else {
            return self.unexpected("an attribute, not, or an opening parenthesis");
        };
        let word = self.token;
        self.advance();
        if word.is_word("not") && self.token == Token::Open {
            return self.group(scope, depth).map(|inner| Filter::Not(Box::new(inner)));
        }
        let operand = self.operand(name, scope)?;
        if self.token == Token::OpenBracket {
            return self.within(operand, depth);
        }
        self.comparison(operand)
    }

    fn group(&mut self, scope: Scope, depth: usize) -> Result<Filter, FilterRefusal> {
        self.advance();
        let inner = self.alternatives(scope, depth + 1)?;
        self.expect(Token::Close, "and, or, or a closing parenthesis")?;
        Ok(inner)
    }

    fn operand(&mut self, name: &str, scope: Scope) -> Result<Operand, FilterRefusal> {
        let unknown = || FilterRefusal::UnknownAttribute { found: Excerpt::of(name) };
        match scope {
            Scope::Value(element) => element.sub_attribute(name).map(Operand::Part).ok_or_else(unknown),
            // What a filter does not know it refuses: whoever is asked for it must not be shown everybody.
            Scope::Resource => match look_up(name, self.resource, &mut Tolerances::none()) {
                Ok(Named::Attribute(path)) => Ok(Operand::Path(path)),
                Ok(_) | Err(_) => Err(unknown()),
            },
        }
    }

    /// `emails[type eq "work"]`, and what some clients write behind it: `.value eq "x"`.
    fn within(&mut self, operand: Operand, depth: usize) -> Result<Filter, FilterRefusal> {
        let not_filtered = || FilterRefusal::NotFiltered { attribute: operand.to_string() };
        let Operand::Path(path) = operand else { return Err(not_filtered()) };
        let element = filtered(&path).ok_or_else(not_filtered)?;
        self.advance();
        let inner = self.alternatives(Scope::Value(element), depth + 1)?;
        self.expect(Token::CloseBracket, "and, or, or a closing bracket")?;
        let Token::Word(word) = self.token else { return Ok(Filter::Within(path, Box::new(inner))) };
        let Some(part) = word.strip_prefix('.') else { return Ok(Filter::Within(path, Box::new(inner))) };
        let part = Operand::Part(
            element
                .sub_attribute(part)
                .ok_or_else(|| FilterRefusal::UnknownAttribute { found: Excerpt::of(part) })?,
        );
        self.noted.note(Tolerance::ChosenCompared, element.name);
        self.advance();
        let compared = self.comparison(part)?;
        Ok(Filter::Within(path, Box::new(Filter::And(vec![inner, compared]))))
    }

    fn comparison(&mut self, operand: Operand) -> Result<Filter, FilterRefusal> {
        if self.token.is_word("pr") {
            self.advance();
            return Ok(Filter::Present(operand));
        }
        let Token::Word(word) = self.token else { return self.unexpected("an operator such as eq") };
        let Some(operator) = Operator::parse(word) else { return self.unexpected("an operator such as eq") };
        self.advance();
        let compared = operand
            .compared()
            .ok_or_else(|| FilterRefusal::WholeObject { attribute: operand.to_string() })?;
        if self.token.is_word("null") {
            return self.with_null(operand, operator, compared);
        }
        let literal = self.literal(operand, compared)?;
        check(operand, operator, compared)?;
        self.advance();
        Ok(Filter::Compare(operand, operator, literal))
    }

    /// Null is equal to what is not there (RFC 7643 section 2.5).
    fn with_null(
        &mut self,
        operand: Operand,
        operator: Operator,
        compared: &'static Attribute,
    ) -> Result<Filter, FilterRefusal> {
        // Of what is compared by its `value`, that one.
        let operand = match operand {
            Operand::Path(path) if path.leaf() != compared => {
                Operand::Path(AttributePath { sub_attribute: Some(compared), ..path })
            }
            other => other,
        };
        let filter = match operator {
            Operator::Equal => Filter::Not(Box::new(Filter::Present(operand))),
            Operator::NotEqual => Filter::Present(operand),
            _ => return Err(other_literal(operand, self.token, compared)),
        };
        self.advance();
        Ok(filter)
    }

    fn literal(&mut self, operand: Operand, compared: &'static Attribute) -> Result<Literal, FilterRefusal> {
        let other = other_literal(operand, self.token, compared);
        let text = match self.token {
            Token::Quoted(text) => Some(serde_json::from_str::<String>(text).map_err(|_| other.clone())?),
            Token::Word(_) => None,
            _ => return self.unexpected("a value: text in quotation marks, true, false or null"),
        };
        match (compared.data_type, text) {
            (DataType::String | DataType::Reference, Some(given)) => {
                let compared = if compared.case_exact { given.clone() } else { fold(&given) };
                Ok(Literal::Text { given, compared })
            }
            (DataType::DateTime, Some(given)) => UnixMillis::parse(&given).map(Literal::Time).ok_or(other),
            (DataType::Boolean, text) => {
                if text.is_some() {
                    self.noted.note(Tolerance::BooleanAsText, compared.name);
                }
                let word = text.as_deref().unwrap_or_else(|| self.token.text());
                boolean(word).map(Literal::Boolean).ok_or(other)
            }
            _ => Err(other),
        }
    }
}

fn other_literal(operand: Operand, token: Token<'_>, compared: &'static Attribute) -> FilterRefusal {
    FilterRefusal::Literal {
        attribute: operand.to_string(),
        found: Excerpt::of(token.text()),
        expected: match compared.data_type {
            DataType::Boolean => "true or false",
            DataType::DateTime => "a time such as \"2026-02-28T12:00:00Z\"",
            _ => "text in quotation marks",
        },
    }
}

/// `true` or `false`, in whatever case: some clients write them as their language does.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

/// Booleans have no order, and neither they nor times have beginnings and ends.
fn check(operand: Operand, operator: Operator, compared: &'static Attribute) -> Result<(), FilterRefusal> {
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    let piece = matches!(operator, Operator::Contains | Operator::StartsWith | Operator::EndsWith);
    let fits = match compared.data_type {
        DataType::Boolean => equality,
        DataType::DateTime => !piece,
        _ => true,
    };
    if fits {
        return Ok(());
    }
    let (kind, operator) = (compared.data_type.expected(), operator.name());
    Err(FilterRefusal::Operator { attribute: operand.to_string(), kind, operator })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps;

    fn user(text: &str) -> Result<Filter, FilterRefusal> {
        Filter::parse(text, ResourceType::User, &mut Tolerances::none())
    }

    #[test]
    fn filters_are_read_with_their_precedence() {
        for (text, shown) in [
            (r#"userName Eq "a""#, r#"userName eq "a""#),
            (r#"title pr or title pr and nickName pr"#, "title pr or (title pr and nickName pr)"),
            (
                r#"(title pr or title pr) and NOT (nickName pr)"#,
                "(title pr or title pr) and not (nickName pr)",
            ),
            (r#"emails[type eq "work" and value co "@x"]"#, r#"emails[type eq "work" and value co "@x"]"#),
            (r#"emails[type eq "work"].value eq "x""#, r#"emails[type eq "work" and value eq "x"]"#),
            (r#"emails co "x""#, r#"emails co "x""#),
            ("active eq FALSE", "active eq false"),
            ("title eq null", "not (title pr)"),
            ("title ne null", "title pr"),
            (
                r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
                r#"meta.lastModified ge "2011-05-13T04:42:34.000Z""#,
            ),
            (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, r#"userName sw "J""#),
            (r#"title eq "\u0041\"\\é""#, r#"title eq "A\"\\é""#),
        ] {
            let filter = user(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
            assert_eq!(filter.to_string(), shown);
            assert!(user(shown).is_ok());
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused_and_says_why() {
        for (text, sentence) in [
            ("", "the end at character 1, expected an attribute, not, or an opening parenthesis"),
            ("userName", "the end at character 9, expected an operator such as eq"),
            ("userName is \"a\"", "\"is\" at character 10, expected an operator such as eq"),
            ("userName eq ada", "userName is compared with ada, expected text in quotation marks"),
            ("userName eq 1", "userName is compared with 1, expected text in quotation marks"),
            (
                "userName eq \"a",
                "\"\"a\" at character 13, expected a value: text in quotation marks, true, false or null",
            ),
            ("active gt true", "active is true or false and cannot be compared by gt"),
            ("active eq \"yes\"", "active is compared with \"yes\", expected true or false"),
            ("name eq \"a\"", "name is an object: compare a part of it"),
            ("shoeSize eq \"a\"", "there is no attribute shoeSize"),
            ("password eq \"a\"", "there is no attribute password"),
            ("name[givenName eq \"a\"]", "name has no list of objects that a filter could choose from"),
            ("emails[name eq \"a\"]", "there is no attribute name"),
            ("emails[value eq \"a\"", "the end at character 20, expected and, or, or a closing bracket"),
            ("title pr title pr", "\"title\" at character 10, expected and, or, or the end"),
            ("not title pr", "there is no attribute not"),
            (
                "meta.created co \"2011\"",
                "meta.created is compared with \"2011\", expected a time such as \"2026-02-28T12:00:00Z\"",
            ),
            ("title gt null", "title is compared with null, expected text in quotation marks"),
        ] {
            assert_eq!(user(text).unwrap_err().to_string(), sentence, "{text}");
        }
    }

    #[test]
    fn length_depth_and_terms_are_bounded() {
        let long = format!("title eq \"{}\"", "a".repeat(limits::FILTER_BYTES));
        assert_eq!(user(&long), Err(FilterRefusal::TooLong { limit: limits::FILTER_BYTES }));
        let deep = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
        assert!(user(&deep(limits::FILTER_DEPTH)).is_ok());
        assert_eq!(
            user(&deep(limits::FILTER_DEPTH + 1)),
            Err(FilterRefusal::TooDeep { limit: limits::FILTER_DEPTH })
        );
        let many = |terms: usize| vec!["title pr"; terms].join(" or ");
        assert!(user(&many(limits::FILTER_TERMS)).is_ok());
        let refused = user(&many(limits::FILTER_TERMS + 1)).unwrap_err();
        assert_eq!(refused, FilterRefusal::TooManyTerms { limit: limits::FILTER_TERMS });
    }

    #[test]
    fn reading_takes_steps_as_there_are_octets() {
        let worst = [
            "(".repeat(limits::FILTER_BYTES),
            "\"".repeat(limits::FILTER_BYTES),
            vec!["title pr"; limits::FILTER_TERMS].join(" or "),
            format!("title eq \"{}\"", "\\".repeat(limits::FILTER_BYTES - 11)),
            "not (".repeat(1000),
            " ".repeat(limits::FILTER_BYTES),
        ];
        for text in worst {
            let (_, steps) = steps::of(|| user(&text));
            assert!(steps <= 2 * text.len() + 2, "{steps} steps for {} octets", text.len());
        }
    }
}
