//! Whatever is read has a canonical form that is read again as the same tree, and whose canonical form is itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_saml::c14n::{Method, canonical};
use vestibule_saml::xml::{Document, Element, Limits};

/// Names, attributes and texts in document order.
fn content(apex: Element<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for element in std::iter::once(apex).chain(apex.descendants()) {
        all.push(format!("{{{}}}{}", element.namespace(), element.local_name()));
        all.extend(element.attributes().map(|attribute| format!("{attribute:?}")));
        all.extend(element.text().map(|text| format!("{text:?}")));
    }
    all
}

fn check(apex: Element<'_>, method: Method<'_>) {
    let once = canonical(apex, None, method);
    // A canonical form may be longer than what it was made from, and a part of a document has fewer nodes than the whole.
    let limits = Limits { bytes: usize::MAX, ..Limits::METADATA };
    let again = Document::parse(&once, &limits).expect("a canonical form is well-formed");
    assert_eq!(once, canonical(again.root(), None, method), "a fixed point");
    if method == Method::Inclusive {
        // The apex may have gained `xml:` attributes.
        assert_eq!(apex.descendants().count(), again.root().descendants().count());
    } else {
        assert_eq!(content(apex), content(again.root()), "the same tree");
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(document) = Document::parse(data, &Limits::MESSAGE) else { return };
    let root = document.root();
    for apex in std::iter::once(root).chain(root.descendants()).take(8) {
        check(apex, Method::EXCLUSIVE);
        check(apex, Method::Inclusive);
        check(apex, Method::Exclusive { inclusive_prefixes: &["#default", "p", "xs"] });
    }
    // What is left out leaves the rest as it was.
    let Some(inner) = root.descendants().next() else { return };
    let whole = canonical(root, None, Method::EXCLUSIVE).len();
    assert!(canonical(root, Some(inner), Method::EXCLUSIVE).len() < whole);
});
