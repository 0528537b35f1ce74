//! Each rule by an example of our own, and properties over many documents.

use proptest::prelude::*;

use super::*;
use crate::xml::Limits;

fn parsed(input: &str) -> Document<'_> {
    Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap()
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).unwrap()
}

fn exclusive(input: &str) -> String {
    text(canonical(parsed(input).root(), None, Method::EXCLUSIVE))
}

/// The element named `apex`, with a prefix list.
fn exclusive_apex(input: &str, inclusive_prefixes: &[&str]) -> String {
    let document = parsed(input);
    let apex = document.root().descendants().find(|element| element.local_name() == "apex").unwrap();
    text(canonical(apex, None, Method::Exclusive { inclusive_prefixes }))
}

fn inclusive_apex(input: &str) -> String {
    let document = parsed(input);
    let apex = document.root().descendants().find(|element| element.local_name() == "apex").unwrap();
    text(canonical(apex, None, Method::Inclusive))
}

#[test]
fn tags_have_one_way_to_be_written() {
    // Canonical XML 1.1: empty elements have both tags, quotes are double, white space in tags is one space, no declaration.
    assert_eq!(
        exclusive("<?xml version='1.0'?>\n<a  b = 'c'\n d='e' ><f/></a >\n"),
        r#"<a b="c" d="e"><f></f></a>"#
    );
}

#[test]
fn white_space_in_content_stays() {
    assert_eq!(exclusive("<a> \n\t<b/>\r\n</a>"), "<a> \n\t<b></b>\n</a>");
}

#[test]
fn characters_are_escaped_as_the_specification_says() {
    assert_eq!(
        exclusive("<a>&amp;&lt;&gt;>\"&quot;'&apos;&#13;\t\u{E9}&#xE9;</a>"),
        "<a>&amp;&lt;&gt;&gt;\"\"''&#xD;\t\u{E9}\u{E9}</a>"
    );
    assert_eq!(
        exclusive("<a b='&amp;&lt;>\"&apos;&#9;&#10;&#13;\t\n\r'/>"),
        "<a b=\"&amp;&lt;>&quot;'&#x9;&#xA;&#xD;   \"></a>"
    );
}

#[test]
fn attributes_stand_by_namespace_then_name() {
    assert_eq!(
        exclusive("<a xmlns:z='urn:1' xmlns:y='urn:2' y:a='' z:b='' z:a='' c='' b=''/>"),
        r#"<a xmlns:y="urn:2" xmlns:z="urn:1" b="" c="" z:a="" z:b="" y:a=""></a>"#
    );
    // By code points: capitals first, and beyond the basic plane last.
    assert_eq!(
        exclusive("<a \u{10000}='' \u{F900}='' b='' B=''/>"),
        "<a B=\"\" b=\"\" \u{F900}=\"\" \u{10000}=\"\"></a>"
    );
}

#[test]
fn exclusive_writes_declarations_where_they_are_used() {
    assert_eq!(
        exclusive("<a xmlns:p='urn:p' xmlns:q='urn:q'><p:b q:c=''/><p:d><p:e/></p:d></a>"),
        r#"<a><p:b xmlns:p="urn:p" xmlns:q="urn:q" q:c=""></p:b><p:d xmlns:p="urn:p"><p:e></p:e></p:d></a>"#
    );
    assert_eq!(
        exclusive("<p:a xmlns:p='urn:p'><b xmlns:p='urn:p'><p:c/></b><b xmlns:p='urn:x'><p:c/></b></p:a>"),
        r#"<p:a xmlns:p="urn:p"><b><p:c></p:c></b><b><p:c xmlns:p="urn:x"></p:c></b></p:a>"#
    );
}

#[test]
fn the_default_namespace_is_undone_only_where_it_was_written() {
    assert_eq!(
        exclusive("<a xmlns='urn:a'><b xmlns=''><c/></b><p:d xmlns:p='urn:p' xmlns=''><e/></p:d></a>"),
        r#"<a xmlns="urn:a"><b xmlns=""><c></c></b><p:d xmlns:p="urn:p"><e xmlns=""></e></p:d></a>"#
    );
    assert_eq!(exclusive_apex("<a xmlns='urn:a'><apex xmlns=''/></a>", &[]), "<apex></apex>");
    assert_eq!(
        exclusive("<p:a xmlns:p='urn:p' xmlns='urn:d' x=''><b/></p:a>"),
        r#"<p:a xmlns:p="urn:p" x=""><b xmlns="urn:d"></b></p:a>"#,
        "an attribute without a prefix does not use the default namespace"
    );
}

#[test]
fn the_prefix_list_is_inclusive() {
    let input = "<r xmlns='urn:d' xmlns:xs='urn:xs' xmlns:p='urn:p'><p:apex t='xs:string'>\
                 <c xmlns:xs='urn:2'><p:e xmlns:xs='urn:2'/></c></p:apex></r>";
    assert_eq!(
        exclusive_apex(input, &["xs"]),
        r#"<p:apex xmlns:p="urn:p" xmlns:xs="urn:xs" t="xs:string"><c xmlns="urn:d" xmlns:xs="urn:2"><p:e></p:e></c></p:apex>"#
    );
    assert_eq!(
        exclusive_apex(input, &["#default", "absent"]),
        r#"<p:apex xmlns="urn:d" xmlns:p="urn:p" t="xs:string"><c><p:e></p:e></c></p:apex>"#
    );
    assert_eq!(
        exclusive_apex(input, &[]),
        r#"<p:apex xmlns:p="urn:p" t="xs:string"><c xmlns="urn:d"><p:e></p:e></c></p:apex>"#
    );
    assert_eq!(
        exclusive_apex(
            "<r><p:apex xmlns:p='urn:p' xmlns='urn:d'><p:b xmlns=''/></p:apex></r>",
            &["#default"]
        ),
        r#"<p:apex xmlns="urn:d" xmlns:p="urn:p"><p:b xmlns=""></p:b></p:apex>"#
    );
}

#[test]
fn inclusive_writes_what_is_in_scope() {
    assert_eq!(
        inclusive_apex(
            "<r xmlns='urn:d' xmlns:b='urn:b' xmlns:a='urn:a'><apex xmlns:b='urn:2'><a:x xmlns:a='urn:a' xmlns=''/>\
             </apex></r>"
        ),
        r#"<apex xmlns="urn:d" xmlns:a="urn:a" xmlns:b="urn:2"><a:x xmlns=""></a:x></apex>"#
    );
    assert_eq!(inclusive_apex("<r xmlns='urn:d'><m xmlns=''><apex/></m></r>"), "<apex></apex>");
}

#[test]
fn inclusive_inherits_xml_attributes_and_exclusive_does_not() {
    let input =
        "<r xml:lang='en' xml:space='preserve' lang='x'><m xml:lang='de'><apex xml:id='i' z=''/></m></r>";
    assert_eq!(inclusive_apex(input), r#"<apex z="" xml:id="i" xml:lang="de" xml:space="preserve"></apex>"#);
    assert_eq!(exclusive_apex(input, &[]), r#"<apex z="" xml:id="i"></apex>"#);
}

#[test]
fn a_descendant_can_be_left_out() {
    let document = parsed("<a>1<b><c/>2</b>3</a>");
    let b = document.root().elements().next().unwrap();
    assert_eq!(text(canonical(document.root(), Some(b), Method::EXCLUSIVE)), "<a>13</a>");
    assert_eq!(text(canonical(b, Some(document.root()), Method::EXCLUSIVE)), "<b><c></c>2</b>", "not inside");
    assert_eq!(text(canonical(b, Some(b), Method::EXCLUSIVE)), "<b><c></c>2</b>", "not itself");
    let last = parsed("<a>1<b><c/></b></a>");
    let b = last.root().elements().next().unwrap();
    assert_eq!(text(canonical(last.root(), Some(b), Method::EXCLUSIVE)), "<a>1</a>");
}

#[test]
fn a_decrypted_element_has_the_namespaces_of_its_place() {
    let outer = parsed("<r xmlns:p='urn:p' xmlns='urn:d'><x/></r>");
    let place = outer.root().elements().next().unwrap();
    let inner = Document::parse_in_context(b"<p:a><b/></p:a>", place, &Limits::MESSAGE).unwrap();
    let root = inner.root();
    assert_eq!(
        text(canonical(root, None, Method::EXCLUSIVE)),
        r#"<p:a xmlns:p="urn:p"><b xmlns="urn:d"></b></p:a>"#
    );
    assert_eq!(
        text(canonical(root, None, Method::Inclusive)),
        r#"<p:a xmlns="urn:d" xmlns:p="urn:p"><b></b></p:a>"#
    );
}

#[test]
fn the_canonical_form_of_a_hostile_document_is_bounded() {
    // The most that repeating a declaration can do: a long name, declared once and used by every element.
    let name = format!("urn:{}", "x".repeat(252));
    let input = format!("<a xmlns:p='{name}'>{}</a>", "<p:b/>".repeat(19_999));
    let document = parsed(&input);
    let length = canonical(document.root(), None, Method::EXCLUSIVE).len();
    assert!(length > 5_000_000 && length < 6_000_000, "{length}");
}

/// Any tree with a few names, prefixes and values that need care.
fn element() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "p:a", "q:b", "B"]);
    let value = prop::sample::select(vec!["", "x", "&amp;", "&lt;>", "\t", "&#13;", "'", "é", "]]"]);
    let declared = prop::sample::subsequence(
        vec![
            "xmlns=\"\"",
            "xmlns:p=\"urn:1\"",
            "xmlns:q=\"urn:2\"",
            "xmlns:r=\"urn:1\"",
            "xmlns:p2=\"urn:&amp;\"",
        ],
        0..5,
    );
    let attribute = prop::sample::subsequence(vec!["z", "r:z", "q:z", "xml:lang", "m"], 0..4);
    let leaf = (name, declared, attribute, value).prop_map(|(name, declared, attributes, value)| {
        (name, tag(name, &declared, &attributes, value), value)
    });
    let leaf = leaf.prop_map(|(name, tag, value)| format!("<{tag}>{value}</{name}>"));
    leaf.prop_recursive(5, 40, 4, |inner| {
        (prop::collection::vec(inner, 0..4), prop::sample::select(vec!["p:w", "w"]), prop::bool::ANY)
            .prop_map(|(children, name, redeclare)| {
                let declared = if redeclare { " xmlns:p='urn:2' xmlns='urn:d'" } else { "" };
                format!("<{name}{declared}>{}</{name}>", children.join(" "))
            })
    })
    .prop_map(|inside| {
        format!("<t xmlns:p='urn:1' xmlns:q='urn:2' xmlns:r='urn:3' xmlns='urn:4'>{inside}</t>")
    })
}

fn tag(name: &str, declared: &[&str], attributes: &[&str], value: &str) -> String {
    let quoted: Vec<String> = attributes.iter().map(|attribute| format!("{attribute}=\"{value}\"")).collect();
    format!("{name} {} {}", declared.join(" "), quoted.join(" "))
}

proptest! {
    #[test]
    fn canonical_octets_are_a_fixed_point(input in element()) {
        // `r` and `q` may have one namespace, and then two attributes one name.
        if let Ok(document) = Document::parse(input.as_bytes(), &Limits::MESSAGE) {
            for method in [Method::EXCLUSIVE, Method::Inclusive, Method::Exclusive { inclusive_prefixes: &["p", "#default"] }] {
                for apex in std::iter::once(document.root()).chain(document.root().descendants()) {
                    let once = canonical(apex, None, method);
                    let again = Document::parse(&once, &Limits::MESSAGE).unwrap();
                    let twice = canonical(again.root(), None, method);
                    prop_assert_eq!(text(once.clone()), text(twice));
                    prop_assert_eq!(apex.descendants().count(), again.root().descendants().count());
                }
            }
        }
    }

    #[test]
    fn any_octets_are_read_or_refused(input in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(Document::parse(&input, &Limits::MESSAGE));
        drop(Document::parse_metadata(&input, &Limits::METADATA));
    }

    #[test]
    fn almost_xml_is_read_or_refused(pieces in prop::collection::vec(prop::sample::select(vec![
        "<", ">", "/", "a", "a:b", "=", "'", "\"", " ", "&", "&amp;", ";", "xmlns", "xmlns:a", ":", "urn:a", "<a>", "</a>",
        "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<?xml version='1.0'", "\r", "\n", "é", "<a xmlns:a='urn:a'>",
    ]), 0..40)) {
        let input = pieces.concat();
        if let Ok(document) = Document::parse(input.as_bytes(), &Limits::MESSAGE) {
            let once = canonical(document.root(), None, Method::Inclusive);
            prop_assert!(Document::parse(&once, &Limits::MESSAGE).is_ok());
        }
        drop(Document::parse_metadata(input.as_bytes(), &Limits::METADATA));
    }
}
