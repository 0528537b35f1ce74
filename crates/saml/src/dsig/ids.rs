//! IDs are unique (XML 3.3.1, core 1.3.4), by every notion of an ID that some other reader may have.

use smallvec::SmallVec;
use vestibule_refusal::Excerpt;

use super::SignatureRefusal;
use crate::xml::ns;
use crate::xml::tree::Document;

/// Refuses two attributes `ID`, `Id`, `id`, `xml:id`, `wsu:Id`, … of one value anywhere in the document. A signature
/// over one of them could be taken for one over the other.
pub(super) fn check_unique(document: &Document<'_>) -> Result<(), SignatureRefusal> {
    repeated(&[document]).map_or(Ok(()), |id| Err(SignatureRefusal::DuplicateId(id)))
}

/// An ID that occurs twice in these documents, taken together.
///
/// An `EncryptedKey` that is written twice has its `Id` twice. Nothing that is signed or read can be taken for it, so that
/// is let through, as long as nothing else has that ID.
pub(crate) fn repeated(documents: &[&Document<'_>]) -> Option<Excerpt> {
    let mut ids: SmallVec<[&str; 16]> = documents
        .iter()
        .flat_map(|document| document.attributes.iter().map(move |attribute| (document, attribute)))
        .filter(|(_, attribute)| attribute.local_name().eq_ignore_ascii_case("id"))
        .map(|(document, attribute)| document.text_of(attribute.value))
        .collect();
    ids.sort_unstable();
    if ids.windows(2).all(|pair| !matches!(pair, [left, right] if left == right)) {
        return None;
    }
    repeated_elsewhere(documents)
}

/// An ID that occurs twice, on an element other than an `EncryptedKey` at least once.
fn repeated_elsewhere(documents: &[&Document<'_>]) -> Option<Excerpt> {
    let elements = documents.iter().flat_map(|document| {
        let root = document.root();
        std::iter::once(root).chain(root.descendants())
    });
    let mut holders: Vec<(&str, bool)> = elements
        .flat_map(|element| {
            let is_key = element.is(ns::XENC, "EncryptedKey");
            let ids = element.attributes().filter(|found| found.local_name.eq_ignore_ascii_case("id"));
            ids.map(move |found| (found.value, is_key))
        })
        .collect();
    holders.sort_unstable();
    // False is sorted first: of two that are alike, the first one is no key unless both are.
    holders.windows(2).find_map(|pair| match pair {
        [(left, false), (right, _)] if left == right => Some(Excerpt::of(left)),
        _ => None,
    })
}
