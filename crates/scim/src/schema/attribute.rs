//! What is known of an attribute (RFC 7643 sections 2.2 and 7).

/// The type of an attribute's values (RFC 7643 section 2.3). Types that no attribute here has are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// An `xsd:dateTime`.
    DateTime,
    /// A URI, which counts capitals.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl DataType {
    /// As a schema document says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::DateTime => "dateTime",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }

    /// What a value of it is in JSON, for people.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::String | Self::Reference => "text",
            Self::Boolean => "true or false",
            Self::DateTime => "a time such as 2026-02-28T12:00:00Z",
            Self::Complex => "an object",
        }
    }
}

/// Who may write an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// Only we.
    ReadOnly,
    /// The client.
    ReadWrite,
    /// The client, once.
    Immutable,
}

impl Mutability {
    /// As a schema document says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
        }
    }
}

/// When an attribute is part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever is asked for.
    Always,
    /// Unless something else is asked for.
    Default,
}

impl Returned {
    /// As a schema document says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Default => "default",
        }
    }
}

/// Among whom a value is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// Nobody.
    None,
    /// The resources of one directory.
    Server,
}

impl Uniqueness {
    /// As a schema document says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
        }
    }
}

/// One attribute of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name as we write it. Names are compared without regard to ASCII case (RFC 7643 section 2.1).
    pub name: &'static str,
    /// The type of its values.
    pub data_type: DataType,
    /// Whether it is a list.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether capitals count when it is compared.
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is part of an answer.
    pub returned: Returned,
    /// Among whom its values are unique.
    pub uniqueness: Uniqueness,
    /// Values that are usual. Others are taken too.
    pub canonical_values: &'static [&'static str],
    /// What a reference may point to.
    pub reference_types: &'static [&'static str],
    /// The parts of a complex attribute.
    pub sub_attributes: &'static [Self],
    /// What it is, for people.
    pub description: &'static str,
}

impl Attribute {
    const fn new(name: &'static str, data_type: DataType, description: &'static str) -> Self {
        Self {
            name,
            data_type,
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: &[],
            reference_types: &[],
            sub_attributes: &[],
            description,
        }
    }

    pub(super) const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, DataType::String, description)
    }

    pub(super) const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self::new(name, DataType::Boolean, description)
    }

    pub(super) const fn time(name: &'static str, description: &'static str) -> Self {
        Self::new(name, DataType::DateTime, description).exact()
    }

    pub(super) const fn reference(
        name: &'static str,
        types: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self { reference_types: types, ..Self::new(name, DataType::Reference, description) }.exact()
    }

    pub(super) const fn complex(
        name: &'static str,
        sub_attributes: &'static [Self],
        description: &'static str,
    ) -> Self {
        Self { sub_attributes, ..Self::new(name, DataType::Complex, description) }
    }

    pub(super) const fn list(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub(super) const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    pub(super) const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    pub(super) const fn always(self) -> Self {
        Self { returned: Returned::Always, ..self }
    }

    pub(super) const fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    pub(super) const fn usually(self, canonical_values: &'static [&'static str]) -> Self {
        Self { canonical_values, ..self }
    }

    /// The sub-attribute of that name.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&'static Self> {
        find(self.sub_attributes, name)
    }

    /// What is compared when the attribute itself is: a complex one's `value` (RFC 7643 section 2.4), or itself.
    #[must_use]
    pub fn compared(&'static self) -> Option<&'static Self> {
        if self.data_type == DataType::Complex { self.sub_attribute("value") } else { Some(self) }
    }
}

pub(super) fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
