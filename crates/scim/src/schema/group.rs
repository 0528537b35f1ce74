//! The attributes of a group (RFC 7643 section 4.2).

use super::attribute::Attribute;

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::text("displayName", "The group's name.").required(),
    Attribute::complex("members", MEMBERS, "The users of the group.").list(),
];

const MEMBERS: &[Attribute] = &[
    Attribute::text("value", "The id of the user.").exact().immutable(),
    Attribute::reference("$ref", &["User"], "The address of the user.").immutable(),
    Attribute::text("display", "The name of the user.").immutable(),
    Attribute::text("type", "The kind of the member: only users are.").immutable().usually(&["User"]),
];
