//! Random filters as trees, in the ways in which they are written, and an evaluator that shares nothing with the crate's: it walks
//! names and trees of its own, and never sees the text.

use std::cmp::Ordering;
use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const COMPANY: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Folded,
    Exact,
    Flag,
    Time,
}

/// Attributes as a filter names them, and where their values are.
const PLAIN: [(&str, &[&str], Kind); 18] = [
    ("id", &["id"], Kind::Exact),
    ("externalId", &["externalId"], Kind::Exact),
    ("userName", &["userName"], Kind::Folded),
    ("displayName", &["displayName"], Kind::Folded),
    ("title", &["title"], Kind::Folded),
    ("active", &["active"], Kind::Flag),
    ("name.givenName", &["name", "givenName"], Kind::Folded),
    ("name.familyName", &["name", "familyName"], Kind::Folded),
    ("emails", &["emails", "value"], Kind::Folded),
    ("emails.value", &["emails", "value"], Kind::Folded),
    ("emails.type", &["emails", "type"], Kind::Folded),
    ("emails.primary", &["emails", "primary"], Kind::Flag),
    ("photos.value", &["photos", "value"], Kind::Exact),
    ("meta.created", &["meta", "created"], Kind::Time),
    ("meta.lastModified", &["meta", "lastModified"], Kind::Time),
    ("urn:ietf:params:scim:schemas:core:2.0:User:userName", &["userName"], Kind::Folded),
    (
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        &[COMPANY, "department"],
        Kind::Folded,
    ),
    (
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        &[COMPANY, "manager", "value"],
        Kind::Exact,
    ),
];
const LISTS: [(&str, Kind); 2] = [("emails", Kind::Folded), ("photos", Kind::Exact)];
pub(crate) const TEXTS: [&str; 14] =
    ["a", "A", "b", "ab", "Ab", "aB c", "é", "É", "a\"b", "a\\", "work", "Work", "x@y.example", "ß"];
const TIMES: [&str; 5] = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:00:00.001Z",
    "2025-12-31T23:59:59Z",
];
const TEXT_OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
const ORDERED: [&str; 6] = ["eq", "ne", "gt", "ge", "lt", "le"];

#[derive(Clone, Debug)]
pub(crate) enum Tree {
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Present(String, Vec<&'static str>),
    Test(String, Vec<&'static str>, Kind, &'static str, Value),
    Within(&'static str, Box<Tree>),
}

fn literal(kind: Kind) -> BoxedStrategy<(&'static str, Value)> {
    let texts = || select(&TEXTS[..]).prop_map(Value::from);
    match kind {
        Kind::Folded | Kind::Exact => prop_oneof![
            12 => (select(&TEXT_OPERATORS[..]), texts()),
            1 => (select(vec!["eq", "ne"]), Just(Value::Null)),
            1 => (select(vec!["co", "sw", "ew"]), Just(json!(""))),
        ]
        .boxed(),
        Kind::Flag => (select(vec!["eq", "ne"]), any::<bool>().prop_map(Value::Bool)).boxed(),
        Kind::Time => (select(&ORDERED[..]), select(&TIMES[..]).prop_map(Value::from)).boxed(),
    }
}

pub(crate) fn leaf() -> BoxedStrategy<Tree> {
    let test = select(&PLAIN[..]).prop_flat_map(|(name, place, kind)| {
        literal(kind).prop_map(move |(operator, value)| {
            Tree::Test(name.to_owned(), place.to_vec(), kind, operator, value)
        })
    });
    let names = select(vec![
        "name",
        "emails",
        "photos",
        "title",
        "meta",
        "displayName",
        "name.familyName",
        "emails.type",
    ]);
    let present = names.prop_map(|name| Tree::Present(name.to_owned(), name.split('.').collect()));
    let parts = |kind: Kind| vec![("value", kind), ("type", Kind::Folded), ("primary", Kind::Flag)];
    let within = select(&LISTS[..]).prop_flat_map(move |(list, kind)| {
        let test = select(parts(kind)).prop_flat_map(|(part, kind)| {
            let tested = literal(kind).prop_map(move |(operator, value)| {
                Tree::Test(part.to_owned(), vec![part], kind, operator, value)
            });
            prop_oneof![6 => tested, 1 => Just(Tree::Present(part.to_owned(), vec![part]))]
        });
        nested(test.boxed()).prop_map(move |inner| Tree::Within(list, Box::new(inner)))
    });
    prop_oneof![6 => test, 1 => present, 2 => within].boxed()
}

pub(crate) fn nested(leaf: BoxedStrategy<Tree>) -> BoxedStrategy<Tree> {
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Tree::And),
            vec(inner.clone(), 2..4).prop_map(Tree::Or),
            inner.prop_map(|inner| Tree::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

// --- the second evaluator -------------------------------------------------------------------------------------------

pub(crate) fn found<'v>(value: &'v Value, place: &[&str]) -> Vec<&'v Value> {
    match (value, place) {
        (Value::Array(items), _) => items.iter().flat_map(|item| found(item, place)).collect(),
        (_, []) => vec![value],
        (Value::Object(members), [first, rest @ ..]) => {
            members.get(*first).map(|member| found(member, rest)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

pub(crate) fn holds(tree: &Tree, value: &Value) -> bool {
    match tree {
        Tree::And(parts) => !parts.iter().any(|part| !holds(part, value)),
        Tree::Or(parts) => parts.iter().any(|part| holds(part, value)),
        Tree::Not(inner) => !holds(inner, value),
        Tree::Present(_, place) => !found(value, place).is_empty(),
        Tree::Within(list, inner) => value
            .get(*list)
            .and_then(Value::as_array)
            .is_some_and(|items| items.iter().any(|item| holds(inner, item))),
        Tree::Test(_, place, kind, operator, literal) => {
            let leaves = found(value, place);
            match (*operator, literal.is_null(), leaves.is_empty()) {
                ("eq", true, none) => none,
                ("ne", true, none) => !none,
                ("ne", false, true) => true,
                _ => leaves.iter().any(|leaf| compares(leaf, *kind, operator, literal)),
            }
        }
    }
}

fn compares(leaf: &Value, kind: Kind, operator: &str, literal: &Value) -> bool {
    if kind == Kind::Flag {
        return (leaf == literal) == (operator == "eq");
    }
    let (mut one, mut two) = (leaf.as_str().unwrap().to_owned(), literal.as_str().unwrap().to_owned());
    if kind == Kind::Folded {
        one = one.chars().flat_map(char::to_lowercase).collect();
        two = two.chars().flat_map(char::to_lowercase).collect();
    }
    if kind == Kind::Time {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        return ordered(at(&one).cmp(&at(&two)), operator);
    }
    match operator {
        "co" => two.is_empty() || (0..one.len()).any(|at| one.as_bytes()[at..].starts_with(two.as_bytes())),
        "sw" => one.as_bytes().starts_with(two.as_bytes()),
        "ew" => one.as_bytes().ends_with(two.as_bytes()),
        _ => ordered(one.chars().cmp(two.chars()), operator),
    }
}

fn ordered(order: Ordering, operator: &str) -> bool {
    match operator {
        "eq" => order == Ordering::Equal,
        "ne" => order != Ordering::Equal,
        "gt" => order == Ordering::Greater,
        "ge" => order != Ordering::Less,
        "lt" => order == Ordering::Less,
        "le" => order != Ordering::Greater,
        other => panic!("{other}"),
    }
}

// --- writing --------------------------------------------------------------------------------------------------------

/// Liberties that a text may take without meaning anything else.
pub(crate) struct Style<'s>(pub(crate) std::iter::Cycle<std::slice::Iter<'s, u8>>);

impl Style<'_> {
    fn pick(&mut self, among: u8) -> u8 {
        self.0.next().unwrap() % among
    }

    fn word(&mut self, word: &str) -> String {
        match self.pick(3) {
            0 => word.to_ascii_uppercase(),
            1 => word.to_ascii_lowercase(),
            _ => word.to_owned(),
        }
    }

    fn blank(&mut self) -> &'static str {
        [" ", "  "][usize::from(self.pick(2))]
    }
}

pub(crate) fn write(tree: &Tree, strength: u8, style: &mut Style<'_>, out: &mut String) {
    let own = match tree {
        Tree::Or(_) => 0,
        Tree::And(_) => 1,
        _ => 2,
    };
    let grouped = own < strength || style.pick(8) == 0;
    out.push_str(if grouped { "(" } else { "" });
    match tree {
        Tree::And(parts) => joined(parts, "and", 2, style, out),
        Tree::Or(parts) => joined(parts, "or", 1, style, out),
        Tree::Not(inner) => {
            let word = style.word("not");
            write!(out, "{word}{}(", [" ", ""][usize::from(style.pick(2))]).unwrap();
            write(inner, 0, style, out);
            out.push(')');
        }
        Tree::Present(name, _) => {
            let (name, blank, pr) = (style.word(name), style.blank(), style.word("pr"));
            write!(out, "{name}{blank}{pr}").unwrap();
        }
        Tree::Within(list, inner) => {
            let list = style.word(list);
            write!(out, "{list}[").unwrap();
            write(inner, 0, style, out);
            out.push(']');
        }
        Tree::Test(name, _, _, operator, literal) => {
            let (name, operator) = (style.word(name), style.word(operator));
            let (before, after) = (style.blank(), style.blank());
            let mut literal = literal.to_string();
            if style.pick(4) == 0 {
                literal = literal.replace('a', "\\u0061").replace("f\\u0061lse", "false");
            }
            write!(out, "{name}{before}{operator}{after}{literal}").unwrap();
        }
    }
    out.push_str(if grouped { ")" } else { "" });
}

fn joined(parts: &[Tree], word: &str, strength: u8, style: &mut Style<'_>, out: &mut String) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            let (before, word, after) = (style.blank(), style.word(word), style.blank());
            write!(out, "{before}{word}{after}").unwrap();
        }
        write(part, strength, style, out);
    }
}

// --- users ----------------------------------------------------------------------------------------------------------

pub(crate) fn user() -> impl Strategy<Value = Value> {
    let text = || proptest::option::of(select(&TEXTS[..]).prop_map(Value::from));
    let flag = || proptest::option::of(any::<bool>().prop_map(Value::Bool));
    let entry = (text(), text(), flag())
        .prop_map(|(value, kind, primary)| object([("value", value), ("type", kind), ("primary", primary)]));
    let entries = || {
        vec(entry.clone(), 0..3).prop_map(|items| {
            let items: Vec<_> = items.into_iter().flatten().collect();
            (!items.is_empty()).then_some(Value::Array(items))
        })
    };
    let time = || proptest::option::of(select(&TIMES[..]).prop_map(Value::from));
    let texts = (text(), text(), text(), text(), text());
    let more = (text(), text(), text(), text(), time(), time());
    (texts, more, flag(), entries(), entries()).prop_map(|(texts, more, active, emails, photos)| {
        let manager = object([("value", more.3)]);
        object([
            ("id", texts.0),
            ("externalId", texts.1),
            ("userName", texts.2),
            ("displayName", texts.3),
            ("title", texts.4),
            ("active", active),
            ("name", object([("givenName", more.0), ("familyName", more.1)])),
            ("emails", emails),
            ("photos", photos),
            ("meta", object([("created", more.4), ("lastModified", more.5)])),
            (COMPANY, object([("department", more.2), ("manager", manager)])),
        ])
        .unwrap_or_else(|| json!({}))
    })
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Option<Value> {
    let members: Map<_, _> =
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}
