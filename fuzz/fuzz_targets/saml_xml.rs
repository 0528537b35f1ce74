//! Any octets as a message, as metadata and in a context: nothing panics, and what is read stays within the limits and
//! hangs together.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_saml::xml::{Document, Element, Limits};

const PLACE: &[u8] = b"<a xmlns='urn:1' xmlns:p='urn:2'><p:b xmlns:q='urn:3'/></a>";

fn walk(document: &Document<'_>, limits: &Limits) {
    let root = document.root();
    assert!(root.parent().is_none());
    let mut count = 1;
    check(root);
    for element in root.descendants() {
        let parent = element.parent().expect("only the root has no parent");
        assert!(parent.elements().any(|child| child.same(element)), "a child that its parent does not have");
        assert!(root.contains(element) && !element.contains(root));
        check(element);
        count += 1;
        if count > 200 {
            break;
        }
    }
    assert!(count <= limits.nodes);
}

fn check(element: Element<'_>) {
    assert!(!element.local_name().is_empty() && !element.local_name().contains(':'));
    let attributes: Vec<_> = element.attributes().collect();
    for pair in attributes.windows(2) {
        let name = |at: usize| (pair[at].namespace, pair[at].local_name);
        assert!(name(0) < name(1), "attributes out of order, or one twice");
    }
    match element.text() {
        Ok(_) => assert_eq!(element.elements().count(), 0),
        Err(_) => assert_ne!(element.elements().count(), 0),
    }
    let _ = element.has_text_between_elements();
}

fuzz_target!(|data: &[u8]| {
    let place = Document::parse(PLACE, &Limits::MESSAGE).expect("the place is well-formed");
    let context = place.root().elements().next().expect("it has a child");
    let message = Document::parse(data, &Limits::MESSAGE);
    let metadata = Document::parse_metadata(data, &Limits::METADATA);
    // The place has declarations of its own.
    let limits = Limits { namespaces: 128, ..Limits::MESSAGE };
    let inside = Document::parse_in_context(data, context, &limits);
    if message.is_ok() {
        assert!(metadata.is_ok() && inside.is_ok(), "what is a message is also read elsewhere");
    }
    for document in [message, metadata, inside].into_iter().flatten() {
        walk(&document, &Limits::METADATA);
    }
});
