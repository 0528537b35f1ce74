//! Attributes that every resource has (RFC 7643 section 3.1), and `schemas` (section 3).

use super::attribute::Attribute;

/// What belongs to no schema, and so stands in no schema document.
pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::reference("schemas", &["uri"], "The schemas of this resource.").list().read_only().always(),
    Attribute::text("id", "Our identifier of this resource.").exact().read_only().always().unique(),
    Attribute::text("externalId", "The client's identifier of this resource.").exact(),
    Attribute::complex("meta", META, "What we know of this resource.").read_only(),
];

const META: &[Attribute] = &[
    Attribute::text("resourceType", "The kind of this resource.").exact().read_only(),
    Attribute::time("created", "When this resource was made.").read_only(),
    Attribute::time("lastModified", "When this resource last changed.").read_only(),
    Attribute::reference("location", &["uri"], "The address of this resource.").read_only(),
    Attribute::text("version", "The entity tag of this resource.").exact().read_only(),
];
