//! Every refusal by name, and what must be read.

use super::*;
use crate::c14n;

fn refusal(input: &str) -> &'static str {
    match Document::parse(input.as_bytes(), &Limits::MESSAGE) {
        Ok(_) => "accepted",
        Err(error) => error.problem().code(),
    }
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (input, code) in [
        ("", "xml_no_root"),
        ("  ", "xml_no_root"),
        ("x<a/>", "xml_outside_root"),
        ("<a/>x", "xml_outside_root"),
        ("<a/><b/>", "xml_outside_root"),
        ("<a/></a>", "xml_outside_root"),
        ("<!DOCTYPE a><a/>", "xml_doctype"),
        ("<!doctype a><a/>", "xml_doctype"),
        ("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "xml_doctype"),
        ("<a><!DOCTYPE a></a>", "xml_doctype"),
        ("<!-- --><a/>", "xml_comment"),
        ("<a/><!-- -->", "xml_comment"),
        ("<a>x<!---->y</a>", "xml_comment"),
        ("<?p?><a/>", "xml_processing_instruction"),
        ("<a><?p x?></a>", "xml_processing_instruction"),
        ("<a/><?xml version='1.0'?>", "xml_processing_instruction"),
        (" <?xml version='1.0'?><a/>", "xml_processing_instruction"),
        ("<a><![CDATA[x]]></a>", "xml_cdata"),
        ("<?xml version='1.1'?><a/>", "xml_declaration"),
        ("<?xml encoding='UTF-8'?><a/>", "xml_declaration"),
        ("<?xml version='1.0' x='y'?><a/>", "xml_declaration"),
        ("<?xml version='1.0'standalone='yes'?><a/>", "xml_declaration"),
        ("<?xml version='1.0' standalone='maybe'?><a/>", "xml_declaration"),
        ("<?xml version='1.0'", "xml_declaration"),
        ("<?xml version='1.0' encoding='UTF-16'?><a/>", "xml_not_utf8"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "xml_not_utf8"),
        ("<a>", "xml_ends_early"),
        ("<a", "xml_ends_early"),
        ("<a b", "xml_ends_early"),
        ("<a b=", "xml_ends_early"),
        ("<a b='", "xml_ends_early"),
        ("<a>x", "xml_ends_early"),
        ("<a></b>", "xml_end_tag"),
        ("<a></ab>", "xml_end_tag"),
        ("<a></a", "xml_end_tag"),
        ("<a></ a>", "xml_end_tag"),
        ("<a:b xmlns:a='urn:a' xmlns:c='urn:a'></c:b>", "xml_end_tag"),
        ("<a b='c'd='e'/>", "xml_tag"),
        ("<a b=c/>", "xml_tag"),
        ("<a b/>", "xml_tag"),
        ("<a / >", "xml_name"),
        ("<a><!x></a>", "xml_tag"),
        ("< a/>", "xml_name"),
        ("<1/>", "xml_name"),
        ("<:a/>", "xml_name"),
        ("<a:/>", "xml_name"),
        ("<a::b/>", "xml_name"),
        ("<a:b:c/>", "xml_name"),
        ("<a:1/>", "xml_name"),
        ("<a :b=''/>", "xml_name"),
        ("<a b:=''/>", "xml_name"),
        ("<a xmlns:=''/>", "xml_name"),
        ("<a>\u{1}</a>", "xml_character"),
        ("<a>\0</a>", "xml_character"),
        ("<a>\u{FFFF}</a>", "xml_character"),
        ("<a>&#1;</a>", "xml_character"),
        ("<a b='&#0;'/>", "xml_character"),
        ("<a>&nbsp;</a>", "xml_reference"),
        ("<a>a&b</a>", "xml_reference"),
        ("<a>&amp</a>", "xml_reference"),
        ("<a b='&x;'/>", "xml_reference"),
        ("<a b='<'/>", "xml_less_than"),
        ("<a b='&amp;<'/>", "xml_less_than"),
        ("<a>]]></a>", "xml_cdata_end"),
        ("<a b='c' b='d'/>", "xml_duplicate_attribute"),
        ("<a c='' b='c' d='' b='d'/>", "xml_duplicate_attribute"),
        ("<a xmlns:x='urn:x' xmlns:y='urn:x' x:b='' y:b=''/>", "xml_duplicate_attribute"),
        ("<a xmlns:x='urn:x&amp;' xmlns:y='urn:x&#38;' x:b='' c='' y:b=''/>", "xml_duplicate_attribute"),
        ("<a xmlns='urn:x' xmlns='urn:y'/>", "xml_duplicate_attribute"),
        ("<a xmlns:x='urn:x' xmlns:x='urn:x'/>", "xml_duplicate_attribute"),
        ("<x:a/>", "xml_unbound_prefix"),
        ("<a x:b=''/>", "xml_unbound_prefix"),
        ("<a><b xmlns:x='urn:x'/><x:b/></a>", "xml_unbound_prefix"),
        ("<a xmlns:xml='urn:x'/>", "xml_reserved_namespace"),
        ("<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", "xml_reserved_namespace"),
        ("<a xmlns:x='http://www.w3.org/2000/xmlns/'/>", "xml_reserved_namespace"),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "xml_reserved_namespace"),
        ("<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>", "xml_reserved_namespace"),
        ("<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "xml_reserved_namespace"),
        ("<xmlns:a/>", "xml_reserved_namespace"),
        ("<a xmlns:x=''/>", "xml_empty_namespace"),
        ("<a xmlns='relative'/>", "xml_namespace_name"),
        ("<a xmlns:x='../x'/>", "xml_namespace_name"),
        ("<a xmlns:x=' '/>", "xml_namespace_name"),
        ("<a xmlns:x='urn:a b'/>", "xml_namespace_name"),
    ] {
        assert_eq!(refusal(input), code, "{input}");
    }
}

#[test]
fn octets_that_are_no_utf8_are_refused() {
    let code = |input: &[u8]| Document::parse(input, &Limits::MESSAGE).unwrap_err().problem().code();
    assert_eq!(code(b"<a>\xFF</a>"), "xml_not_utf8");
    assert_eq!(code(b"\xFF\xFE<\0a\0/\0>\0"), "xml_not_utf8");
    assert_eq!(code(b"<a>\xC0\x80</a>"), "xml_not_utf8");
    assert_eq!(code(b"<a>\xED\xA0\x80</a>"), "xml_not_utf8", "a surrogate");
    assert_eq!(code(b"<a>+ADw-\0</a>"), "xml_character");
}

#[test]
fn errors_say_where() {
    let error = Document::parse(b"<a>\n  <b>\n</a>", &Limits::MESSAGE).unwrap_err();
    assert_eq!((error.line(), error.offset()), (3, 10));
    assert_eq!(error.to_string(), "the end tag is not b's (line 3, byte 10)");
}

#[test]
fn prolog_and_epilog_may_be_there() {
    for input in [
        "<a/>",
        "\u{FEFF}<a/>",
        "<?xml version='1.0'?><a/>",
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\" ?>\r\n<a/>\n",
        "<?xml version = '1.0'\tencoding = 'UTF-8'?>\n\n<a></a  >\n",
    ] {
        assert_eq!(refusal(input), "accepted", "{input}");
    }
}

fn nested(depth: usize) -> String {
    "<a>".repeat(depth) + &"</a>".repeat(depth)
}

fn attributes(count: usize) -> String {
    let all: String = (0..count).map(|number| format!(" a{number}=''")).collect();
    format!("<a{all}/>")
}

#[test]
fn limits_hold() {
    let limits = Limits { bytes: 4096, nodes: 100, attributes: 300, ..Limits::MESSAGE };
    let code = |input: &str| match Document::parse(input.as_bytes(), &limits) {
        Ok(_) => "accepted",
        Err(error) => error.problem().code(),
    };
    assert_eq!(code(&nested(64)), "accepted");
    assert_eq!(code(&nested(65)), "xml_too_deep");
    assert_eq!(code(&format!("<a>{}</a>", "<b/>".repeat(99))), "accepted");
    assert_eq!(code(&format!("<a>{}</a>", "<b/>".repeat(100))), "xml_too_many_nodes");
    assert_eq!(code(&format!("<a>{}x</a>", "x<b/>".repeat(49))), "accepted");
    assert_eq!(code(&format!("<a>{}x</a>", "x<b/>".repeat(50))), "xml_too_many_nodes");
    assert_eq!(code(&attributes(256)), "accepted");
    assert_eq!(code(&attributes(257)), "xml_too_many_attributes");
    assert_eq!(
        code(&format!("<a>{}</a>", "<b c='' d=''/>".repeat(98).replace("d=''", "d='' e='' f=''"))),
        "xml_too_many_attributes"
    );
    assert_eq!(code(&" ".repeat(4097)), "xml_too_long");
    let named = |length: usize| format!("<a xmlns='urn:{}'/>", "a".repeat(length - 4));
    assert_eq!(code(&named(256)), "accepted");
    let prefixed = |length: usize| format!("<{p}:a xmlns:{p}='urn:a'/>", p = "p".repeat(length));
    assert!(Document::parse(prefixed(128).as_bytes(), &Limits::MESSAGE).is_ok());
    assert_eq!(code(&prefixed(129)), "xml_long_prefix");
    assert_eq!(code(&named(257)), "xml_long_namespace_name");
    let declared = |count: usize| -> String {
        let all: String = (0..count).map(|number| format!(" xmlns:a{number}='urn:a'")).collect();
        format!("<a{all}/>")
    };
    assert_eq!(code(&declared(64)), "accepted");
    assert_eq!(code(&declared(65)), "xml_too_many_namespaces");
}

#[test]
fn the_tree_is_what_was_written() {
    let input = "<a:r xmlns:a='urn:a' xmlns='urn:d' z='1' a:z='2' y=\"it's\"> <b/>t&amp;<a:c><d/>\
                 <e>x</e></a:c>u</a:r>";
    let document = Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap();
    let root = document.root();
    assert!(root.is("urn:a", "r") && root.parent().is_none());
    let attributes: Vec<_> =
        root.attributes().map(|found| (found.namespace, found.local_name, found.value)).collect();
    assert_eq!(attributes, [("", "y", "it's"), ("", "z", "1"), ("urn:a", "z", "2")]);
    assert_eq!((root.attribute("z"), root.attribute("a:z"), root.attribute("q")), (Some("1"), None, None));
    assert_eq!((root.attribute_in("urn:a", "z"), root.attribute_in("", "y")), (Some("2"), Some("it's")));
    let names = |element: Element<'_>| -> Vec<(String, String)> {
        element
            .elements()
            .map(|found| (found.namespace().to_owned(), found.local_name().to_owned()))
            .collect()
    };
    let pair = |namespace: &str, local: &str| (namespace.to_owned(), local.to_owned());
    assert_eq!(names(root), [pair("urn:d", "b"), pair("urn:a", "c")]);
    let c = root.only_child("urn:a", "c").unwrap().unwrap();
    assert_eq!(names(c), [pair("urn:d", "d"), pair("urn:d", "e")]);
    assert!(c.parent().unwrap().same(root) && root.contains(c) && !c.contains(root) && !c.same(root));
    assert_eq!(root.descendants().count(), 4);
    assert_eq!(root.text(), Err(NotText));
    assert!(root.has_text_between_elements() && !c.has_text_between_elements());
    assert_eq!(c.elements().last().unwrap().text().unwrap(), "x");
    assert_eq!(c.elements().next().unwrap().text().unwrap(), "");
    assert!(root.only_child("urn:d", "nothing").unwrap().is_none());
    let twice = Document::parse(b"<a><b/><b/></a>", &Limits::MESSAGE).unwrap();
    assert_eq!(twice.root().only_child("", "b").unwrap_err(), Repeated);
    let other = Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap();
    assert!(!root.same(other.root()), "the same place of another document");
}

#[test]
fn prefixes_mean_what_is_declared_nearest() {
    let input = "<a xmlns='urn:1' xmlns:p='urn:2'><b xmlns='' xmlns:p='urn:3'><p:c/></b><p:d/></a>";
    let document = Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap();
    let namespaces: Vec<_> = document.root().descendants().map(Element::namespace).collect();
    assert_eq!(namespaces, ["", "urn:3", "urn:2"]);
    let b = document.root().elements().next().unwrap();
    assert_eq!((b.namespace_of_prefix(""), b.namespace_of_prefix("p")), (None, Some("urn:3")));
    assert_eq!((b.namespace_of_prefix("xml"), b.namespace_of_prefix("q")), (Some(ns::XML), None));
    assert_eq!(document.root().namespace_of_prefix(""), Some("urn:1"));
}

#[test]
fn values_are_normalised() {
    let input = "<a b='x\ty\r\nz&#10;' c='&quot;\"'>1\r\n2\r3&#13;</a>";
    let document = Document::parse(input.as_bytes(), &Limits::MESSAGE).unwrap();
    assert_eq!(document.root().attribute("b"), Some("x y z\n"));
    assert_eq!(document.root().attribute("c"), Some("\"\""));
    assert_eq!(document.root().text().unwrap(), "1\n2\n3\r");
}

#[test]
fn metadata_may_have_comments_that_split_no_value() {
    let input = b"<!-- a --><?pi?><a>x<!-- c -->y<?pi d?><![CDATA[<z>\r\n]]></a><!-- e -->";
    let document = Document::parse_metadata(input, &Limits::METADATA).unwrap();
    assert_eq!(document.root().text().unwrap(), "xy<z>\n");
    for (input, code) in [
        ("<!DOCTYPE a><a/>", "xml_doctype"),
        ("<a><!-- -- --></a>", "xml_comment"),
        ("<a><!-- ", "xml_comment"),
        ("<a><?xml version='1.0'?></a>", "xml_processing_instruction"),
        ("<a><?p", "xml_processing_instruction"),
        ("<![CDATA[]]><a/>", "xml_outside_root"),
        ("<a><![CDATA[", "xml_ends_early"),
    ] {
        let error = Document::parse_metadata(input.as_bytes(), &Limits::METADATA).unwrap_err();
        assert_eq!(error.problem().code(), code, "{input}");
    }
}

#[test]
fn decrypted_octets_have_the_namespaces_of_their_place() {
    let outer = b"<a xmlns='urn:1' xmlns:p='urn:2' xmlns:q='urn:4'><p:b xmlns:p='urn:3' xmlns='urn:5'/></a>";
    let outer = Document::parse(outer, &Limits::MESSAGE).unwrap();
    let place = outer.root().elements().next().unwrap();
    let inner = Document::parse_in_context(b"<p:x q:y=''><z/></p:x>", place, &Limits::MESSAGE).unwrap();
    assert!(inner.root().is("urn:3", "x"));
    assert_eq!(inner.root().attribute_in("urn:4", "y"), Some(""));
    assert!(inner.root().elements().next().unwrap().is("urn:5", "z"));
    assert_eq!(inner.root().namespace_of_prefix("q"), Some("urn:4"));
}

#[test]
fn a_start_tag_once_more_is_read_as_if_it_were_another() {
    let lists = [
        "<a xmlns='urn:1'><#a xmlns='urn:1'>x</a><#a xmlns='urn:1'>y</a></a>",
        "<#a xmlns='urn:1'><#a xmlns='urn:1'><#a xmlns='urn:1'>x</a></a></a>",
        "<a xmlns:p='urn:1'><#p:b p:c='1' d='&lt;'>x</p:b><#p:b p:c='1' d='&lt;'>y</p:b>z</a>",
        "<a xmlns:p=\"urn:1\"><#p:b c=\"1\" p:c=\"'\"></p:b><#p:b c=\"1\" p:c=\"'\"></p:b></a>",
        "<a xmlns:p='urn:1'><#p:b/><#p:b/><c xmlns:p='urn:2'><#p:b/><#p:b/></c><#p:b/></a>",
        "<a><#b xmlns:p='urn:1'><#p:c/><#p:c/></b><#b xmlns:p='urn:1'><d xmlns:p='urn:2'><#p:c/></d><#p:c/></b></a>",
        "<a xmlns='urn:1'><#b z='1' y='2'/><#b z='1' y='2'/><b xmlns='' z='1' y='2'/><#b z='1' y='2'/></a>",
        "<a><#b>1</b><#b >2</b><#bc>3</bc><#b>4</b ></a>",
    ];
    for list in lists {
        let (plain, spaced) = (list.replace('#', ""), in_other_spelling(list));
        let (plain, spaced) = (
            Document::parse(plain.as_bytes(), &Limits::MESSAGE).unwrap(),
            Document::parse(spaced.as_bytes(), &Limits::MESSAGE).unwrap(),
        );
        assert_eq!(told(&plain), told(&spaced), "{list}");
        let octets =
            |document: &Document<'_>| c14n::canonical(document.root(), None, c14n::Method::EXCLUSIVE);
        assert_eq!(octets(&plain), octets(&spaced), "{list}");
        let octets =
            |document: &Document<'_>| c14n::canonical(document.root(), None, c14n::Method::Inclusive);
        assert_eq!(octets(&plain), octets(&spaced), "{list}");
    }
}

/// The marked tags with different white space after their names, so that none is that of a sibling.
fn in_other_spelling(list: &str) -> String {
    let mut tags = list.split('#');
    let mut all = tags.next().unwrap().to_owned();
    for (number, tag) in tags.enumerate() {
        let end = tag.find([' ', '/', '>']).unwrap();
        all += &tag[..end];
        all += &" ".repeat(number + 1);
        all += &tag[end..];
    }
    all
}

/// Everything about the elements of a document.
fn told(document: &Document<'_>) -> Vec<String> {
    let root = document.root();
    let all = std::iter::once(root).chain(root.descendants());
    all.map(|element| {
        let attributes: Vec<_> = element.attributes().collect();
        let prefixes = ["", "p"].map(|prefix| element.namespace_of_prefix(prefix));
        let parent = element.parent().map(Element::index);
        format!("{element:?} {attributes:?} {prefixes:?} {parent:?} {:?} {}", element.text(), element.end())
    })
    .collect()
}

#[test]
fn a_limit_is_where_it_is_whether_a_tag_is_there_once_more_or_not() {
    for limits in [
        Limits { nodes: 5, ..Limits::MESSAGE },
        Limits { attributes: 5, ..Limits::MESSAGE },
        Limits { namespaces: 0, ..Limits::MESSAGE },
        Limits { depth: 1, ..Limits::MESSAGE },
    ] {
        let list = |number: fn(usize) -> usize| -> String {
            (0..4).map(|place| format!("<b xmlns:p='urn:1' c='{}'>x</b>", number(place))).collect()
        };
        let error = |list: &str| {
            let input = format!("<a>{list}</a>");
            Document::parse(input.as_bytes(), &limits).unwrap_err().to_string()
        };
        assert_eq!(error(&list(|_| 1)), error(&list(|place| place)), "{limits:?}");
    }
}
