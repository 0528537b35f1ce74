//! Searches on the wire: a filter that is not known or has a value of the wrong
//! type is refused by name, so that a typing error never finds everything.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vestibule_domain::member::MemberStatus;
use vestibule_domain::refusal::{Refusal, SearchPart, Searched, What};
use vestibule_domain::spelled::names;
use vestibule_store::tables::members::MemberFilter;
use vestibule_store::tables::organizations::OrganizationFilter;
use vestibule_store::tables::search::{Cursor, Operator, Search};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1000;
/// The most filters of one search.
const MAX_OPERANDS: usize = 50;
/// The most values of all filters of one search; each becomes a parameter of one statement.
const MAX_VALUES: usize = 500;
/// The fewest characters of a value to look for inside others.
const MIN_FUZZY: usize = 3;
/// The most characters of any value.
const MAX_TEXT: usize = 512;

/// The members that every search has.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SearchFields {
    cursor: Option<String>,
    limit: Option<i64>,
    query: Option<Query>,
}

/// The members of a search for members. Not made of the others by `flatten`, which hides from serde what there is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MemberSearchFields {
    /// The organizations to search in.
    pub organization_ids: Option<Vec<String>>,
    cursor: Option<String>,
    limit: Option<i64>,
    query: Option<Query>,
}

impl MemberSearchFields {
    /// A search for members.
    ///
    /// # Errors
    /// `member_search_*`, naming what is wrong.
    pub(crate) fn for_members(self) -> Result<Search<MemberFilter>, Refusal> {
        let Self { cursor, limit, query, .. } = self;
        SearchFields { cursor, limit, query }.read(&MEMBERS, member_filter)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    operator: Option<String>,
    operands: Option<Vec<Operand>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Operand {
    filter_name: Option<String>,
    filter_value: Option<Value>,
}

/// How many there are, and how to go on.
#[derive(Debug, Serialize)]
pub(crate) struct ResultsMetadata {
    total: u64,
    next_cursor: Option<String>,
}

impl ResultsMetadata {
    /// The metadata of a page.
    #[must_use]
    pub(crate) fn new(total: u64, next: Option<&Cursor>) -> Self {
        Self { total, next_cursor: next.map(ToString::to_string) }
    }
}

/// The meanings that a search refuses with.
struct Refusals {
    operator: What,
    filter: What,
    cursor: What,
    limit: What,
}

const ORGANIZATIONS: Refusals = Refusals {
    operator: What::InvalidSearch(Searched::Organizations, SearchPart::Operator),
    filter: What::InvalidSearch(Searched::Organizations, SearchPart::Filter),
    cursor: What::InvalidSearch(Searched::Organizations, SearchPart::Cursor),
    limit: What::InvalidSearch(Searched::Organizations, SearchPart::Limit),
};
const MEMBERS: Refusals = Refusals {
    operator: What::InvalidSearch(Searched::Members, SearchPart::Operator),
    filter: What::InvalidSearch(Searched::Members, SearchPart::Filter),
    cursor: What::InvalidSearch(Searched::Members, SearchPart::Cursor),
    limit: What::InvalidSearch(Searched::Members, SearchPart::Limit),
};

impl SearchFields {
    /// A search for organizations.
    ///
    /// # Errors
    /// `organization_search_*`, naming what is wrong.
    pub(crate) fn for_organizations(self) -> Result<Search<OrganizationFilter>, Refusal> {
        self.read(&ORGANIZATIONS, organization_filter)
    }

    fn read<F>(
        self,
        refusals: &Refusals,
        filter: impl Fn(&Named) -> Result<F, String>,
    ) -> Result<Search<F>, Refusal> {
        let query = self.query.unwrap_or_default();
        let operands = query.operands.unwrap_or_default();
        if operands.len() > MAX_OPERANDS || operands.iter().map(Operand::size).sum::<usize>() > MAX_VALUES {
            return Err(Refusal::new(refusals.filter)
                .because(format!("At most {MAX_OPERANDS} filters with {MAX_VALUES} values are taken.")));
        }
        let refused = |reason| Refusal::new(refusals.filter).because(reason);
        let filters = operands
            .into_iter()
            .map(|operand| operand.named().and_then(|named| filter(&named)).map_err(refused))
            .collect::<Result<_, _>>()?;
        Ok(Search {
            operator: operator(query.operator.as_deref(), refusals)?,
            filters,
            after: cursor(self.cursor.as_deref(), refusals)?,
            limit: limit(self.limit, refusals)?,
        })
    }
}

fn operator(found: Option<&str>, refusals: &Refusals) -> Result<Operator, Refusal> {
    match found {
        None | Some("AND") => Ok(Operator::And),
        Some("OR") => Ok(Operator::Or),
        Some(other) => Err(Refusal::new(refusals.operator).found(format!("{other:?}"))),
    }
}

fn cursor(found: Option<&str>, refusals: &Refusals) -> Result<Option<Cursor>, Refusal> {
    match found {
        None | Some("") => Ok(None),
        Some(text) => Ok(Some(Cursor::parse(text).ok_or(refusals.cursor)?)),
    }
}

fn limit(found: Option<i64>, refusals: &Refusals) -> Result<u32, Refusal> {
    let Some(found) = found else { return Ok(DEFAULT_LIMIT) };
    u32::try_from(found)
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit))
        .ok_or_else(|| Refusal::new(refusals.limit).found(found))
}

/// The filters that there are, for whoever names another.
const ORGANIZATION_FILTERS: [&str; 11] = [
    "organization_ids",
    "organization_slugs",
    "organization_name_fuzzy",
    "organization_slug_fuzzy",
    "member_emails",
    "member_email_fuzzy",
    "allowed_domains",
    "allowed_domain_fuzzy",
    "claimed_email_domains",
    "has_active_sso_connection",
    "sso_connection_id",
];
const MEMBER_FILTERS: [&str; 9] = [
    "member_ids",
    "member_emails",
    "member_email_fuzzy",
    "member_is_breakglass",
    "statuses",
    "member_mfa_phone_numbers",
    "member_mfa_phone_number_fuzzy",
    "member_password_exists",
    "member_roles",
];

fn organization_filter(named: &Named) -> Result<OrganizationFilter, String> {
    use OrganizationFilter as Filter;
    Ok(match named.name.as_str() {
        "organization_ids" => Filter::Ids(named.texts()?),
        "organization_slugs" => Filter::Slugs(named.texts()?),
        "organization_name_fuzzy" => Filter::NameFuzzy(named.fuzzy()?),
        "organization_slug_fuzzy" => Filter::SlugFuzzy(named.fuzzy()?),
        "member_emails" => Filter::MemberEmails(named.texts()?),
        "member_email_fuzzy" => Filter::MemberEmailFuzzy(named.fuzzy()?),
        "allowed_domains" => Filter::AllowedDomains(named.texts()?),
        "allowed_domain_fuzzy" => Filter::AllowedDomainFuzzy(named.fuzzy()?),
        "claimed_email_domains" => Filter::ClaimedDomains(named.texts()?),
        "has_active_sso_connection" => Filter::HasActiveConnection(named.flag()?),
        "sso_connection_id" => Filter::ConnectionId(named.text()?),
        _ => return Err(named.unknown(&ORGANIZATION_FILTERS)),
    })
}

fn member_filter(named: &Named) -> Result<MemberFilter, String> {
    use MemberFilter as Filter;
    Ok(match named.name.as_str() {
        "member_ids" => Filter::Ids(named.texts()?),
        "member_emails" => Filter::Emails(named.texts()?),
        "member_email_fuzzy" => Filter::EmailFuzzy(named.fuzzy()?),
        "member_is_breakglass" => Filter::IsBreakglass(named.flag()?),
        "statuses" => Filter::Statuses(named.statuses()?),
        "member_mfa_phone_numbers" => Filter::PhoneNumbers(named.texts()?),
        "member_mfa_phone_number_fuzzy" => Filter::PhoneNumberFuzzy(named.fuzzy()?),
        "member_password_exists" => Filter::PasswordExists(named.flag()?),
        "member_roles" => Filter::Roles(named.texts()?),
        _ => return Err(named.unknown(&MEMBER_FILTERS)),
    })
}

impl Operand {
    fn size(&self) -> usize {
        self.filter_value.as_ref().and_then(Value::as_array).map_or(1, Vec::len)
    }

    fn named(self) -> Result<Named, String> {
        let name = self.filter_name.ok_or("An operand has no filter_name.")?;
        Ok(Named { name, value: self.filter_value.unwrap_or_default() })
    }
}

/// A filter's name with its value, which is read as the type that the name asks for.
struct Named {
    name: String,
    value: Value,
}

impl Named {
    fn unknown(&self, known: &[&str]) -> String {
        format!("There is no filter {:?}; known are: {}.", self.name, known.join(", "))
    }

    fn expected(&self, what: &str) -> String {
        format!("The filter {:?} takes {what}.", self.name)
    }

    fn text(&self) -> Result<String, String> {
        self.checked(&self.value, "a text")
    }

    fn texts(&self) -> Result<Vec<String>, String> {
        let what = "a list of texts";
        let values = self.value.as_array().ok_or_else(|| self.expected(what))?;
        values.iter().map(|value| self.checked(value, what)).collect()
    }

    fn checked(&self, value: &Value, what: &str) -> Result<String, String> {
        let text = value.as_str().ok_or_else(|| self.expected(what))?;
        if text.chars().count() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(
                self.expected(&format!("texts of up to {MAX_TEXT} characters without control characters"))
            );
        }
        Ok(text.to_owned())
    }

    fn fuzzy(&self) -> Result<String, String> {
        let text = self.text()?;
        if text.chars().count() < MIN_FUZZY {
            return Err(self.expected(&format!("a text of at least {MIN_FUZZY} characters")));
        }
        Ok(text)
    }

    fn flag(&self) -> Result<bool, String> {
        self.value.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    fn statuses(&self) -> Result<Vec<MemberStatus>, String> {
        let names = names::<MemberStatus>();
        let read = |name: String| {
            MemberStatus::from_name(&name).ok_or_else(|| self.expected(&format!("a list out of {names}")))
        };
        self.texts()?.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields<T: serde::de::DeserializeOwned>(body: Value) -> T {
        serde_json::from_value(body).unwrap()
    }

    fn one<T: serde::de::DeserializeOwned>(name: &str, value: &Value) -> T {
        fields(
            json!({"query": {"operator": "OR", "operands": [{"filter_name": name, "filter_value": value}]}}),
        )
    }

    #[test]
    fn nothing_asked_is_everything() {
        let search = fields::<SearchFields>(json!({"cursor": null, "limit": null, "query": null}))
            .for_organizations()
            .unwrap();
        assert_eq!((search.operator, search.limit, search.after), (Operator::And, 100, None));
        assert!(search.filters.is_empty());
    }

    #[test]
    fn filters_are_read_by_name() {
        let search =
            one::<MemberSearchFields>("statuses", &json!(["active", "deleted"])).for_members().unwrap();
        assert_eq!(search.operator, Operator::Or);
        assert_eq!(
            search.filters,
            [MemberFilter::Statuses(vec![MemberStatus::Active, MemberStatus::Deleted])]
        );
        let search =
            one::<SearchFields>("has_active_sso_connection", &json!(false)).for_organizations().unwrap();
        assert_eq!(search.filters, [OrganizationFilter::HasActiveConnection(false)]);
    }

    #[test]
    fn a_wrong_filter_is_refused_by_name() {
        for (name, value) in [
            ("organization_id", json!(["a"])),
            ("organization_ids", json!("a")),
            ("organization_ids", json!([1])),
            ("organization_name_fuzzy", json!("ab")),
            ("organization_name_fuzzy", json!("a\u{0}bc")),
            ("has_active_sso_connection", json!("true")),
            ("sso_connection_id", json!(null)),
        ] {
            let refusal = one::<SearchFields>(name, &value).for_organizations().unwrap_err();
            assert_eq!(
                refusal.what,
                What::InvalidSearch(Searched::Organizations, SearchPart::Filter),
                "{name}"
            );
            assert!(refusal.detail().unwrap().contains(name), "{name}");
        }
        let refusal = one::<MemberSearchFields>("statuses", &json!(["gone"])).for_members().unwrap_err();
        assert_eq!(refusal.what, What::InvalidSearch(Searched::Members, SearchPart::Filter));
        let many = one::<MemberSearchFields>("member_ids", &json!(vec!["a"; MAX_VALUES + 1]))
            .for_members()
            .unwrap_err();
        assert_eq!(many.what, What::InvalidSearch(Searched::Members, SearchPart::Filter));
    }

    #[test]
    fn limits_cursors_and_operators_have_bounds() {
        for limit in [0, -1, 1001, i64::MAX] {
            let refusal = fields::<SearchFields>(json!({"limit": limit})).for_organizations().unwrap_err();
            assert_eq!(
                refusal.what,
                What::InvalidSearch(Searched::Organizations, SearchPart::Limit),
                "{limit}"
            );
        }
        let refusal = fields::<MemberSearchFields>(json!({"cursor": "?"})).for_members().unwrap_err();
        assert_eq!(refusal.what, What::InvalidSearch(Searched::Members, SearchPart::Cursor));
        let refusal =
            fields::<MemberSearchFields>(json!({"query": {"operator": "XOR"}})).for_members().unwrap_err();
        assert_eq!(refusal.what, What::InvalidSearch(Searched::Members, SearchPart::Operator));
    }
}
