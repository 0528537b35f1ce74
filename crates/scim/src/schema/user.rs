//! The attributes of a user (RFC 7643 section 4.1) and of the enterprise extension (section 4.3) that are kept.
//!
//! There is no `password`: a directory's people sign in at their provider. There are no certificates either.

use super::attribute::Attribute;

const fn display() -> Attribute {
    Attribute::text("display", "A name of this value, for people.")
}

const fn kind(usual: &'static [&'static str]) -> Attribute {
    Attribute::text("type", "What this value is for.").usually(usual)
}

const fn primary() -> Attribute {
    Attribute::boolean("primary", "Whether this is the preferred value; at most one is.")
}

pub(super) const ATTRIBUTES: &[Attribute] = &[
    Attribute::text("userName", "The name by which the directory knows this person.")
        .required()
        .always()
        .unique(),
    Attribute::complex("name", NAME, "The parts of the person's name."),
    Attribute::text("displayName", "The person's name, for people."),
    Attribute::text("nickName", "What the person is called in daily life."),
    Attribute::reference("profileUrl", &["external"], "A page about the person."),
    Attribute::text("title", "The person's title, such as \"Vice President\"."),
    Attribute::text("userType", "How the person belongs to the company, such as \"Contractor\"."),
    Attribute::text("preferredLanguage", "The person's languages, as Accept-Language has them."),
    Attribute::text("locale", "How numbers and times are shown to the person, such as \"en-US\"."),
    Attribute::text("timezone", "The person's time zone, such as \"Europe/Vienna\"."),
    Attribute::boolean("active", "Whether the person may sign in."),
    Attribute::complex("emails", EMAILS, "The person's addresses.").list(),
    Attribute::complex("phoneNumbers", PHONE_NUMBERS, "The person's telephone numbers.").list(),
    Attribute::complex("ims", IMS, "The person's addresses for instant messages.").list(),
    Attribute::complex("photos", PHOTOS, "Addresses of pictures of the person.").list(),
    Attribute::complex("addresses", ADDRESSES, "Where the person lives and works.").list(),
    Attribute::complex("groups", GROUPS, "The groups of the person, as the groups say it.")
        .list()
        .read_only(),
    Attribute::complex("entitlements", VALUES, "What the person is entitled to.").list(),
    Attribute::complex("roles", VALUES, "The person's roles in the directory.").list(),
];

const NAME: &[Attribute] = &[
    Attribute::text("formatted", "The whole name."),
    Attribute::text("familyName", "The family name."),
    Attribute::text("givenName", "The given name."),
    Attribute::text("middleName", "Further given names."),
    Attribute::text("honorificPrefix", "A title before the name."),
    Attribute::text("honorificSuffix", "A title after the name."),
];

const EMAILS: &[Attribute] =
    &[Attribute::text("value", "The address."), display(), kind(&["work", "home", "other"]), primary()];

const PHONE_NUMBERS: &[Attribute] = &[
    Attribute::text("value", "The number."),
    display(),
    kind(&["work", "home", "mobile", "fax", "pager", "other"]),
    primary(),
];

const IMS: &[Attribute] = &[
    Attribute::text("value", "The address."),
    display(),
    kind(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
    primary(),
];

const PHOTOS: &[Attribute] = &[
    Attribute::reference("value", &["external"], "The picture."),
    display(),
    kind(&["photo", "thumbnail"]),
    primary(),
];

const ADDRESSES: &[Attribute] = &[
    Attribute::text("formatted", "The whole address, with line breaks."),
    Attribute::text("streetAddress", "Street, house and door."),
    Attribute::text("locality", "The city."),
    Attribute::text("region", "The state or region."),
    Attribute::text("postalCode", "The postal code."),
    Attribute::text("country", "The country."),
    kind(&["work", "home", "other"]),
    primary(),
];

const GROUPS: &[Attribute] = &[
    Attribute::text("value", "The id of the group.").exact().read_only(),
    Attribute::reference("$ref", &["Group"], "The address of the group.").read_only(),
    Attribute::text("display", "The name of the group.").read_only(),
    kind(&["direct", "indirect"]).read_only(),
];

const VALUES: &[Attribute] = &[Attribute::text("value", "The value."), display(), kind(&[]), primary()];

pub(super) const ENTERPRISE: &[Attribute] = &[
    Attribute::text("employeeNumber", "The person's number in the company."),
    Attribute::text("costCenter", "The cost centre."),
    Attribute::text("organization", "The organization."),
    Attribute::text("division", "The division."),
    Attribute::text("department", "The department."),
    Attribute::complex("manager", MANAGER, "Whom the person reports to."),
];

const MANAGER: &[Attribute] = &[
    Attribute::text("value", "The id of the manager.").exact(),
    Attribute::reference("$ref", &["User"], "The address of the manager."),
    Attribute::text("displayName", "The name of the manager.").read_only(),
];
