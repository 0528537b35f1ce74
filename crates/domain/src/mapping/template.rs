//! What an attribute of a profile is made of: text with expressions that name what the provider said, or a fact about the
//! connection.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vestibule_refusal::Excerpt;

use crate::refusal::{Field, Refusal, What};

/// The most bytes of a template.
const MOST_BYTES: usize = 2048;
/// The most expressions of a template.
const MOST_EXPRESSIONS: usize = 16;
/// The most steps of a path: a claim's own name may have dots, and every way to read a path is tried.
const MOST_STEPS: usize = 10;
/// What an expression may be, for whoever gave another one.
const EXPECTED: &str = "${context.tokenset.…}, ${context.userinfo.…}, ${context.connection.id}, ${context.connection.name} or \
                        ${context.connection.strategy}";

/// A value of a profile as it was set: a text, which may be a template, or a number, a yes or a no, which stands for itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Template {
    given: Value,
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A claim of the id token, by its path.
    Token(String),
    /// A claim of the user information, by its path.
    Userinfo(String),
    /// The provider's access token, as it is.
    AccessToken,
    ConnectionId,
    ConnectionName,
    ConnectionStrategy,
}

/// What templates read.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The claims of the verified id token.
    pub token: &'a Map<String, Value>,
    /// The claims of the user information, where it was asked for.
    pub userinfo: Option<&'a Map<String, Value>>,
    /// The provider's access token, where there is one.
    pub access_token: Option<&'a str>,
    /// The connection's id.
    pub connection_id: &'a str,
    /// The connection's name.
    pub connection_name: &'a str,
    /// The connection's strategy, by its name.
    pub strategy: &'a str,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`Field::AttributeMap`]: no text, number, yes or no; too long; an expression that is none.
    pub fn parse(given: Value) -> Result<Self, Refusal> {
        let parts = match &given {
            Value::String(text) => parts(text)?,
            Value::Bool(_) | Value::Number(_) => Vec::new(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                return Err(refused("a value that is neither text nor number nor yes or no", "one of these"));
            }
        };
        Ok(Self { given, parts })
    }

    /// As it was given.
    #[must_use]
    pub const fn given(&self) -> &Value {
        &self.given
    }

    /// Whether it reads user information.
    #[must_use]
    pub fn reads_userinfo(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Userinfo(_)))
    }

    /// Whether it reads the provider's access token, which is kept nowhere.
    #[must_use]
    pub fn reads_access_token(&self) -> bool {
        self.parts.contains(&Part::AccessToken)
    }

    /// What it says. A template that is one expression keeps the kind of the value, and is nothing where there is none. A
    /// mixed one is a text, with nothing in the place of what is missing.
    #[must_use]
    pub fn evaluate(&self, said: &Said<'_>) -> Option<Value> {
        match self.parts.as_slice() {
            [] => Some(self.given.clone()),
            [Part::Text(text)] => Some(text.clone().into()),
            [one] => one.value(said),
            several => Some(several.iter().map(|part| part.text(said)).collect::<String>().into()),
        }
    }
}

impl Part {
    fn value(&self, said: &Said<'_>) -> Option<Value> {
        let found = match self {
            Self::Text(text) => return Some(text.clone().into()),
            Self::Token(path) => nested(said.token, path).cloned(),
            Self::Userinfo(path) => said.userinfo.and_then(|claims| nested(claims, path)).cloned(),
            Self::AccessToken => said.access_token.map(Value::from),
            Self::ConnectionId => Some(said.connection_id.into()),
            Self::ConnectionName => Some(said.connection_name.into()),
            Self::ConnectionStrategy => Some(said.strategy.into()),
        };
        found.filter(|value| !value.is_null())
    }

    fn text(&self, said: &Said<'_>) -> String {
        match self.value(said) {
            None => String::new(),
            Some(Value::String(text)) => text,
            Some(Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(","),
            Some(other) => plain(&other),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl TryFrom<Value> for Template {
    type Error = String;

    fn try_from(given: Value) -> Result<Self, String> {
        Self::parse(given).map_err(|refusal| refusal.detail().unwrap_or_default())
    }
}

impl From<Template> for Value {
    fn from(template: Template) -> Self {
        template.given
    }
}

fn parts(text: &str) -> Result<Vec<Part>, Refusal> {
    if text.len() > MOST_BYTES {
        return Err(refused(
            &format!("a template of {} bytes", text.len()),
            &format!("at most {MOST_BYTES}"),
        ));
    }
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let (expression, after) =
            after.split_once('}').ok_or_else(|| refused("an expression that does not end", "${…}"))?;
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(expression_of(expression.trim())?);
        rest = after;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    if parts.iter().filter(|part| !matches!(part, Part::Text(_))).count() > MOST_EXPRESSIONS {
        return Err(refused("many expressions in one template", &format!("at most {MOST_EXPRESSIONS}")));
    }
    Ok(parts)
}

fn expression_of(expression: &str) -> Result<Part, Refusal> {
    let unknown = || refused(&format!("the expression {:?}", Excerpt::of(expression).as_str()), EXPECTED);
    let named = expression.strip_prefix("context.").ok_or_else(unknown)?;
    let (source, path) = named.split_once('.').ok_or_else(unknown)?;
    let steps = path.split('.').count();
    if path.split('.').all(str::is_empty) || steps > MOST_STEPS || path.chars().any(char::is_control) {
        return Err(unknown());
    }
    match (source, path) {
        ("tokenset", "access_token") => Ok(Part::AccessToken),
        ("tokenset", path) => Ok(Part::Token(path.to_owned())),
        ("userinfo", path) => Ok(Part::Userinfo(path.to_owned())),
        ("connection", "id") => Ok(Part::ConnectionId),
        ("connection", "name") => Ok(Part::ConnectionName),
        ("connection", "strategy") => Ok(Part::ConnectionStrategy),
        _ => Err(unknown()),
    }
}

fn refused(found: &str, expected: &str) -> Refusal {
    Refusal::new(What::Invalid(Field::AttributeMap)).found(found).expected(expected)
}

/// A claim by its path. A name may have dots in it (`https://acme.test/roles`): the longest name that is there goes first. A
/// number is a place in a list.
fn nested<'v>(claims: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    if let Some(whole) = claims.get(path) {
        return Some(whole);
    }
    let mut dots: Vec<usize> = path.match_indices('.').map(|(at, _)| at).collect();
    dots.reverse();
    dots.into_iter().find_map(|at| {
        let (name, rest) = path.split_at_checked(at)?;
        inside(claims.get(name)?, rest.strip_prefix('.')?)
    })
}

fn inside<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    match value {
        Value::Object(claims) => nested(claims, path),
        Value::Array(items) => {
            let (place, rest) =
                path.split_once('.').map_or((path, None), |(place, rest)| (place, Some(rest)));
            let item = items.get(place.parse::<usize>().ok()?)?;
            rest.map_or(Some(item), |rest| inside(item, rest))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn evaluated(template: &Value) -> Option<Value> {
        let token = json!({
            "sub": "1", "email": "ada@acme.test", "groups": ["a", "b"], "age": 36, "is_admin": true, "none": null,
            "address": { "country": "GB", "lines": ["one", { "text": "two" }] },
            "https://acme.test/roles": ["r"], "a.b": { "c": "dotted" },
        });
        let userinfo = json!({ "department": "math" });
        let said = Said {
            token: token.as_object().unwrap(),
            userinfo: userinfo.as_object(),
            access_token: Some("opaque"),
            connection_id: "con_1",
            connection_name: "acme",
            strategy: "okta",
        };
        Template::parse(template.clone()).unwrap().evaluate(&said)
    }

    #[test]
    fn one_expression_keeps_its_kind_and_a_mixed_one_is_text() {
        for (template, value) in [
            (json!("gold"), Some(json!("gold"))),
            (json!(""), Some(json!(""))),
            (json!(7), Some(json!(7))),
            (json!(true), Some(json!(true))),
            (json!("${context.tokenset.groups}"), Some(json!(["a", "b"]))),
            (json!("${ context.tokenset.age }"), Some(json!(36))),
            (json!("${context.tokenset.is_admin}"), Some(json!(true))),
            (json!("${context.tokenset.ghost}"), None),
            (json!("${context.tokenset.none}"), None),
            (json!("user_email|${context.tokenset.email}"), Some(json!("user_email|ada@acme.test"))),
            (json!("${context.tokenset.ghost}-${context.tokenset.age}"), Some(json!("-36"))),
            (json!("in ${context.tokenset.groups}"), Some(json!("in a,b"))),
            (json!("${context.userinfo.department}"), Some(json!("math"))),
            (json!("${context.tokenset.access_token}"), Some(json!("opaque"))),
            (json!("${context.connection.strategy}/${context.connection.name}"), Some(json!("okta/acme"))),
            (json!("$ {not} $one"), Some(json!("$ {not} $one"))),
        ] {
            assert_eq!(evaluated(&template), value, "{template}");
        }
    }

    #[test]
    fn claims_are_found_inside_each_other_and_by_names_with_dots() {
        for (path, value) in [
            ("address.country", Some(json!("GB"))),
            ("address.lines.0", Some(json!("one"))),
            ("address.lines.1.text", Some(json!("two"))),
            ("address.lines.2", None),
            ("address.country.x", None),
            ("https://acme.test/roles", Some(json!(["r"]))),
            ("https://acme.test/roles.0", Some(json!("r"))),
            ("a.b.c", Some(json!("dotted"))),
        ] {
            assert_eq!(evaluated(&json!(format!("${{context.tokenset.{path}}}"))), value, "{path}");
        }
    }

    #[test]
    fn what_is_no_template_is_refused_and_named() {
        for bad in [
            json!("${context.tokenset.email"),
            json!("${process.env.SECRET}"),
            json!("${context.request.ip}"),
            json!("${context.connection.options.client_secret}"),
            json!("${context.tokenset}"),
            json!("${context.tokenset.}"),
            json!(format!("${{context.tokenset.{}}}", ["a"; 11].join("."))),
            json!("${context.tokenset.a}".repeat(17)),
            json!("x".repeat(2049)),
            json!(null),
            json!(["${context.tokenset.email}"]),
            json!({ "a": 1 }),
        ] {
            let refusal = Template::parse(bad.clone()).unwrap_err();
            assert_eq!(refusal.what, What::Invalid(Field::AttributeMap), "{bad}");
        }
    }

    #[test]
    fn a_template_is_stored_as_it_was_given() {
        let given = json!("a ${context.userinfo.b}");
        let template: Template = serde_json::from_value(given.clone()).unwrap();
        assert!(template.reads_userinfo() && !template.reads_access_token());
        assert_eq!(serde_json::to_value(template).unwrap(), given);
    }
}
