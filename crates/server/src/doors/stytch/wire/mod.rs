//! The objects of the contract (section 4) as they stand on the wire, and the reading of spellings that
//! the domain keeps as enums. Nothing here decides anything.

mod member;
mod organization;
mod rbac;

pub mod connection;
pub mod saml_connection;
pub mod session;

pub use member::{MemberFields, MemberOut};
pub use organization::{OrganizationFields, OrganizationOut};
pub use rbac::{PolicyOut, RoleOut};

use vestibule_domain::refusal::{Field, Refusal, What};

/// Reads a text that must be one of a few names.
///
/// # Errors
/// `invalid_field` with the field, what was found and what would do.
fn one_of<T: Copy>(field: &str, found: &str, names: &[(&str, T)]) -> Result<T, Refusal> {
    names.iter().find(|(name, _)| *name == found).map(|(_, value)| *value).ok_or_else(|| {
        let expected: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        Refusal::new(What::Invalid(Field::Setting))
            .because(format!("Found {found:?} in {field}, expected one of {}.", expected.join(", ")))
    })
}
