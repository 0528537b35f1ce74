//! Random filters over random users, judged by this crate and by a second evaluator that shares nothing with it.
//!
//! `VESTIBULE_SCIM_FILTERS` is how many filters there are; 10,000 unless it is set. The front door is asked the same by
//! `crates/server/tests/it/directories/random.rs`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod trees;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use vestibule_scim::filter::{Filter, Key, Lookup, Term};
use vestibule_scim::schema::ResourceType;
use vestibule_scim::tolerance::Tolerances;

use trees::{Style, found, holds, leaf, nested, user, write};

const FILTERS_OF_A_CASE: usize = 50;

/// What an index would answer.
fn indexed(term: &Term, user: &Value) -> bool {
    let (place, folded): (&[&str], bool) = match term.key {
        Key::Id => (&["id"], false),
        Key::ExternalId => (&["externalId"], false),
        Key::UserName => (&["userName"], true),
        Key::DisplayName => (&["displayName"], true),
        Key::Email => (&["emails", "value"], true),
        Key::Member => panic!("users have no members"),
    };
    found(user, place).iter().filter_map(|value| value.as_str()).any(|text| {
        let text = if folded { text.to_lowercase() } else { text.to_owned() };
        text == term.value
    })
}

fn cases() -> u32 {
    #[expect(clippy::disallowed_methods, reason = "how long a test runs is asked of its environment")]
    let wanted = std::env::var("VESTIBULE_SCIM_FILTERS").ok().and_then(|text| text.parse::<usize>().ok());
    u32::try_from(wanted.unwrap_or(10_000).div_ceil(FILTERS_OF_A_CASE)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn filters_are_judged_alike(
        trees in vec((nested(leaf()), vec(any::<u8>(), 7)), FILTERS_OF_A_CASE),
        users in vec(user(), 4),
    ) {
        for (tree, style) in &trees {
            let mut text = String::new();
            write(tree, 0, &mut Style(style.iter().cycle()), &mut text);
            let filter = Filter::parse(&text, ResourceType::User, &mut Tolerances::none())
                .unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
            let again = Filter::parse(&filter.to_string(), ResourceType::User, &mut Tolerances::none());
            prop_assert_eq!(again.as_ref(), Ok(&filter), "{}", text);
            let lookup = Lookup::of(Some(filter.clone()));
            for user in &users {
                let document = user.as_object().unwrap();
                let expected = holds(tree, user);
                prop_assert_eq!(filter.matches(document), expected, "{} over {}", text, user);
                let by_index = match &lookup {
                    Lookup::Everything => true,
                    Lookup::Scan(filter) => filter.matches(document),
                    Lookup::Terms { terms, rest } => {
                        terms.iter().all(|term| indexed(term, user))
                            && rest.as_ref().is_none_or(|rest| rest.matches(document))
                    }
                };
                prop_assert_eq!(by_index, expected, "{} lowered to {:?} over {}", text, lookup, user);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[ -~é\"\\[\\]()]{0,80}") {
        for resource in ResourceType::ALL {
            if let Ok(filter) = Filter::parse(&text, resource, &mut Tolerances::none()) {
                prop_assert_eq!(Filter::parse(&filter.to_string(), resource, &mut Tolerances::none()), Ok(filter));
            }
        }
    }
}
