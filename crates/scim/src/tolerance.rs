//! What is taken although it should be written otherwise, one by one, with the clients that need it.
//!
//! Whatever a reader of this crate tolerates it counts here, so that a trace can show it. None of these widens what a
//! directory may do: each has one reading, and what has two is refused.

use std::fmt;

use crate::refusal::Excerpt;

/// A client that is known to need something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// Microsoft Entra ID, as it is without a flag.
    Entra,
    /// Microsoft Entra ID with `aadOptscim062020` in its tenant URL.
    EntraFlagged,
    /// Okta's provisioning of an own application: PUT for everything.
    Okta,
    /// Okta's applications from its catalogue, among them the test applications: PATCH.
    OktaCatalogue,
    /// OneLogin, whose bodies are written by hand, as a template.
    OneLogin,
    /// JumpCloud.
    JumpCloud,
    /// PingOne, whose filter is written by hand.
    PingOne,
    /// Rippling.
    Rippling,
    /// authentik.
    Authentik,
    /// Actions of an event stream, whose bodies are written by hand, as a template.
    EventStream,
}

impl Client {
    /// Its name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra ID",
            Self::EntraFlagged => "Microsoft Entra ID with aadOptscim062020",
            Self::Okta => "Okta, own application",
            Self::OktaCatalogue => "Okta, application of the catalogue",
            Self::OneLogin => "OneLogin",
            Self::JumpCloud => "JumpCloud",
            Self::PingOne => "PingOne",
            Self::Rippling => "Rippling",
            Self::Authentik => "authentik",
            Self::EventStream => "an event stream's action",
        }
    }
}

/// Something that is taken although it should be written otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tolerance {
    /// `"active": "False"`: a boolean in quotation marks, in whatever case.
    BooleanAsText,
    /// `"employeeNumber": 701984`: a number where text is expected.
    NumberForText,
    /// `"type": ""`: an empty text, which counts as none.
    EmptyText,
    /// `"manager": "id"`: text where an object with `value` is expected.
    TextForObject,
    /// `"value": [{"value": "x"}]` for an attribute that is one text.
    ObjectForText,
    /// `"emails": {…}`: one value where a list is expected.
    SingleForList,
    /// `"manager": [{…}]`: a list of one where one value is expected.
    ListForSingle,
    /// `"name.givenName": "Ada"` as a member of an object.
    DottedName,
    /// `"urn:…:User:department": "x"` as a member of an object.
    UrnName,
    /// `urn:…:User.department`: a point where a colon is expected.
    PointAfterUrn,
    /// `"emails[type eq \"work\"].value": "x"` as a member of an object.
    FilteredName,
    /// An attribute that is not kept. It is left out.
    UnknownAttribute,
    /// A schema that is not kept. What it has is left out.
    UnknownSchema,
    /// A body that does not name its schema.
    SchemaLeftOut,
    /// A `password`. It is dropped unread.
    PasswordDropped,
    /// `"op": "Replace"`: an operation in capitals.
    OperationInCapitals,
    /// `id` and the like among what is to be replaced. They are left as they are.
    ReadOnlyLeft,
    /// A value is set on `emails[type eq "work"]` and there is none: it is made.
    ValueMade,
    /// Values are removed by a list of them rather than by a filter.
    RemovedByList,
    /// A replacement that names no members. Those that are there stay.
    MembersLeftOut,
    /// A replacement that does not say whether the person is active. That stays as it is.
    ActiveLeftOut,
    /// `emails[type eq "work"].value eq "x"`: a filter that compares what another one has chosen.
    ChosenCompared,
    /// `Authorization: token`, without the word Bearer.
    BareToken,
    /// `Authorization: Bearer Bearer token`.
    BearerTwice,
}

impl Tolerance {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::BooleanAsText,
        Self::NumberForText,
        Self::EmptyText,
        Self::TextForObject,
        Self::ObjectForText,
        Self::SingleForList,
        Self::ListForSingle,
        Self::DottedName,
        Self::UrnName,
        Self::PointAfterUrn,
        Self::FilteredName,
        Self::UnknownAttribute,
        Self::UnknownSchema,
        Self::SchemaLeftOut,
        Self::PasswordDropped,
        Self::OperationInCapitals,
        Self::ReadOnlyLeft,
        Self::ValueMade,
        Self::RemovedByList,
        Self::MembersLeftOut,
        Self::ActiveLeftOut,
        Self::ChosenCompared,
        Self::BareToken,
        Self::BearerTwice,
    ];

    /// A short, stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BooleanAsText => "boolean_as_text",
            Self::NumberForText => "number_for_text",
            Self::EmptyText => "empty_text",
            Self::TextForObject => "text_for_object",
            Self::ObjectForText => "object_for_text",
            Self::SingleForList => "single_for_list",
            Self::ListForSingle => "list_for_single",
            Self::DottedName => "dotted_name",
            Self::UrnName => "urn_name",
            Self::PointAfterUrn => "point_after_urn",
            Self::FilteredName => "filtered_name",
            Self::UnknownAttribute => "unknown_attribute",
            Self::UnknownSchema => "unknown_schema",
            Self::SchemaLeftOut => "schema_left_out",
            Self::PasswordDropped => "password_dropped",
            Self::OperationInCapitals => "operation_in_capitals",
            Self::ReadOnlyLeft => "read_only_left",
            Self::ValueMade => "value_made",
            Self::RemovedByList => "removed_by_list",
            Self::MembersLeftOut => "members_left_out",
            Self::ActiveLeftOut => "active_left_out",
            Self::ChosenCompared => "chosen_compared",
            Self::BareToken => "bare_token",
            Self::BearerTwice => "bearer_twice",
        }
    }

    /// The clients that are known to need it. What nobody needs is no tolerance.
    #[must_use]
    pub const fn clients(self) -> &'static [Client] {
        use Client::{
            Authentik, Entra, EntraFlagged, EventStream, JumpCloud, Okta, OktaCatalogue, OneLogin, PingOne,
            Rippling,
        };
        match self {
            Self::BooleanAsText => &[Entra, OneLogin, PingOne],
            Self::NumberForText | Self::SingleForList => &[OneLogin],
            Self::SchemaLeftOut => &[OneLogin, EventStream],
            Self::EmptyText | Self::PasswordDropped | Self::BareToken | Self::BearerTwice => &[Okta],
            Self::ListForSingle | Self::ObjectForText | Self::OperationInCapitals => &[Entra],
            Self::DottedName | Self::UrnName | Self::FilteredName => &[EntraFlagged],
            Self::PointAfterUrn => &[EventStream],
            Self::UnknownAttribute | Self::UnknownSchema => &[Okta, Entra, EntraFlagged],
            Self::ReadOnlyLeft => &[OktaCatalogue, Authentik],
            Self::RemovedByList => &[Entra, JumpCloud],
            Self::MembersLeftOut => &[Authentik],
            Self::ActiveLeftOut => &[Rippling],
            Self::TextForObject | Self::ValueMade | Self::ChosenCompared => &[Entra, EntraFlagged],
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BooleanAsText => "true or false in quotation marks was taken as such",
            Self::NumberForText => "a number was taken as text",
            Self::EmptyText => "an empty text was taken as none",
            Self::TextForObject => "a text was taken as the value of an object",
            Self::ObjectForText => "an object was taken as the text that is its value",
            Self::SingleForList => "one value was taken as a list",
            Self::ListForSingle => "a list of one was taken as its value",
            Self::DottedName => "a name with a point was taken as a path",
            Self::UrnName => "a name with a schema was taken as a path",
            Self::PointAfterUrn => "a point after a schema was taken as a colon",
            Self::FilteredName => "a name with a filter was taken as a path",
            Self::UnknownAttribute => "an attribute that is not kept was left out",
            Self::UnknownSchema => "a schema that is not kept was left out",
            Self::SchemaLeftOut => "the body did not name its schema",
            Self::PasswordDropped => "a password was dropped",
            Self::OperationInCapitals => "an operation in capitals was taken",
            Self::ReadOnlyLeft => "what only we write was left as it is",
            Self::ValueMade => "a value that a filter did not find was made",
            Self::RemovedByList => "values were removed by a list of them",
            Self::MembersLeftOut => "no members were named, and they stay as they are",
            Self::ActiveLeftOut => "it was not said whether the person is active, and that stays as it is",
            Self::ChosenCompared => "a filter compared what another one has chosen",
            Self::BareToken => "the token came without the word Bearer",
            Self::BearerTwice => "the token came with the word Bearer twice",
        })
    }
}

/// One tolerance that was needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tolerated {
    /// Which.
    pub tolerance: Tolerance,
    /// How often.
    pub times: usize,
    /// About which name the first time, if it was about a name. Never a value.
    pub about: Option<Excerpt>,
}

/// The tolerances that one message needed, in the order in which each was first needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tolerances(Vec<Tolerated>);

impl Tolerances {
    /// None.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether the message was as it should be.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them once.
    pub fn iter(&self) -> impl Iterator<Item = &Tolerated> {
        self.0.iter()
    }

    /// How often this one was needed.
    #[must_use]
    pub fn times(&self, tolerance: Tolerance) -> usize {
        self.0.iter().find(|found| found.tolerance == tolerance).map_or(0, |found| found.times)
    }

    pub(crate) fn note(&mut self, tolerance: Tolerance, name: &str) {
        if let Some(found) = self.0.iter_mut().find(|found| found.tolerance == tolerance) {
            found.times += 1;
            return;
        }
        let about = (!name.is_empty()).then(|| Excerpt::of(name));
        self.0.push(Tolerated { tolerance, times: 1, about });
    }

    /// These and those.
    #[must_use]
    pub fn with(mut self, others: &Self) -> Self {
        for other in &others.0 {
            match self.0.iter_mut().find(|found| found.tolerance == other.tolerance) {
                Some(found) => found.times += other.times,
                None => self.0.push(other.clone()),
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_has_a_name_and_a_client() {
        let codes: BTreeSet<_> = Tolerance::ALL.iter().map(|found| found.code()).collect();
        assert_eq!(codes.len(), Tolerance::ALL.len());
        assert!(Tolerance::ALL.iter().all(|found| !found.clients().is_empty()));
        assert!(
            Tolerance::ALL.windows(2).all(|pair| pair[0] < pair[1]),
            "in the order of the enum, all of them"
        );
    }

    #[test]
    fn they_are_counted() {
        let mut noted = Tolerances::none();
        noted.note(Tolerance::EmptyText, "type");
        noted.note(Tolerance::EmptyText, "display");
        let both = noted.clone().with(&noted);
        assert_eq!(both.times(Tolerance::EmptyText), 4);
        assert_eq!(both.iter().next().unwrap().about, Some(Excerpt::of("type")));
        assert_eq!(both.times(Tolerance::BareToken), 0);
    }
}
