//! Models that know nothing of JSON: a user is a record with fields, the members of a group are a set. What happens to them is a
//! [`Step`], and [`written`] says it in the ways in which clients write it.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use vestibule_scim::problem::ScimType;

const COMPANY: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Email {
    pub(crate) value: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) display: Option<String>,
    pub(crate) primary: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Person {
    pub(crate) user_name: String,
    pub(crate) title: Option<String>,
    pub(crate) active: Option<bool>,
    pub(crate) given: Option<String>,
    pub(crate) family: Option<String>,
    pub(crate) department: Option<String>,
    pub(crate) manager: Option<String>,
    pub(crate) emails: Vec<Email>,
}

/// What a filter in brackets asks for.
#[derive(Clone, Debug)]
pub(crate) enum Chosen {
    Kind(String),
    Value(String),
    KindAndPrimary(String),
    /// Something from which no value can be made.
    NotKind(String),
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    UserName(String),
    Title(Option<String>),
    Active(bool),
    Given(Option<String>),
    Name(Option<String>, Option<String>),
    RemoveName,
    Department(Option<String>),
    Manager(String),
    RemoveCompany,
    AddEmails(Vec<Email>),
    ReplaceEmails(Vec<Email>),
    RemoveEmails,
    RemoveListed(Vec<String>),
    Set(Chosen, String),
    Prefer(Chosen, bool),
    Put(Chosen, Email),
    Merge(Chosen, Email),
    Remove(Chosen),
    RemoveValue(Chosen),
    /// Refused, whatever there is.
    Refused(Value, ScimType),
}

impl Chosen {
    fn text(&self) -> String {
        match self {
            Self::Kind(kind) => format!("type eq \"{kind}\""),
            Self::Value(value) => format!("value eq \"{value}\""),
            Self::KindAndPrimary(kind) => format!("type eq \"{kind}\" and primary eq true"),
            Self::NotKind(kind) => format!("not (type eq \"{kind}\")"),
        }
    }

    fn takes(&self, email: &Email) -> bool {
        let is = |found: &Option<String>, wanted: &str| {
            found.as_ref().is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())
        };
        match self {
            Self::Kind(kind) => is(&email.kind, kind),
            Self::Value(value) => is(&email.value, value),
            Self::KindAndPrimary(kind) => is(&email.kind, kind) && email.primary == Some(true),
            Self::NotKind(kind) => !is(&email.kind, kind),
        }
    }

    fn made(&self) -> Option<Email> {
        let none = Email::default();
        match self.clone() {
            Self::Kind(kind) => Some(Email { kind: Some(kind), ..none }),
            Self::Value(value) => Some(Email { value: Some(value), ..none }),
            Self::KindAndPrimary(kind) => Some(Email { kind: Some(kind), primary: Some(true), ..none }),
            Self::NotKind(_) => None,
        }
    }
}

impl Email {
    pub(crate) fn json(&self) -> Value {
        let mut members = Map::new();
        let texts = [("value", &self.value), ("type", &self.kind), ("display", &self.display)];
        members.extend(
            texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into()))),
        );
        members.extend(self.primary.map(|primary| ("primary".to_owned(), primary.into())));
        Value::Object(members)
    }

    fn merge(&mut self, new: &Self) {
        let new = new.clone();
        *self = Self {
            value: new.value.or(self.value.take()),
            kind: new.kind.or(self.kind.take()),
            display: new.display.or(self.display.take()),
            primary: new.primary.or(self.primary),
        };
    }

    fn says_something(&self) -> bool {
        self.value.is_some() || self.display.is_some()
    }

    /// Whether this, which comes, is that, which is there.
    fn is(&self, other: &Self) -> bool {
        if self.value.is_none() || other.value.is_none() {
            return self == other;
        }
        self.value == other.value && (self.kind.is_none() || self.kind == other.kind)
    }
}

fn taken_up(list: &mut Vec<Email>, new: &[Email]) -> BTreeSet<usize> {
    let mut touched = BTreeSet::new();
    for email in new {
        if let Some(at) = list.iter().position(|found| email.is(found)) {
            list[at].merge(email);
            touched.insert(at);
        } else {
            list.push(email.clone());
            touched.insert(list.len() - 1);
        }
    }
    touched
}

/// What the values of one operation would be if there were nothing else.
pub(crate) fn well_formed(new: &[Email]) -> Result<Vec<Email>, ScimType> {
    let mut once: Vec<Email> = Vec::new();
    for email in new.iter().filter(|email| email.says_something()) {
        if !once.contains(email) {
            once.push(email.clone());
        }
    }
    one_primary(&once)?;
    Ok(once)
}

fn one_primary(list: &[Email]) -> Result<(), ScimType> {
    let preferred = list.iter().filter(|email| email.primary == Some(true)).count();
    if preferred > 1 { Err(ScimType::InvalidValue) } else { Ok(()) }
}

impl Person {
    pub(crate) fn json(&self) -> Value {
        let mut user = Map::new();
        let mut put =
            |name: &str, value: Option<Value>| user.extend(value.map(|value| (name.to_owned(), value)));
        put("userName", Some(self.user_name.clone().into()));
        put("title", self.title.clone().map(Value::String));
        put("active", self.active.map(Value::Bool));
        put("name", object([("givenName", &self.given), ("familyName", &self.family)]));
        let emails: Vec<_> = self.emails.iter().map(Email::json).collect();
        put("emails", (!emails.is_empty()).then_some(Value::Array(emails)));
        let mut company = object([("department", &self.department)]).unwrap_or_else(|| json!({}));
        if let Some(manager) = &self.manager {
            company["manager"] = json!({ "value": manager });
        }
        put(COMPANY, (company != json!({})).then_some(company));
        Value::Object(user)
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<(), ScimType> {
        match step.clone() {
            Step::UserName(name) => self.user_name = name,
            Step::Title(title) => self.title = title,
            Step::Active(active) => self.active = Some(active),
            Step::Given(given) => self.given = given,
            Step::Name(given, family) => {
                self.given = given.or(self.given.take());
                self.family = family.or(self.family.take());
            }
            Step::RemoveName => (self.given, self.family) = (None, None),
            Step::Department(department) => self.department = department,
            Step::Manager(manager) => self.manager = Some(manager),
            Step::RemoveCompany => (self.department, self.manager) = (None, None),
            Step::AddEmails(new) => {
                let new = well_formed(&new)?;
                let touched = taken_up(&mut self.emails, &new);
                self.settle(&touched)?;
            }
            Step::ReplaceEmails(new) => {
                let new = well_formed(&new)?;
                self.emails.clear();
                let touched = taken_up(&mut self.emails, &new);
                self.settle(&touched)?;
            }
            Step::RemoveEmails => self.emails.clear(),
            Step::RemoveListed(values) => {
                self.emails.retain(|email| !email.value.as_ref().is_some_and(|value| values.contains(value)));
            }
            Step::Set(chosen, value) => self.change(&chosen, |email| email.value = Some(value.clone()))?,
            Step::Prefer(chosen, primary) => self.change(&chosen, |email| email.primary = Some(primary))?,
            Step::Put(chosen, new) => {
                if new.says_something() {
                    self.change(&chosen, |email| {
                        *email = chosen.made().unwrap_or_default();
                        email.merge(&new);
                    })?;
                } else {
                    self.emails.retain(|email| !chosen.takes(email));
                }
            }
            Step::Merge(chosen, new) => {
                if new.says_something() {
                    self.change(&chosen, |email| email.merge(&new))?;
                }
            }
            Step::Remove(chosen) => self.emails.retain(|email| !chosen.takes(email)),
            Step::RemoveValue(chosen) => {
                self.emails
                    .iter_mut()
                    .filter(|email| chosen.takes(email))
                    .for_each(|email| email.value = None);
                self.emails.retain(Email::says_something);
            }
            Step::Refused(_, scim_type) => return Err(scim_type),
        }
        Ok(())
    }

    fn change(&mut self, chosen: &Chosen, mut how: impl FnMut(&mut Email)) -> Result<(), ScimType> {
        let mut touched: BTreeSet<_> =
            (0..self.emails.len()).filter(|at| chosen.takes(&self.emails[*at])).collect();
        if touched.is_empty() {
            self.emails.push(chosen.made().ok_or(ScimType::NoTarget)?);
            touched.insert(self.emails.len() - 1);
        }
        touched.iter().for_each(|at| how(&mut self.emails[*at]));
        self.settle(&touched)
    }

    /// What is preferred now is preferred alone; what says nothing goes; what is the same becomes one.
    fn settle(&mut self, touched: &BTreeSet<usize>) -> Result<(), ScimType> {
        if touched.iter().any(|at| self.emails[*at].primary == Some(true)) {
            for (at, email) in self.emails.iter_mut().enumerate() {
                if !touched.contains(&at) && email.primary == Some(true) {
                    email.primary = Some(false);
                }
            }
        }
        let all: Vec<_> = self.emails.drain(..).filter(Email::says_something).collect();
        taken_up(&mut self.emails, &all);
        one_primary(&self.emails)
    }
}

fn object<const N: usize>(members: [(&str, &Option<String>); N]) -> Option<Value> {
    let members: Map<_, _> = members
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into())))
        .collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

// --- how a step is written ------------------------------------------------------------------------------------------

fn operation(op: &str, path: &str, value: Option<Value>) -> Value {
    let mut operation = json!({ "op": op, "path": path });
    operation.as_object_mut().unwrap().extend(value.map(|value| ("value".to_owned(), value)));
    operation
}

/// Several ways to write one thing; `style` chooses.
pub(crate) fn written(step: &Step, style: u8) -> Value {
    let even = style.is_multiple_of(2);
    let set = |path: &str, value: Value| match style % 6 {
        0 => json!({ "op": "replace", "value": { path: value } }),
        1 => json!({ "op": "Add", "value": { path: value } }),
        2 => operation("Replace", &path.to_uppercase(), Some(value)),
        3 => operation("add", &format!("urn:ietf:params:scim:schemas:core:2.0:User:{path}"), Some(value)),
        4 => json!({ "OP": "REPLACE", "Path": path, "VALUE": value }),
        _ => operation("add", path, Some(value)),
    };
    let or_remove = |path: &str, value: &Option<String>| match value {
        Some(text) => set(path, text.clone().into()),
        None if even => operation("Remove", path, None),
        None => {
            operation("replace", path, Some([Value::Null, json!("")][usize::from(style % 4 / 2)].clone()))
        }
    };
    let company = |name: &str| format!("{COMPANY}:{name}");
    let list = |emails: &[Email]| Value::Array(emails.iter().map(Email::json).collect());
    let at = |chosen: &Chosen, part: &str| format!("emails[{}]{part}", chosen.text());
    let verb = if even { "replace" } else { "Add" };
    match step {
        Step::UserName(name) => set("userName", name.clone().into()),
        Step::Title(title) => or_remove("title", title),
        Step::Active(active) if even => set("active", if *active { "True" } else { "False" }.into()),
        Step::Active(active) => set("active", (*active).into()),
        Step::Given(given) => or_remove("name.givenName", given),
        Step::Name(given, family) => {
            let parts = [("givenName", given), ("familyName", family)];
            let name = object(parts);
            match name {
                Some(name) => set("name", name),
                None => operation("add", "title.none", Some(json!("x"))),
            }
        }
        Step::RemoveName => operation("remove", "name", None),
        Step::Department(Some(department)) if even => {
            json!({ "op": "add", "value": { COMPANY: { "department": department } } })
        }
        Step::Department(Some(department)) => {
            operation(verb, &company("department"), Some(department.clone().into()))
        }
        Step::Department(None) => operation("remove", &company("department"), None),
        Step::Manager(manager) => match style % 3 {
            0 => operation("Add", &company("manager"), Some(manager.clone().into())),
            1 => operation("Add", &company("manager"), Some(json!([{ "$ref": null, "value": manager }]))),
            _ => operation("replace", &company("manager.value"), Some(manager.clone().into())),
        },
        Step::RemoveCompany => operation("remove", COMPANY, None),
        Step::AddEmails(emails) => match (emails.as_slice(), even) {
            ([one], true) => operation("add", "emails", Some(one.json())),
            _ => operation("Add", "emails", Some(list(emails))),
        },
        Step::ReplaceEmails(emails) if even => {
            json!({ "op": "replace", "value": { "emails": list(emails) } })
        }
        Step::ReplaceEmails(emails) => operation("replace", "emails", Some(list(emails))),
        Step::RemoveEmails => operation("remove", "emails", None),
        Step::RemoveListed(values) => {
            let values = values
                .iter()
                .map(|value| if even { json!({ "value": value }) } else { value.clone().into() });
            operation("Remove", "emails", Some(values.collect()))
        }
        Step::Set(chosen, value) if style.is_multiple_of(3) => {
            json!({ "op": verb, "value": { at(chosen, ".value"): value } })
        }
        Step::Set(chosen, value) => operation(verb, &at(chosen, ".value"), Some(value.clone().into())),
        Step::Prefer(chosen, primary) => operation(verb, &at(chosen, ".primary"), Some((*primary).into())),
        Step::Put(chosen, email) => operation("replace", &at(chosen, ""), Some(email.json())),
        Step::Merge(chosen, email) => operation("add", &at(chosen, ""), Some(email.json())),
        Step::Remove(chosen) => operation("remove", &at(chosen, ""), None),
        Step::RemoveValue(chosen) => operation("remove", &at(chosen, ".value"), None),
        Step::Refused(operation, _) => operation.clone(),
    }
}

fn text() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "c", "A"]).prop_map(str::to_owned)
}

fn kind() -> impl Strategy<Value = String> {
    select(vec!["work", "home", "Work"]).prop_map(str::to_owned)
}

fn email() -> impl Strategy<Value = Email> {
    let primary = prop_oneof![3 => Just(None), 1 => Just(Some(false)), 2 => Just(Some(true))];
    (option::weighted(0.9, text()), option::of(kind()), option::weighted(0.2, text()), primary)
        .prop_map(|(value, kind, display, primary)| Email { value, kind, display, primary })
}

fn chosen() -> impl Strategy<Value = Chosen> {
    prop_oneof![
        4 => kind().prop_map(Chosen::Kind),
        2 => text().prop_map(Chosen::Value),
        1 => kind().prop_map(Chosen::KindAndPrimary),
        1 => kind().prop_map(Chosen::NotKind),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let refused = select(vec![
        (json!({ "op": "remove", "path": "userName" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "userName", "value": null }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "id", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "add", "path": "groups", "value": [{ "value": "g" }] }), ScimType::Mutability),
        (json!({ "op": "remove", "path": "active" }), ScimType::Mutability),
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (json!({ "op": "replace", "path": "name[", "value": "x" }), ScimType::InvalidPath),
        (
            json!({ "op": "replace", "path": "emails[shoe eq \"a\"].value", "value": "x" }),
            ScimType::InvalidFilter,
        ),
        (json!({ "op": "replace", "path": "title" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), ScimType::InvalidValue),
        (json!({ "op": "move", "path": "title", "value": "x" }), ScimType::InvalidSyntax),
    ]);
    prop_oneof![
        1 => text().prop_map(Step::UserName),
        1 => option::of(text()).prop_map(Step::Title),
        1 => any::<bool>().prop_map(Step::Active),
        1 => option::of(text()).prop_map(Step::Given),
        1 => (option::of(text()), option::of(text())).prop_map(|(given, family)| Step::Name(given, family)),
        1 => Just(Step::RemoveName),
        1 => option::of(text()).prop_map(Step::Department),
        1 => text().prop_map(Step::Manager),
        1 => Just(Step::RemoveCompany),
        4 => vec(email(), 1..4).prop_map(Step::AddEmails),
        2 => vec(email(), 0..4).prop_map(Step::ReplaceEmails),
        1 => Just(Step::RemoveEmails),
        1 => vec(text(), 0..3).prop_map(Step::RemoveListed),
        4 => (chosen(), text()).prop_map(|(chosen, value)| Step::Set(chosen, value)),
        2 => (chosen(), any::<bool>()).prop_map(|(chosen, primary)| Step::Prefer(chosen, primary)),
        2 => (chosen(), email()).prop_map(|(chosen, email)| Step::Put(chosen, email)),
        2 => (chosen(), email()).prop_map(|(chosen, email)| Step::Merge(chosen, email)),
        2 => chosen().prop_map(Step::Remove),
        1 => chosen().prop_map(Step::RemoveValue),
        1 => refused.prop_map(|(operation, scim_type)| Step::Refused(operation, scim_type)),
    ]
}

/// Operations on members, in the ways in which clients write them.
pub(crate) fn of_members(kind: u8, ids: &[u8], name: impl Fn(u8) -> String) -> Value {
    let list: Value = ids.iter().map(|id| json!({ "value": name(*id), "display": "x" })).collect();
    let filter = ids.iter().map(|id| format!("value eq \"{}\"", name(*id))).collect::<Vec<_>>().join(" or ");
    match kind {
        0 => operation("Add", "members", Some(list)),
        1 => json!({ "op": "add", "value": { "members": list } }),
        2 if !ids.is_empty() => operation("remove", &format!("members[{filter}]"), None),
        2 | 3 => operation("Remove", "members", Some(list)),
        4 => operation("replace", "members", Some(list)),
        5 => json!({ "op": "Replace", "value": { "id": "g", "displayName": "G", "members": list } }),
        _ => operation("remove", "members", None),
    }
}
