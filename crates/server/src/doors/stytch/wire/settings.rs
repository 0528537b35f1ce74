//! Settings: what calls give and objects show. Each is said once, in one line of a `settings!` list.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_domain::Time;
use vestibule_domain::patch::{Given, Patch};
use vestibule_domain::refusal::{Field, Refusal, What};
use vestibule_domain::spelled::{Spelled, one_of};
use vestibule_refusal::Excerpt;

/// How a setting is given and shown.
pub(super) trait Kind {
    /// What a body has.
    type In;
    /// What the domain takes.
    type Value;
    /// What an object shows.
    type Out;

    /// Reads what was given for `setting`.
    ///
    /// # Errors
    /// The value is none that the setting can have.
    fn read(setting: &str, given: Patch<Self::In>) -> Result<Patch<Self::Value>, Refusal>;
}

/// Given, kept and shown as it is; an empty text unsets.
pub(super) struct Plain<T>(T);

impl<T: Given + DeserializeOwned + Serialize> Kind for Plain<T> {
    type In = T;
    type Value = T;
    type Out = T;

    fn read(_: &str, given: Patch<T>) -> Result<Patch<T>, Refusal> {
        Ok(given)
    }
}

/// A text.
pub(super) type Text = Plain<String>;
/// True or false.
pub(super) type Flag = Plain<bool>;
/// A list of texts.
pub(super) type Texts = Plain<Vec<String>>;

/// One of the names of an enum. It always has a value, so that the empty text is a wrong name.
pub(super) struct Choice<E>(E);

impl<E: Spelled + Serialize> Kind for Choice<E> {
    type In = String;
    type Value = E;
    type Out = E;

    fn read(setting: &str, given: Patch<String>) -> Result<Patch<E>, Refusal> {
        given.clear_as(String::new()).try_map(|name| one_of(setting, &name))
    }
}

/// The API user's own id. It is unset by a call of its own; the empty text is none.
pub(super) enum ExternalId {}

impl Kind for ExternalId {
    type In = String;
    type Value = String;
    type Out = Option<String>;

    fn read(_: &str, given: Patch<String>) -> Result<Patch<String>, Refusal> {
        Ok(given.clear_as(String::new()))
    }
}

/// When something ends that somebody has switched on. The empty text turns it off.
pub(super) enum Until {}

impl Kind for Until {
    type In = String;
    type Value = Time;
    type Out = String;

    fn read(setting: &str, given: Patch<String>) -> Result<Patch<Time>, Refusal> {
        end(Field::Setting, setting, given)
    }
}

/// The same of a legacy switch, which has a refusal of its own.
pub(super) enum LegacyUntil {}

impl Kind for LegacyUntil {
    type In = String;
    type Value = Time;
    type Out = String;

    fn read(setting: &str, given: Patch<String>) -> Result<Patch<Time>, Refusal> {
        end(Field::LegacySwitch, setting, given)
    }
}

fn end(kind: Field, setting: &str, given: Patch<String>) -> Result<Patch<Time>, Refusal> {
    given.try_map(|text| {
        Time::from_rfc3339(&text).ok_or_else(|| {
            Refusal::new(What::Invalid(kind))
                .found(format!("{:?} in {setting}", Excerpt::of(&text).as_str()))
                .expected("a time such as 2026-01-31T00:00:00Z")
        })
    })
}

/// Such an end as it is shown: unset texts are empty, never null.
pub(super) fn shown(time: Option<Time>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// Makes kinds of settings: `Name: given => taken by the domain, shown as, how it is read`.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $in:ty => $value:ty, shown as $out:ty, $read:expr;)*) => {$(
        $(#[$doc])*
        enum $kind {}

        impl $crate::doors::stytch::wire::settings::Kind for $kind {
            type In = $in;
            type Value = $value;
            type Out = $out;

            fn read(_: &str, given: Patch<$in>) -> Result<Patch<$value>, Refusal> {
                let read: fn(Patch<$in>) -> Result<Patch<$value>, Refusal> = $read;
                read(given)
            }
        }
    )*};
}

/// Makes the body of a call and what an object shows out of one list. A line is `field: Kind`, with the field's name in the
/// domain. Where this dialect has another name `as "name"` follows, and `= expression` where something else is shown than
/// what is kept. A field of the domain's patch that no line has does not compile.
///
/// `part` is for fields that stand together in a part of the patch, `later` for those that are filled in when what
/// comes `beside` the settings has been read, and for those that this dialect has no words for.
macro_rules! settings {
    (
        $(#[$in_doc:meta])*
        in $In:ident => $Patch:ident;
        $(#[$out_doc:meta])*
        out $Out:ident of $($root:ident: $Root:ty),+;
        $(shown from $of:expr => {
            $($field:ident $(as $name:literal)?: $kind:ty $(= $shown:expr)?,)*
        })+
        $(part $part:ident: $Part:ident, shown from $part_of:expr => {
            $($part_field:ident: $part_kind:ty,)*
        })?
        $(beside { $($(#[$beside_doc:meta])* $beside:ident: $beside_type:ty,)* })?
        $(later { $($later:ident,)* })?
    ) => {
        $(#[$in_doc])*
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        pub(crate) struct $In {
            $($($(#[serde(rename = $name)])? $field: Patch<<$kind as Kind>::In>,)*)+
            $($($part_field: Patch<<$part_kind as Kind>::In>,)*)?
            $($($(#[$beside_doc])* pub $beside: $beside_type,)*)?
        }

        impl $In {
            /// Takes the change out of the body.
            ///
            /// # Errors
            /// A value that its setting cannot have.
            pub(crate) fn patch(&mut self) -> Result<$Patch, Refusal> {
                use std::mem::take;
                // One client sends an empty list or map for each that its caller left away, and so names them all
                //. In any other body an empty one is meant.
                let left_away = [
                    $($(self.$field.leaves_many_away(),)*)+
                    $($(self.$part_field.leaves_many_away(),)*)?
                ];
                if !left_away.contains(&true) {
                    $($(self.$field = take(&mut self.$field).without_defaults();)*)+
                    $($(self.$part_field = take(&mut self.$part_field).without_defaults();)*)?
                }
                Ok($Patch {
                    $($($field: <$kind>::read(
                        settings!(@name $field $($name)?),
                        take(&mut self.$field),
                    )?,)*)+
                    $($part: $Part {
                        $($part_field: <$part_kind>::read(
                            stringify!($part_field),
                            take(&mut self.$part_field),
                        )?,)*
                    },)?
                    $($($later: Default::default(),)*)?
                })
            }
        }

        $(#[$out_doc])*
        #[derive(Debug, serde::Serialize)]
        struct $Out {
            $($($(#[serde(rename = $name)])? $field: <$kind as Kind>::Out,)*)+
            $($($part_field: <$part_kind as Kind>::Out,)*)?
        }

        impl $Out {
            fn of($($root: &$Root),+) -> Self {
                Self {
                    $($($field: settings!(@shown ($of.$field) $($shown)?),)*)+
                    $($($part_field: settings!(@shown ($part_of.$part_field)),)*)?
                }
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $name:literal) => { $name };
    (@shown ($kept:expr)) => { Clone::clone(&$kept) };
    (@shown ($kept:expr) $shown:expr) => { $shown };
}

pub(super) use {kinds, settings};
