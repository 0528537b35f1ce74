//! IDs are unique (XML 3.3.1, core 1.3.4), by every notion of an ID that some other reader may have.

use smallvec::SmallVec;
use vestibule_refusal::Excerpt;

use super::SignatureRefusal;
use crate::xml::tree::Document;

/// Refuses two attributes `ID`, `Id`, `id`, `xml:id`, `wsu:Id`, … of one value anywhere in the document. A signature
/// over one of them could be taken for one over the other.
pub(super) fn check_unique(document: &Document<'_>) -> Result<(), SignatureRefusal> {
    repeated(&[document]).map_or(Ok(()), |id| Err(SignatureRefusal::DuplicateId(id)))
}

/// An ID that occurs twice in these documents, taken together.
pub(crate) fn repeated(documents: &[&Document<'_>]) -> Option<Excerpt> {
    let mut ids: SmallVec<[&str; 16]> = documents
        .iter()
        .flat_map(|document| document.attributes.iter().map(move |attribute| (document, attribute)))
        .filter(|(_, attribute)| attribute.local_name().eq_ignore_ascii_case("id"))
        .map(|(document, attribute)| document.text_of(attribute.value))
        .collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| matches!(pair, [left, right] if left == right)) {
        Some([twice, ..]) => Some(Excerpt::of(twice)),
        _ => None,
    }
}
