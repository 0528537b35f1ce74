//! Operations as they are written, before anybody knows what their paths mean.

use super::SCHEMA;
use crate::json::{self, Json, Object};
use crate::message::schemas;
use crate::refusal::{Excerpt, ScimRefusal};
use crate::tolerance::{Tolerance, Tolerances};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Add,
    Replace,
    Remove,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Remove => "remove",
        }
    }
}

/// One operation.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) kind: Kind,
    pub(super) path: Option<String>,
    pub(super) value: Option<Json>,
}

impl Raw {
    /// What is to be added or put in place.
    pub(super) fn value(self) -> Result<Json, ScimRefusal> {
        self.value.ok_or(ScimRefusal::NoValue { operation: self.kind.name() })
    }

    /// The attributes that an operation without path names.
    pub(super) fn attributes(self) -> Result<Object, ScimRefusal> {
        match self.value()? {
            Json::Object(object) => Ok(object),
            other => Err(ScimRefusal::NoPath { found: other.kind() }),
        }
    }
}

pub(super) fn read(
    bytes: &[u8],
    (limit, most): (usize, usize),
    noted: &mut Tolerances,
) -> Result<Vec<Raw>, ScimRefusal> {
    let mut body = json::parse(bytes, limit)?;
    schemas(&mut body, SCHEMA, None, noted);
    let Some(Json::List(operations)) = body.take("Operations") else { return Err(ScimRefusal::NoOperations) };
    match operations.len() {
        0 => return Err(ScimRefusal::NoOperations),
        found if found > most => return Err(ScimRefusal::TooManyOperations { found, limit: most }),
        _ => {}
    }
    operations.into_iter().map(|operation| one(operation, noted)).collect()
}

fn one(operation: Json, noted: &mut Tolerances) -> Result<Raw, ScimRefusal> {
    let Json::Object(mut operation) = operation else {
        return Err(ScimRefusal::NotAnOperation { found: operation.kind() });
    };
    let kind = match operation.take("op") {
        Some(Json::Text(text)) => kind(&text, noted)?,
        Some(other) => return Err(ScimRefusal::UnknownOperation { found: Excerpt::of(&other.kind()) }),
        None => return Err(ScimRefusal::UnknownOperation { found: Excerpt::of("nothing") }),
    };
    let path = match operation.take("path") {
        None | Some(Json::Null) => None,
        Some(Json::Text(path)) => Some(path),
        Some(other) => {
            let (attribute, found) = ("path".to_owned(), other.kind());
            return Err(ScimRefusal::WrongType { attribute, found, expected: "text" });
        }
    };
    Ok(Raw { kind, path, value: operation.take("value") })
}

fn kind(text: &str, noted: &mut Tolerances) -> Result<Kind, ScimRefusal> {
    let kinds = [Kind::Add, Kind::Replace, Kind::Remove];
    let found = kinds.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
    let kind = found.ok_or_else(|| ScimRefusal::UnknownOperation { found: Excerpt::of(text) })?;
    if kind.name() != text {
        noted.note(Tolerance::OperationInCapitals, text);
    }
    Ok(kind)
}
