//! Enums that spell themselves: what the API shows and takes, what is stored, and what people read is one text for each
//! value, written once beside it.

use crate::refusal::{Field, Refusal, What};

/// An enum with a name for each of its values.
pub trait Spelled: Copy + 'static {
    /// All values, in the order in which they are listed to people.
    const VALUES: &'static [Self];

    /// The stable name.
    fn name(self) -> &'static str;

    /// Reads a stable name.
    fn named(name: &str) -> Option<Self>;
}

/// The names of all values, as they are listed in a sentence.
#[must_use]
pub fn names<E: Spelled>() -> String {
    E::VALUES.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ")
}

/// Reads a text that must be one of the names of `E`, given in a setting.
///
/// # Errors
/// [`Field::Setting`] with the setting, what was found and what would do.
pub fn one_of<E: Spelled>(setting: &str, found: &str) -> Result<E, Refusal> {
    E::named(found).ok_or_else(|| {
        Refusal::new(What::Invalid(Field::Setting))
            .found(format!("{found:?} in {setting}"))
            .expected(format!("one of {}", names::<E>()))
    })
}

/// Makes an enum out of its values and their names, with `ALL`, `as_str`, `from_name` and its form in documents.
///
/// `else Variant` after the name is what a stored name means that this version does not know (ADR 0016). Without it such
/// a document cannot be read.
macro_rules! spelled {
    (
        $(#[$about:meta])*
        pub enum $enum:ident $(else $unknown:ident)? {
            $($(#[$doc:meta])* $variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $enum { $($(#[$doc])* $variant,)* }

        impl $enum {
            /// All values.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Reads the stable name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::spelled::Spelled for $enum {
            const VALUES: &'static [Self] = &Self::ALL;

            fn name(self) -> &'static str {
                self.as_str()
            }

            fn named(name: &str) -> Option<Self> {
                Self::from_name(name)
            }
        }

        impl serde::Serialize for $enum {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $enum {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                let unknown = || serde::de::Error::unknown_variant(&name, &[$($name),*]);
                Self::from_name(&name)$(.or(Some(Self::$unknown)))?.ok_or_else(unknown)
            }
        }
    };
}

pub(crate) use spelled;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{
        Channel, ClientAuthentication, ConnectionStatus, NameIdFormat, ProviderLabel, SsoBinding,
    };
    use crate::member::MemberStatus;
    use crate::organization::{Access, MfaPolicy};
    use crate::redirect::RedirectKind;
    use crate::session::SsoProtocol;

    /// What is stored must not change: the names of every enum, and what a name that nobody knows is read as.
    #[test]
    fn every_name_is_stored_as_it_is_shown() {
        fn spelling<E>(enum_name: &str) -> String
        where
            E: Spelled + PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
        {
            for value in E::VALUES.iter().copied() {
                assert_eq!(serde_json::to_value(value).unwrap(), value.name());
                assert_eq!(serde_json::from_value::<E>(value.name().into()).unwrap(), value);
                assert_eq!(E::named(value.name()), Some(value));
            }
            let unknown = serde_json::from_str::<E>("\"of a newer version\"").map_or("an error", E::name);
            format!("{enum_name}: {}; else {unknown}\n", names::<E>())
        }
        insta::assert_snapshot!(
            [
                spelling::<Access>("Access"),
                spelling::<MfaPolicy>("MfaPolicy"),
                spelling::<MemberStatus>("MemberStatus"),
                spelling::<Channel>("Channel"),
                spelling::<ClientAuthentication>("ClientAuthentication"),
                spelling::<ConnectionStatus>("ConnectionStatus"),
                spelling::<SsoBinding>("SsoBinding"),
                spelling::<NameIdFormat>("NameIdFormat"),
                spelling::<ProviderLabel>("ProviderLabel"),
                spelling::<RedirectKind>("RedirectKind"),
                spelling::<SsoProtocol>("SsoProtocol"),
            ]
            .concat()
        );
    }

    #[test]
    fn a_wrong_name_is_refused_with_those_that_would_do() {
        assert_eq!(one_of("mfa_policy", "OPTIONAL"), Ok(MfaPolicy::Optional));
        let refusal = one_of::<MfaPolicy>("mfa_policy", "x").unwrap_err();
        assert_eq!(refusal.what, What::Invalid(Field::Setting));
        assert_eq!(
            refusal.detail().unwrap(),
            "Found \"x\" in mfa_policy, expected one of OPTIONAL, REQUIRED_FOR_ALL."
        );
    }
}
