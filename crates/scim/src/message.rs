//! What all bodies have in common.

use crate::json::{Json, Object};
use crate::schema::ResourceType;
use crate::tolerance::{Tolerance, Tolerances};

/// What was read, and what had to be tolerated for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// What was tolerated.
    pub tolerances: Tolerances,
}

/// Looks what `schemas` says (RFC 7643 section 3), and takes it out.
pub(crate) fn schemas(
    body: &mut Object,
    expected: &str,
    resource: Option<ResourceType>,
    noted: &mut Tolerances,
) {
    let named = match body.take("schemas") {
        Some(Json::List(items)) => items,
        Some(single @ Json::Text(_)) => vec![single],
        _ => Vec::new(),
    };
    let mut is_named = false;
    for item in named {
        let Json::Text(urn) = item else { continue };
        if urn.eq_ignore_ascii_case(expected) {
            is_named = true;
            continue;
        }
        let extensions = resource.map_or(&[][..], ResourceType::extensions);
        if !extensions.iter().any(|schema| schema.id.eq_ignore_ascii_case(&urn)) {
            noted.note(Tolerance::UnknownSchema, &urn);
        }
    }
    if !is_named {
        noted.note(Tolerance::SchemaLeftOut, expected);
    }
}
