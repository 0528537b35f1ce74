//! The three shapes of a listing: a bare array, a page with totals, and a page with where the next one begins. Which one a
//! client gets is said by the names in its query.

use serde_json::{Map, Value, json};
use vestibule_domain::Time;
use vestibule_domain::id::{Id, Kind};
use vestibule_domain::refusal::{Refusal, SearchPart};
use vestibule_store::tables::connection_lists::Window;
use vestibule_store::tables::search::Cursor;

use super::query::{Query, wrong};

/// The most pages that may be skipped: what is further back is read from where the page before ended.
const MOST_PAGES: u32 = 10_000;

/// How much of one resource is shown at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Without a word of the client's, by pages.
    pub usual: u32,
    /// The most of a page.
    pub most: u32,
    /// The most of a page that says where the next one begins.
    pub most_taken: u32,
}

/// What most resources have.
pub(crate) const BOUNDS: Bounds = Bounds { usual: 50, most: 100, most_taken: 100 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bare,
    Totals,
    Checkpoint,
}

/// Which part of a listing is wanted, and in which shape.
#[derive(Clone, Debug)]
pub(crate) struct Paging {
    form: Form,
    page: u32,
    /// How many are wanted.
    pub limit: u32,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

impl Paging {
    /// Reads what a query wants.
    ///
    /// # Errors
    /// A number out of bounds, or a place that none of our pages gave.
    pub(crate) fn read(query: &Query, bounds: Bounds) -> Result<Self, Refusal> {
        let form = match query.flag("include_totals")? {
            _ if query.has("take") || query.has("from") => Form::Checkpoint,
            Some(true) => Form::Totals,
            _ => Form::Bare,
        };
        let page = query.number("page", &(0..=MOST_PAGES))?.unwrap_or(0);
        let per_page = query.number("per_page", &(0..=bounds.most))?.filter(|number| *number > 0);
        let take = query.number("take", &(1..=bounds.most_taken))?;
        let from = query.text("from").map(|text| Cursor::parse(text).ok_or_else(elsewhere));
        Ok(match form {
            Form::Checkpoint => {
                Self { form, page: 0, limit: take.unwrap_or(BOUNDS.usual), after: from.transpose()? }
            }
            _ => Self { form, page, limit: per_page.unwrap_or(bounds.usual), after: None },
        })
    }

    /// How many stand before what is wanted.
    #[must_use]
    pub(crate) const fn skip(&self) -> u32 {
        self.page.saturating_mul(self.limit)
    }

    /// The part that is wanted, for a listing of connections.
    #[must_use]
    pub(crate) fn window(&self) -> Window {
        Window { after: self.after.clone(), skip: self.skip(), limit: self.limit, counts: self.counts() }
    }

    /// Where the page before ended, by time and id.
    ///
    /// # Errors
    /// It was a page of another listing.
    pub(crate) fn place<K: Kind>(&self) -> Result<Option<(Time, Id<K>)>, Refusal> {
        let Some(after) = &self.after else { return Ok(None) };
        let (at, id) = after.parts();
        let id = id.parse().map_err(|_| elsewhere())?;
        Ok(Some((at, id)))
    }

    /// Whether the shape says how many there are.
    #[must_use]
    pub(crate) fn counts(&self) -> bool {
        self.form == Form::Totals
    }

    /// The listing in its shape. `total` is how many there are, where that was asked.
    #[must_use]
    pub(crate) fn shown(&self, key: &str, items: Vec<Value>, total: u64, next: Option<&Cursor>) -> Value {
        match self.form {
            Form::Bare => Value::Array(items),
            Form::Totals => {
                let (start, length) = (self.skip(), items.len());
                json!({ "start": start, "limit": self.limit, "length": length, "total": total, key: items })
            }
            Form::Checkpoint => Self::taken(key, items, next),
        }
    }

    /// The page that says where the next one begins, for listings which have no other.
    #[must_use]
    pub(crate) fn taken(key: &str, items: Vec<Value>, next: Option<&Cursor>) -> Value {
        let mut page = Map::from_iter([(key.to_owned(), Value::Array(items))]);
        page.extend(next.map(|next| ("next".to_owned(), Value::String(next.to_string()))));
        Value::Object(page)
    }
}

fn elsewhere() -> Refusal {
    wrong(SearchPart::Cursor, "a place that no page of this listing gave", "from")
}

/// Which members of an object are wanted (`fields`, `include_fields`).
#[derive(Debug, Default)]
pub(crate) struct Fields {
    named: Vec<String>,
    dropped: bool,
}

impl Fields {
    /// Reads what a query wants.
    ///
    /// # Errors
    /// `include_fields` is neither true nor false.
    pub(crate) fn read(query: &Query) -> Result<Self, Refusal> {
        let named = query.all("fields").flat_map(|list| list.split(',')).map(str::trim);
        let named = named.filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Ok(Self { named, dropped: query.flag("include_fields")? == Some(false) })
    }

    /// The object with what is wanted of it.
    #[must_use]
    pub(crate) fn of(&self, object: Value) -> Value {
        match object {
            Value::Object(members) if !self.named.is_empty() => Value::Object(
                members.into_iter().filter(|(name, _)| self.named.contains(name) != self.dropped).collect(),
            ),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        use axum::extract::FromRequestParts as _;
        let request = http::Request::get(format!("/?{text}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Query::from_request_parts(&mut parts, &())).unwrap()
    }

    fn shape(text: &str) -> Value {
        let paging = Paging::read(&query(text), BOUNDS).unwrap();
        paging.shown("things", vec![json!(1)], 7, Some(&Cursor::new(Time::from_millis(5), "a")))
    }

    #[test]
    fn the_query_says_the_shape() {
        for text in ["", "page=1&per_page=10", "per_page=0", "include_totals=false"] {
            assert_eq!(shape(text), json!([1]), "{text}");
        }
        let totals = json!({ "start": 20, "limit": 10, "length": 1, "total": 7, "things": [1] });
        assert_eq!(shape("include_totals=true&page=2&per_page=10"), totals);
        assert_eq!(shape("include_totals=true")["limit"], 50);
        for text in ["take=10", "from=&include_totals=true", "include_totals=true&per_page=50&take=100"] {
            assert_eq!(shape(text)["things"], json!([1]), "{text}");
            assert!(shape(text)["next"].is_string() && shape(text).get("total").is_none(), "{text}");
        }
        for text in ["take=0", "take=101", "per_page=101", "page=x", "from=!!!"] {
            assert!(Paging::read(&query(text), BOUNDS).is_err(), "{text}");
        }
    }

    #[test]
    fn fields_keep_or_drop() {
        let object = json!({ "id": 1, "name": 2, "options": 3 });
        let of = |text| Fields::read(&query(text)).unwrap().of(object.clone());
        assert_eq!(of("fields=id,name"), json!({ "id": 1, "name": 2 }));
        assert_eq!(of("fields=options,&include_fields=false"), json!({ "id": 1, "name": 2 }));
        assert_eq!(of("include_fields=false"), object);
        assert_eq!(of("include_fields=true"), object);
    }
}
