"""The reader (security a.1 and a.4): what two parsers could see differently, and what costs more than it should."""

import message
import names as n
from message import ASSERTION, AUDIENCE, IDP, PLAIN, RESPONSE, RESPONSE_ONLY, USER
from tree import EVIL, Tree, copied, edited, element, evil, replaced

GOOD = PLAIN.xml()


def write(corpus):
    write_truncation(corpus)
    write_namespaces(corpus)
    write_ids(corpus)
    write_differential(corpus)
    write_roots(corpus)
    write_doctype(corpus)
    write_encoding(corpus)
    write_limits(corpus)


def signed_with(name_id=None, **changes):
    """A message that the provider rightly signs for an account whose name the attacker chose."""
    if name_id:
        changes["name_id"] = f'<saml:NameID Format="{n.EMAIL}">{name_id}</saml:NameID>'
    return PLAIN.but(**changes).xml()


def write_truncation(corpus):
    kind = "comment-truncation"
    why = "canonical form joins what a reader of the first text node splits: CVE-2017-11427 to 11430, CVE-2018-0489"
    account = f"{EVIL}.attacker.example.net"
    text = signed_with(account)
    for name, inserted, code in (
        ("comment", "<!---->", "xml_comment"), ("comment-with-text", "<!-- x -->", "xml_comment"),
        ("processing-instruction", "<?x?>", "xml_processing_instruction"), ("cdata-empty", "<![CDATA[]]>", "xml_cdata"),
    ):
        corpus.hostile(kind, f"name-id-{name}", f"The NameID split by {name}", why, code, replaced(text, EVIL + ".", f"{EVIL}{inserted}."))
    corpus.hostile(kind, "name-id-cdata", "The NameID's beginning as CDATA", why, "xml_cdata", replaced(text, f">{account}<", f"><![CDATA[{EVIL}]]>.attacker.example.net<"))
    corpus.hostile(kind, "name-id-element", "The NameID split by an element", "an element is not part of a text", "assertion_mixed_content", replaced(text, EVIL + ".", f"{EVIL}<x/>."))
    values = PLAIN.but(attributes=message.attribute("email", account)).xml()
    corpus.hostile(kind, "attribute-comment", "An attribute value split by a comment", why, "xml_comment", replaced(values, EVIL + ".", f"{EVIL}<!---->."))
    audience = PLAIN.but(audiences=PLAIN.audiences.replace(AUDIENCE, AUDIENCE + ".attacker.example.net")).xml()
    corpus.hostile(kind, "audience-comment", "The Audience split by a comment", why, "xml_comment", replaced(audience, AUDIENCE + ".", f"{AUDIENCE}<!---->."))
    issuer = PLAIN.but(assertion_issuer=f"<saml:Issuer>{IDP}.attacker.example.net</saml:Issuer>").xml()
    corpus.hostile(kind, "issuer-comment", "The Issuer split by a comment", why, "xml_comment", replaced(issuer, IDP + ".", f"{IDP}<!---->."))
    corpus.hostile(kind, "comment-between-elements", "A comment between elements, where it splits nothing", "comments have no place in a message at all", "xml_comment", replaced(GOOD, "<saml:Conditions", "<!-- x --><saml:Conditions"))


def write_namespaces(corpus):
    kind = "namespace-confusion"
    why = "names are compared with their namespace, whatever the prefix"
    forged = evil().xml()
    tree = Tree(GOOD)
    tree.assertion.addprevious(Tree(forged.replace(n.SAML, "urn:oasis:names:tc:SAML:2.0:assertion:")).root[-1])
    corpus.hostile(kind, "assertion-of-other-namespace", "A forged Assertion of a look-alike namespace before the signed one", why, "response_unexpected_element", tree.text())
    tree = Tree(GOOD)
    bare = element("Assertion", "urn:example:none", None, ID="_x")
    bare.tag = "Assertion"
    tree.assertion.addprevious(bare)
    corpus.hostile(kind, "assertion-without-namespace", "A forged Assertion without a namespace", why, "response_unexpected_element", tree.text())
    rebound = replaced(GOOD, '<saml:Subject>', f'<saml:Subject xmlns:saml="urn:example:other">')
    corpus.hostile(kind, "prefix-rebound", "The prefix is bound to another namespace inside the assertion", why, "assertion_unexpected_element", rebound)
    saml1 = evil().xml().replace(n.SAML, "urn:oasis:names:tc:SAML:1.0:assertion").replace(n.SAMLP, "urn:oasis:names:tc:SAML:1.0:protocol")
    corpus.hostile(kind, "saml-1-response", "A Response of SAML 1.1", why, "not_a_response", saml1)
    corpus.hostile(kind, "response-without-namespace", "A Response without a namespace", why, "not_a_response", f'<Response ID="_x" Version="2.0">{Tree(GOOD).text()}</Response>')
    signature = edited(GOOD, r'<ds:Signature xmlns:ds="[^"]*"', '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig"')
    corpus.hostile(kind, "signature-of-look-alike-namespace", "A Signature of a namespace that lacks #", why, "assertion_unexpected_element", signature)
    mixed = edited(GOOD, r"<ds:SignatureValue>(.*?)</ds:SignatureValue>", r'<x:SignatureValue xmlns:x="urn:example:x">\1</x:SignatureValue>')
    corpus.hostile(kind, "signature-value-of-other-namespace", "SignatureValue of another namespace", why, "signature_structure", mixed)
    for name, old, new, code in (
        ("xml-prefix-rebound", "<samlp:Status>", '<samlp:Status xmlns:xml="urn:example:x">', "xml_reserved_namespace"),
        ("xmlns-prefix-declared", "<samlp:Status>", '<samlp:Status xmlns:xmlns="http://www.w3.org/2000/xmlns/">', "xml_reserved_namespace"),
        ("xml-namespace-on-other-prefix", "<samlp:Status>", '<samlp:Status xmlns:x="http://www.w3.org/XML/1998/namespace">', "xml_reserved_namespace"),
        ("xmlns-namespace-as-default", "<samlp:Status>", '<samlp:Status xmlns="http://www.w3.org/2000/xmlns/">', "xml_reserved_namespace"),
        ("prefix-unbound", "<samlp:Status>", "<samlp:Status><x:y/>", "xml_unbound_prefix"),
        ("attribute-prefix-unbound", "<samlp:Status>", '<samlp:Status x:y="z">', "xml_unbound_prefix"),
        ("prefix-undeclared", "<samlp:Status>", '<samlp:Status xmlns:samlp="">', "xml_empty_namespace"),
        ("declared-twice", "<samlp:Status>", '<samlp:Status xmlns:a="urn:a" xmlns:a="urn:b">', "xml_duplicate_attribute"),
        ("element-named-xmlns", "<samlp:Status>", "<samlp:Status><xmlns:x/>", "xml_reserved_namespace"),
    ):
        corpus.hostile(kind, name, name.replace("-", " "), "Namespaces in XML 1.0, sections 3 and 5", code, replaced(GOOD, old, new))

    kind = "void-canonicalization"
    why = "canonicalisation fails on such a namespace, and some libraries take the error for an empty text: CVE-2025-66568"
    for name, uri in (("relative", "relative"), ("relative-path", "../x"), ("fragment", "#x"), ("query", "?x"), ("no-scheme", "//example.net/x"), ("spaces", "urn:x y"), ("digit-scheme", "1:x"), ("percent", "urn:%zz"), ("port", "http://host:port/x"), ("empty-port", "http://host:/x")):
        corpus.hostile(kind, name, f"A namespace name that is no absolute URI: {uri}", why, "xml_namespace_name", replaced(GOOD, "<samlp:Status>", f'<samlp:Status xmlns:x="{uri}">'))
    corpus.hostile(kind, "inside-assertion", "The same inside the signed assertion, on a prefix that nothing uses", why, "xml_namespace_name", replaced(GOOD, "<saml:Conditions ", '<saml:Conditions xmlns:x="x" '))


def write_ids(corpus):
    kind = "id-confusion"
    why = "the ID is the attribute ID without a namespace, of the signature's parent"
    for name, new in (("Id", "Id"), ("id", "id"), ("samlp-ID", "samlp:ID"), ("xml-id", "xml:id"), ("AssertionID", "AssertionID")):
        tree = Tree(GOOD)
        forged = Tree(evil().xml()).assertion
        signature = copied(tree.assertion_signature)
        forged.insert(1, signature)
        tree.root.replace(tree.assertion, forged)
        text = replaced(tree.text(), f'ID="{forged.get("ID")}"', f'{new}="{ASSERTION}"')
        corpus.hostile(kind, name, f"A forged assertion whose {new} is the signed one's ID", why, "assertion_incomplete", text)
        both = replaced(tree.text(), f'ID="{forged.get("ID")}"', f'ID="_x" {new}="{ASSERTION}"')
        corpus.hostile(kind, f"{name}-beside-ID", f"The same with an ID of its own", why, "signature_reference", both)
    kind = "duplicate-ids"
    why = "a resolver returns the first, a reader another"
    tree = Tree(RESPONSE_ONLY.xml())
    tree.assertion.set("ID", RESPONSE)
    corpus.hostile(kind, "response-and-assertion", "Response and assertion share an ID", why, "duplicate_id", tree.text())
    corpus.hostile(kind, "response-and-assertion-signed", "The provider itself signs both under one ID", why, "duplicate_id", RESPONSE_ONLY.but(assertion_id=RESPONSE).xml())
    for name in ("ID", "Id", "id"):
        tree = Tree(GOOD)
        tree.find("StatusCode", n.SAMLP).set(name, ASSERTION)
        corpus.hostile(kind, f"status-code-{name}", f"StatusCode carries the assertion's ID as {name}", why, "duplicate_id", tree.text())
    tree = Tree(GOOD)
    tree.assertion_signature.set("Id", ASSERTION)
    corpus.hostile(kind, "signature-id", "The Signature's Id is the assertion's", why, "duplicate_id", tree.text())
    tree = Tree(GOOD)
    tree.find("StatusCode", n.SAMLP).set("{http://www.w3.org/XML/1998/namespace}id", ASSERTION)
    corpus.hostile(kind, "xml-id", "StatusCode carries the assertion's ID as xml:id", why, "duplicate_id", tree.text())


def write_differential(corpus):
    kind = "parser-differential"
    why = "not well-formed, and repaired by some parsers: CVE-2025-25291, CVE-2025-25292"
    for name, old, new, code in (
        ("attribute-twice", "<samlp:StatusCode ", '<samlp:StatusCode Value="urn:x" ', "xml_duplicate_attribute"),
        ("attribute-twice-by-prefixes", "<samlp:StatusCode ", '<samlp:StatusCode xmlns:a="urn:x" xmlns:b="urn:x" a:v="1" b:v="2" ', "xml_duplicate_attribute"),
        ("attribute-unquoted", 'Version="2.0"', "Version=2.0", "xml_tag"),
        ("attribute-without-value", 'Version="2.0"', "Version", "xml_tag"),
        ("attributes-without-space", 'Version="2.0" ', 'Version="2.0"', "xml_tag"),
        ("less-than-in-attribute", 'Version="2.0"', 'Version="2.0<"', "xml_less_than"),
        ("ampersand-alone", f">{USER}<", f">a & b{USER}<", "xml_reference"),
        ("entity-unknown", f">{USER}<", f">&nbsp;{USER}<", "xml_reference"),
        ("entity-without-semicolon", f">{USER}<", f">&amp{USER}<", "xml_reference"),
        ("cdata-end-in-text", f">{USER}<", f">]]>{USER}<", "xml_cdata_end"),
        ("end-tag-of-other-case", "</samlp:Status>", "</samlp:status>", "xml_end_tag"),
        ("end-tag-of-other-prefix", "</samlp:Status>", "</saml:Status>", "xml_end_tag"),
        ("end-tag-with-attribute", "</samlp:Status>", '</samlp:Status x="y">', "xml_end_tag"),
        ("end-tags-crossed", "</saml:Subject>", "", "xml_end_tag"),
        ("tag-with-space", "<samlp:Status>", "< samlp:Status>", "xml_name"),
        ("empty-tag", "<samlp:Status>", "<samlp:Status><>", "xml_name"),
        ("cut-off", "</samlp:Response>", "", "xml_ends_early"),
        ("cut-off-in-tag", "</samlp:Response>", "</samlp:Respon", "xml_end_tag"),
    ):
        corpus.hostile(kind, name, name.replace("-", " "), why, code, replaced(GOOD, old, new))
    quoting = '<!DOCTYPE samlp:Response [<!ENTITY a "\'>--><!--">]>'
    corpus.hostile(kind, "doctype-quotes", "A DOCTYPE whose quotes parsers read differently", why, "xml_doctype", quoting + GOOD)

    kind = "name-syntax"
    why = "reading and writing again changes the meaning: CVE-2020-29509 to 29511, CVE-2020-26290"
    for name, tag in (("two-colons", "a::b"), ("three-parts", "samlp:a:b"), ("colon-first", ":b"), ("colon-last", "samlp:"), ("digit-first", "1a"), ("digit-after-colon", "samlp:1a"), ("hyphen-first", "-a"), ("dot-first", ".a")):
        corpus.hostile(kind, f"element-{name}", f"An element named {tag}", why, "xml_name", replaced(GOOD, "<samlp:Status>", f"<samlp:Status><{tag}/>"))
        corpus.hostile(kind, f"attribute-{name}", f"An attribute named {tag}", why, "xml_name", replaced(GOOD, "<samlp:Status>", f'<samlp:Status {tag}="x">'))
    directive = "<!ATTLIST samlp:Response ID ID #IMPLIED>"
    corpus.hostile(kind, "directive", "A declaration without a DOCTYPE", why, "xml_tag", directive + GOOD)


def write_roots(corpus):
    kind = "several-roots"
    why = "one root and nothing beside it: CVE-2022-39353, CVE-2022-39299"
    forged = evil().xml()
    for name, text, code in (
        ("forged-after", GOOD + forged, "xml_outside_root"), ("forged-before", forged + GOOD, "xml_outside_root"),
        ("junk-after", GOOD + "junk", "xml_outside_root"), ("junk-before", "junk" + GOOD, "xml_outside_root"),
        ("end-tag-after", GOOD + "</samlp:Response>", "xml_outside_root"), ("reference-after", GOOD + "&#32;", "xml_outside_root"),
        ("comment-after", GOOD + "<!-- x -->", "xml_comment"), ("comment-before", "<!-- x -->" + GOOD, "xml_comment"),
        ("pi-before", "<?xml-stylesheet href='x'?>" + GOOD, "xml_processing_instruction"), ("pi-after", GOOD + "<?x?>", "xml_processing_instruction"),
        ("declaration-after", GOOD + "<?xml version='1.0'?>", "xml_processing_instruction"), ("declaration-twice", "<?xml version='1.0'?><?xml version='1.0'?>" + GOOD, "xml_processing_instruction"),
        ("declaration-after-space", "\n<?xml version='1.0'?>" + GOOD, "xml_processing_instruction"), ("cdata-after", GOOD + "<![CDATA[x]]>", "xml_cdata"),
        ("nothing", "", "xml_no_root"), ("only-space", " \n ", "xml_no_root"), ("not-xml", "SAMLResponse", "xml_outside_root"),
    ):
        corpus.hostile(kind, name, name.replace("-", " "), why, code, text)


def write_doctype(corpus):
    kind = "doctype"
    why = "no document type declaration is read: entities, external resources, default attributes: CVE-2024-52596, CVE-2018-0486"
    lol = '<!DOCTYPE r [<!ENTITY a "lollollol">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)) + "]>"
    quadratic = f'<!DOCTYPE r [<!ENTITY a "{"x" * 50000}">]>'
    for name, text in (
        ("empty", "<!DOCTYPE samlp:Response>"), ("external-subset", '<!DOCTYPE samlp:Response SYSTEM "http://127.0.0.1:9/x.dtd">'),
        ("external-entity", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'), ("parameter-entity", '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>'),
        ("billion-laughs", lol), ("quadratic", quadratic), ("internal-entity", f'<!DOCTYPE r [<!ENTITY x "{EVIL}">]>'),
        ("default-attribute", '<!DOCTYPE r [<!ATTLIST saml:Assertion ID ID #IMPLIED Id CDATA "_x">]>'), ("after-declaration", "<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE r>"),
        ("lower-case", "<!doctype r>"),
    ):
        corpus.hostile(kind, name, f"DOCTYPE: {name}", why, "xml_doctype", text + GOOD)
    used = '<!DOCTYPE r [<!ENTITY x "' + EVIL + '">]>' + replaced(GOOD, f">{USER}</saml:NameID>", ">&x;</saml:NameID>")
    corpus.hostile(kind, "entity-in-name-id", "The NameID is an entity", why, "xml_doctype", used)
    corpus.hostile(kind, "inside-root", "A DOCTYPE inside the root", why, "xml_doctype", replaced(GOOD, "<samlp:Status>", "<!DOCTYPE r><samlp:Status>"))


def write_encoding(corpus):
    kind = "encoding"
    why = "UTF-8 and XML 1.0 only, with the characters that XML 1.0 has"
    declared = "<?xml version='1.0' encoding='{}'?>"
    for name, octets, code in (
        ("utf-16-le", ("\ufeff" + declared.format("UTF-16") + GOOD).encode("utf-16-le"), "xml_not_utf8"),
        ("utf-16-be", ("\ufeff" + declared.format("UTF-16") + GOOD).encode("utf-16-be"), "xml_not_utf8"),
        ("utf-32", ("\ufeff" + GOOD).encode("utf-32-le"), "xml_not_utf8"),
        ("utf-7-declared", (declared.format("UTF-7") + GOOD).encode(), "xml_not_utf8"),
        ("latin-1-declared", (declared.format("ISO-8859-1") + GOOD).encode(), "xml_not_utf8"),
        ("ascii-declared", (declared.format("US-ASCII") + GOOD).encode(), "xml_not_utf8"),
        ("utf-8-misspelt-otherwise", (declared.format("UTF_8") + GOOD).encode(), "xml_not_utf8"),
        ("utf8-declared-latin-1-octets", (declared.format("UTF8") + GOOD).replace("mary@", "m\u00e4ry@").encode("latin-1"), "xml_not_utf8"),
        ("utf-16-declared", (declared.format("UTF-16") + GOOD).encode(), "xml_not_utf8"),
        ("latin-1-octets", replaced(GOOD, USER, "m\u00e4ry@example.org").encode("latin-1"), "xml_not_utf8"),
        ("overlong", replaced(GOOD, USER, "@@@").encode().replace(b"@@@", b"mary\xc1\x80example.org"), "xml_not_utf8"),
        ("surrogate", replaced(GOOD, USER, "@@@").encode().replace(b"@@@", b"mary\xed\xa0\x80"), "xml_not_utf8"),
        ("cut-sequence", replaced(GOOD, USER, "@@@").encode().replace(b"@@@", b"mary\xe2\x82"), "xml_not_utf8"),
        ("ebcdic", GOOD.encode("cp500", "replace"), "xml_not_utf8"),
        ("nul", GOOD.encode() + b"\0", "xml_character"),
        ("nul-in-text", replaced(GOOD, f">{USER}<", f">mary\0{USER}<").encode(), "xml_character"),
        ("control-character", replaced(GOOD, f">{USER}<", f">\x01{USER}<").encode(), "xml_character"),
        ("nul-reference", replaced(GOOD, f">{USER}<", f">&#0;{USER}<").encode(), "xml_character"),
        ("control-reference", replaced(GOOD, f">{USER}<", f">&#x1;{USER}<").encode(), "xml_character"),
        ("surrogate-reference", replaced(GOOD, f">{USER}<", f">&#xD800;{USER}<").encode(), "xml_character"),
        ("noncharacter", replaced(GOOD, f">{USER}<", f">\uffff{USER}<").encode(), "xml_character"),
        ("beyond-unicode-reference", replaced(GOOD, f">{USER}<", f">&#x110000;{USER}<").encode(), "xml_character"),
        ("huge-reference", replaced(GOOD, f">{USER}<", f">&#x100000041;{USER}<").encode(), "xml_reference"),
        ("reference-upper-x", replaced(GOOD, f">{USER}<", f">&#X41;{USER}<").encode(), "xml_reference"),
        ("reference-empty", replaced(GOOD, f">{USER}<", f">&#;{USER}<").encode(), "xml_reference"),
        ("xml-1.1", ("<?xml version='1.1'?>" + GOOD).encode(), "xml_declaration"),
        ("xml-2.0", ("<?xml version='2.0'?>" + GOOD).encode(), "xml_declaration"),
        ("declaration-without-version", ("<?xml encoding='UTF-8'?>" + GOOD).encode(), "xml_declaration"),
        ("declaration-order", ("<?xml encoding='UTF-8' version='1.0'?>" + GOOD).encode(), "xml_declaration"),
    ):
        corpus.hostile(kind, name, name.replace("-", " "), why, code, octets)


def write_limits(corpus):
    kind = "limits"
    why = "bounded before anything is computed: depth 64, 20,000 nodes, 256 attributes, 64 namespaces, 512 KiB"
    hole = "<samlp:Extensions>{}</samlp:Extensions>"

    def with_extensions(inside):
        return replaced(GOOD, "<samlp:Status>", hole.format(inside) + "<samlp:Status>")

    corpus.hostile(kind, "depth-65", "One element deeper than allowed", why, "xml_too_deep", with_extensions("<x>" * 63 + "</x>" * 63))
    corpus.hostile(kind, "depth-5000", "Five thousand elements inside each other", why, "xml_too_deep", with_extensions("<x>" * 5000 + "</x>" * 5000))
    corpus.hostile(kind, "depth-unclosed", "Fifty thousand start tags", why, "xml_too_deep", "<x>" * 50000)
    corpus.hostile(kind, "nodes", "Twenty thousand elements", why, "xml_too_many_nodes", with_extensions("<x/>" * 20000))
    corpus.hostile(kind, "nodes-text", "Ten thousand elements with text", why, "xml_too_many_nodes", with_extensions("<x>y</x>" * 10000))
    corpus.hostile(kind, "attributes-of-element", "257 attributes on one element", why, "xml_too_many_attributes", with_extensions("<x " + " ".join(f'a{i}="x"' for i in range(257)) + "/>"))
    corpus.hostile(kind, "attributes-thousands", "Twenty thousand attributes on one element", why, "xml_too_many_attributes", with_extensions("<x " + " ".join(f'a{i}=""' for i in range(20000)) + "/>"))
    corpus.hostile(kind, "attributes-in-all", "Twenty thousand attributes on many elements", why, "xml_too_many_attributes", with_extensions(("<x " + " ".join(f'a{i}=""' for i in range(200)) + "/>") * 101))
    corpus.hostile(kind, "namespaces-of-element", "Seventy namespaces on one element", why, "xml_too_many_namespaces", with_extensions("<x " + " ".join(f'xmlns:a{i}="urn:{i}"' for i in range(70)) + "/>"))
    corpus.hostile(kind, "namespaces-nested", "Namespaces re-bound at every level", why, "xml_too_many_namespaces", with_extensions("".join(f'<x xmlns:a="urn:{i}" xmlns:b="urn:b{i}">' for i in range(40)) + "</x>" * 40))
    corpus.hostile(kind, "size", "A message of more than 512 KiB", why, "xml_too_long", with_extensions("x" * (513 * 1024)))


