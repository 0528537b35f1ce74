"""The inside of the signature (security a.1): digests, references, transforms, and signatures that are none."""

import base64
import hashlib

import dsig
import keys
import message
import names as n
from message import BOTH, PLAIN, RESPONSE_ONLY, UNSOLICITED
from tree import EVIL, Tree, copied, edited, element, evil, replaced


def write(corpus):
    write_digest_smuggling(corpus)
    write_two_signed_info(corpus)
    write_comments(corpus)
    write_references(corpus)
    write_transforms(corpus)
    write_unsigned(corpus)


def digest_of_forgery(tree, target):
    """The digest that the forged element would have without its signature."""
    other = Tree(tree.text())
    covered = dsig.by_id(other.root, target)
    for signature in covered.findall(f"{{{n.DS}}}Signature"):
        covered.remove(signature)
    return base64.b64encode(hashlib.sha256(dsig.canonical(covered)).digest()).decode()


def write_digest_smuggling(corpus):
    kind = "digest-smuggling"
    why = "a search for DigestValue finds the attacker's first: CVE-2024-45409"
    for place in ("status-detail", "extensions"):
        tree = Tree(PLAIN.xml())
        tree.find("NameID").text = EVIL
        digest = element("DigestValue", n.DS)
        digest.text = digest_of_forgery(tree, message.ASSERTION)
        if place == "status-detail":
            element("StatusDetail", n.SAMLP, tree.find("Status", n.SAMLP)).append(digest)
        else:
            extensions = element("Extensions", n.SAMLP)
            tree.root.insert(1, extensions)
            extensions.append(digest)
        corpus.hostile(kind, place, f"A DigestValue in {place}", why, "digest_mismatch", tree.text())
    tree = Tree(PLAIN.xml())
    tree.find("NameID").text = EVIL
    digest = digest_of_forgery(tree, message.ASSERTION)
    own = tree.find("DigestValue", n.DS)
    before = copied(own)
    before.text = digest
    own.addprevious(before)
    corpus.hostile(kind, "second-in-reference", "Two DigestValues in the Reference, the forged one first", why, "signature_structure", tree.text())
    own.getparent().remove(before)
    own.addnext(before)
    corpus.hostile(kind, "second-in-reference-after", "Two DigestValues in the Reference, the forged one last", why, "signature_structure", tree.text())
    own.getparent().remove(before)
    holder = element("Object", n.DS, tree.find("Signature", n.DS))
    reference = copied(own.getparent())
    reference.find(f"{{{n.DS}}}DigestValue").text = digest
    holder.append(reference)
    corpus.hostile(kind, "in-object", "A whole Reference in an Object of the signature", why, "signature_object", tree.text())
    holder.getparent().remove(holder)
    tree.find("DigestValue", n.DS).text = digest
    corpus.hostile(kind, "digest-replaced", "The digest is replaced by the forgery's", "the digest then fits, the signature does not", "signature_invalid", tree.text())
    tree = Tree(PLAIN.xml())
    nested = element("DigestValue", n.DS, tree.find("DigestValue", n.DS))
    nested.text = digest
    corpus.hostile(kind, "nested", "A DigestValue inside the DigestValue", why, "signature_structure", tree.text())


def write_two_signed_info(corpus):
    kind = "two-signed-info"
    why = "one SignedInfo is verified, the references are read from another: CVE-2025-29774"

    def forged():
        tree = Tree(PLAIN.xml())
        tree.find("NameID").text = EVIL
        own = tree.find("SignedInfo", n.DS)
        other = copied(own)
        other.find(f".//{{{n.DS}}}DigestValue").text = digest_of_forgery(tree, message.ASSERTION)
        return tree, own, other

    tree, own, other = forged()
    own.addprevious(other)
    corpus.hostile(kind, "forged-first", "The forged SignedInfo first", why, "signature_structure", tree.text())
    tree, own, other = forged()
    own.addnext(other)
    corpus.hostile(kind, "forged-second", "The forged SignedInfo second", why, "signature_structure", tree.text())
    tree, own, other = forged()
    element("Object", n.DS, own.getparent()).append(other)
    corpus.hostile(kind, "forged-in-object", "The forged SignedInfo in an Object", why, "signature_object", tree.text())
    tree, own, other = forged()
    own.append(other)
    corpus.hostile(kind, "forged-nested", "The forged SignedInfo inside the real one", why, "signature_structure", tree.text())
    tree, own, other = forged()
    info = tree.find("KeyInfo", n.DS)
    info.append(other)
    corpus.hostile(kind, "forged-in-key-info", "The forged SignedInfo in KeyInfo", "what KeyInfo holds is never looked at; the real digest decides", "digest_mismatch", tree.text())
    tree = Tree(PLAIN.xml())
    signature = tree.assertion_signature
    signature.addnext(copied(signature))
    corpus.hostile(kind, "two-signatures", "Two Signatures in one assertion", "the schema allows one", "assertion_unexpected_element", tree.text())


def write_comments(corpus):
    kind = "comment-in-signature"
    why = "canonicalisation drops the comment, the reader takes its text: CVE-2025-29775"
    good = PLAIN.xml()
    for name, pattern in (("digest-value", r"(<ds:DigestValue>)"), ("signature-value", r"(<ds:SignatureValue>)"), ("certificate", r"(<ds:X509Certificate>)"), ("signed-info", r"(<ds:SignedInfo>)")):
        corpus.hostile(kind, f"comment-in-{name}", f"A comment in {name}", why, "xml_comment", edited(good, pattern, r"\1<!--AAAA-->"))
    corpus.hostile(kind, "cdata-in-digest-value", "CDATA in DigestValue", "another way of writing the same text", "xml_cdata", edited(good, r"<ds:DigestValue>([^<]*)<", r"<ds:DigestValue><![CDATA[\1]]><"))
    corpus.hostile(kind, "pi-in-digest-value", "A processing instruction in DigestValue", why, "xml_processing_instruction", edited(good, r"(<ds:DigestValue>)", r"\1<?x AAAA?>"))


def write_references(corpus):
    kind = "reference-count"
    p = "ds:"
    digest = base64.b64encode(b"\0" * 32).decode()
    one = dsig.reference("#" + message.ASSERTION, digest, dsig.PLAIN, p)
    other = dsig.reference("#" + message.RESPONSE, digest, dsig.PLAIN, p)
    for name, title, references, code in (
        ("zero", "A signature over nothing", "<!---->", "signature_structure"),
        ("two", "Two References", one + other, "signature_references"),
        ("two-same", "The same Reference twice", one * 2, "signature_references"),
        ("hundred", "A hundred References", one * 100, "signature_references"),
    ):
        text = PLAIN.but(style=dsig.Style(references=references)).xml().replace("<!---->", "")
        corpus.hostile(kind, name, title, "exactly one Reference is a signature of SAML; many are work without end: CVE-2021-39171", code, text)
    manifest = f'<ds:Object><ds:Manifest Id="_manifest">{one}</ds:Manifest></ds:Object>'
    style = dsig.Style(references=dsig.reference("#_manifest", digest, dsig.PLAIN, p), after=manifest)
    corpus.hostile(kind, "manifest", "A Reference to a Manifest of references", "what a Manifest lists is not verified", "signature_object", PLAIN.but(style=style).xml())

    kind = "reference-uri"
    why = "only # and the ID of the signature's parent, compared and never resolved"
    for name, title, style in (
        ("empty", "URI is empty: the whole document", dsig.Style(uri="")),
        ("absent", "No URI: whatever the application means", dsig.Style(no_uri=True)),
        ("xpointer-id", "An XPointer with the right ID", dsig.Style(uri=f"#xpointer(id('{message.ASSERTION}'))")),
        ("xpointer-root", "An XPointer to the document", dsig.Style(uri="#xpointer(/)")),
        ("http", "A web address", dsig.Style(uri="http://127.0.0.1:9/reference.xml")),
        ("file", "A file", dsig.Style(uri="file:///etc/hostname")),
        ("without-hash", "The ID without #", dsig.Style(uri=message.ASSERTION)),
        ("other-case", "The ID in another case", dsig.Style(uri="#" + message.ASSERTION.upper())),
        ("trailing-space", "The ID followed by a space", dsig.Style(uri=f"#{message.ASSERTION} ")),
        ("percent-encoded", "The ID percent-encoded", dsig.Style(uri=f"#%5F{message.ASSERTION[1:]}")),
        ("empty-fragment", "Only #", dsig.Style(uri="#")),
        ("absolute-with-fragment", "An address with the right fragment", dsig.Style(uri=f"https://idp.example.org/#{message.ASSERTION}")),
    ):
        corpus.hostile(kind, name, title, why, "signature_reference", PLAIN.but(style=style).xml())


def write_transforms(corpus):
    kind = "dangerous-transforms"
    xslt = f'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><xsl:copy-of select="document(\'http://127.0.0.1:9/x\')"/></xsl:template></xsl:stylesheet></ds:Transform>'
    xpath = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::*[local-name()=\'NameID\'])</ds:XPath></ds:Transform>'
    filter2 = '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">//*[local-name()=\'NameID\']</f:XPath></ds:Transform>'
    shapes = (
        ("xslt", "XSLT", (n.ENVELOPED, xslt, n.EXC_C14N)),
        ("xpath", "XPath that cuts the NameID out", (n.ENVELOPED, xpath, n.EXC_C14N)),
        ("xpath-filter2", "XPath Filter 2 that cuts the NameID out", (n.ENVELOPED, filter2, n.EXC_C14N)),
        ("xpath-instead", "XPath instead of enveloped-signature", (xpath, n.EXC_C14N)),
        ("base64", "The base64 transform", (n.ENVELOPED, n.DS + "base64")),
        ("unknown", "A transform that nobody knows", (n.ENVELOPED, "urn:example:transform", n.EXC_C14N)),
        ("none", "No transforms", ()),
        ("no-enveloped", "Canonicalisation only", (n.EXC_C14N,)),
        ("no-canonicalization", "enveloped-signature only", (n.ENVELOPED,)),
        ("reversed", "The two in the wrong order", (n.EXC_C14N, n.ENVELOPED)),
        ("enveloped-twice", "enveloped-signature twice", (n.ENVELOPED, n.ENVELOPED)),
        ("three", "Canonicalised twice", (n.ENVELOPED, n.EXC_C14N, n.EXC_C14N)),
        ("hundred", "A hundred transforms", (n.ENVELOPED,) + (n.EXC_C14N,) * 99),
    )
    for name, title, transforms in shapes:
        style = dsig.Style(transforms=transforms)
        code = "signature_transforms" if transforms else "signature_structure"
        if transforms == (n.ENVELOPED,):
            # Which means inclusive canonicalisation, for which there is a switch.
            code = "inclusive_canonicalization"
        corpus.hostile(kind, name, title, "exactly enveloped-signature and then exclusive canonicalisation, checked before anything is computed", code, PLAIN.but(style=style).xml())
    for name, algorithm, code in (
        ("inclusive", n.C14N_10, "inclusive_canonicalization"),
        ("inclusive-with-comments", n.C14N_10 + "#WithComments", "inclusive_canonicalization"),
        ("inclusive-1.1", n.C14N_11, "inclusive_canonicalization"),
        ("exclusive-other-spelling", n.EXC_C14N_COMMENTS.lower(), "signature_canonicalization"),
    ):
        style = dsig.Style(c14n=algorithm)
        corpus.hostile("canonicalization-method", name, f"Canonicalised by {algorithm}", "exclusive canonicalisation only, unless the connection says otherwise", code, RESPONSE_ONLY.but(style=style).xml())
    split = PLAIN.name_id.replace("@", "@evil.example<!-- -->")
    for name, algorithm in (("exclusive", n.EXC_C14N_COMMENTS), ("inclusive", n.C14N_10 + "#WithComments")):
        commented = UNSOLICITED.but(style=dsig.Style(c14n=algorithm), name_id=split)
        corpus.hostile("canonicalization-method", f"{name}-with-comments-and-comment", "A comment in the NameID, which the signature covers", "a message with a comment is not read at all", "xml_comment", commented.xml(), inclusive_c14n=True, request_id=None)
    bare = dsig.Style(transforms=(n.ENVELOPED,), content_c14n=n.C14N_10)
    corpus.hostile("canonicalization-method", "enveloped-only", "Signed under Canonical XML 1.0, which is not named", "as above", "inclusive_canonicalization", UNSOLICITED.but(style=bare).xml(), request_id=None)
    corpus.hostile("canonicalization-method", "enveloped-only-changed", "The same with the switch on, changed after it was signed", "the digest is over the canonical octets", "digest_mismatch", replaced(UNSOLICITED.but(style=bare).xml(), f">{message.USER}</saml:NameID>", ">eve@example.org</saml:NameID>"), inclusive_c14n=True, request_id=None)
    style = dsig.Style(transforms=(n.ENVELOPED, n.C14N_10))
    corpus.hostile("canonicalization-method", "inclusive-transform", "Only the transform is inclusive", "as above", "inclusive_canonicalization", RESPONSE_ONLY.but(style=style).xml())
    unknown = replaced(PLAIN.xml(), f'CanonicalizationMethod Algorithm="{n.EXC_C14N}"', 'CanonicalizationMethod Algorithm="urn:example:c14n"')
    corpus.hostile("canonicalization-method", "unknown", "A canonicalisation that nobody knows", "as above", "signature_canonicalization", unknown)


def write_unsigned(corpus):
    kind = "unsigned"
    why = "no exception is not the same as verified: CVE-2019-3465, CVE-2026-49283"
    corpus.hostile(kind, "nothing-signed", "No signature at all", why, "not_signed", evil().xml())
    tree = Tree(PLAIN.xml())
    tree.assertion.remove(tree.assertion_signature)
    corpus.hostile(kind, "signature-removed", "The signature is cut out", why, "not_signed", tree.text())
    good = PLAIN.xml()
    corpus.hostile(kind, "signature-empty", "An empty Signature", why, "signature_structure", edited(good, r"<ds:Signature .*?</ds:Signature>", f'<ds:Signature xmlns:ds="{n.DS}"/>'))
    corpus.hostile(kind, "signature-value-empty", "An empty SignatureValue", why, "signature_invalid", edited(good, r"<ds:SignatureValue>.*?</ds:SignatureValue>", "<ds:SignatureValue></ds:SignatureValue>"))
    corpus.hostile(kind, "signature-value-absent", "No SignatureValue", why, "signature_structure", edited(good, r"<ds:SignatureValue>.*?</ds:SignatureValue>", ""))
    corpus.hostile(kind, "signed-info-absent", "No SignedInfo", why, "signature_structure", edited(good, r"<ds:SignedInfo>.*?</ds:SignedInfo>", ""))
    corpus.hostile(kind, "digest-value-empty", "An empty DigestValue", "void canonicalisation and an empty digest would be equal", "digest_mismatch", PLAIN.but(style=dsig.Style(digest_value="")).xml())
    corpus.hostile(kind, "digest-value-zero", "A digest that a loose comparison takes for zero", "CVE-2018-7644", "digest_mismatch", PLAIN.but(style=dsig.Style(digest_value=base64.b64encode(b"0e123456789012345678901234567890").decode())).xml())
    empty = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    corpus.hostile(kind, "digest-of-nothing", "The digest of the empty octet string", "a canonicalisation that failed and went on: CVE-2025-66568", "digest_mismatch", PLAIN.but(style=dsig.Style(digest_value=empty)).xml())
    tree = Tree(evil().xml())
    signature = element("Signature", "urn:example:not-a-signature")
    tree.assertion.insert(1, signature)
    corpus.hostile(kind, "signature-of-other-namespace", "A Signature of another namespace", "names are compared with their namespace", "assertion_unexpected_element", tree.text())
    corpus.hostile(kind, "response-signature-bad-assertion-good", "A good signature below a bad one", "every signature that is there must verify", "signature_invalid", BOTH.but(response_style=dsig.Style(key=keys.attacker())).xml())
    corpus.hostile(kind, "assertion-signature-bad-response-good", "A bad signature below a good one", "every signature that is there must verify", "signature_invalid", BOTH.but(style=dsig.Style(key=keys.attacker()), response_style=dsig.PLAIN).xml())
