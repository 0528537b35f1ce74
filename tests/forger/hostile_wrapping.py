"""Signature wrapping and what was signed (security a.1): the signed element is moved, and a forged one takes its place."""

import dsig
import message
import names as n
from message import BOTH, PLAIN, RESPONSE_ONLY
from tree import EVIL, EVIL_ASSERTION, Tree, copied, detached, element, evil, replaced


def write(corpus):
    write_wrapping(corpus)
    write_places(corpus)
    write_confusion(corpus)
    write_structure(corpus)
    write_coverage(corpus)
    write_unsigned_copy(corpus)
    write_other_documents(corpus)


# --- XSW1 to XSW8, as "On Breaking SAML" counts them -----------------------------------------------------------------


def xsw1():
    """The signed response moves into its own signature, which moves to a forged response."""
    forged, signed = Tree(evil().xml()), Tree(RESPONSE_ONLY.xml())
    signature = detached(signed.response_signature)
    signature.append(signed.root)
    forged.root.insert(1, signature)
    return forged.text()


def xsw2():
    """As XSW1, with the signed response beside the signature."""
    forged, signed = Tree(evil().xml()), Tree(RESPONSE_ONLY.xml())
    signature = detached(signed.response_signature)
    forged.root.insert(1, signed.root)
    forged.root.insert(2, signature)
    return forged.text()


def xsw3():
    """A forged assertion before the signed one."""
    tree = Tree(PLAIN.xml())
    tree.assertion.addprevious(Tree(evil().xml()).assertion)
    return tree.text()


def xsw4():
    """The signed assertion moves into the forged one."""
    tree, forged = Tree(PLAIN.xml()), Tree(evil().xml()).assertion
    original = tree.assertion
    original.addprevious(forged)
    forged.append(detached(original))
    return tree.text()


def xsw5():
    """The forged assertion takes the signature; the signed one, without it, comes last."""
    tree, forged = Tree(PLAIN.xml()), Tree(evil().xml()).assertion
    original = tree.assertion
    forged.insert(1, detached(tree.assertion_signature))
    original.addprevious(forged)
    return tree.text()


def xsw6():
    """As XSW5, with the signed assertion inside the signature."""
    tree, forged = Tree(PLAIN.xml()), Tree(evil().xml()).assertion
    original = tree.assertion
    signature = detached(tree.assertion_signature)
    forged.insert(1, signature)
    original.addprevious(forged)
    signature.append(detached(original))
    return tree.text()


def xsw7():
    """The forged assertion in Extensions, before the signed one."""
    tree = Tree(PLAIN.xml())
    extensions = element("Extensions", n.SAMLP)
    extensions.append(Tree(evil(assertion_id=message.ASSERTION).xml()).assertion)
    tree.root.insert(1, extensions)
    return tree.text()


def xsw8():
    """The signed assertion in an Object of the signature that the forged one carries."""
    tree, forged = Tree(PLAIN.xml()), Tree(evil().xml()).assertion
    original = tree.assertion
    signature = detached(tree.assertion_signature)
    original.addprevious(forged)
    forged.insert(1, signature)
    element("Object", n.DS, signature).append(detached(original))
    return tree.text()


def write_wrapping(corpus):
    kind = "signature-wrapping"
    for name, forge, code in (
        ("xsw1", xsw1, "hidden_element"),
        ("xsw2", xsw2, "response_unexpected_element"),
        ("xsw3", xsw3, "several_assertions"),
        ("xsw4", xsw4, "hidden_element"),
        ("xsw5", xsw5, "several_assertions"),
        ("xsw6", xsw6, "hidden_element"),
        ("xsw7", xsw7, "hidden_element"),
        ("xsw8", xsw8, "hidden_element"),
    ):
        corpus.hostile(kind, name, forge.__doc__, "On Breaking SAML (USENIX Security 2012); CVE-2016-5697", code, forge())


def hide(place):
    """The signed assertion in an odd place of a response whose own assertion is forged."""
    tree = Tree(evil().xml())
    signed = Tree(PLAIN.xml()).assertion
    if place == "advice":
        advice = element("Advice", n.SAML)
        tree.find("Conditions").addnext(advice)
        advice.append(signed)
    elif place == "status-detail":
        element("StatusDetail", n.SAMLP, tree.find("Status", n.SAMLP)).append(signed)
    elif place == "extensions":
        extensions = element("Extensions", n.SAMLP)
        tree.root.insert(1, extensions)
        extensions.append(signed)
    elif place == "extensions-deep":
        inner = extensions = element("Extensions", n.SAMLP)
        tree.root.insert(1, extensions)
        for _ in range(5):
            inner = element("x", "urn:example:extension", inner)
        inner.append(signed)
    elif place == "attribute-value":
        value = tree.find("AttributeValue")
        value.text = None
        value.append(signed)
    elif place == "confirmation-data":
        tree.find("SubjectConfirmationData").append(signed)
    elif place == "authn-context-decl":
        context = tree.find("AuthnContext")
        element("AuthnContextDecl", n.SAML, context).append(signed)
    return tree.text()


def write_places(corpus):
    places = ("advice", "status-detail", "extensions", "extensions-deep", "attribute-value", "confirmation-data", "authn-context-decl")
    for place in places:
        corpus.hostile("signature-wrapping", f"signed-in-{place}", f"The signed assertion hidden in {place}", "a reader that looks for signatures anywhere finds a good one", "hidden_element", hide(place))
    tree = Tree(RESPONSE_ONLY.xml())
    advice = element("Advice", n.SAML)
    tree.find("Conditions").addnext(advice)
    advice.append(Tree(evil().xml()).assertion)
    corpus.hostile("signature-wrapping", "forged-in-advice", "A forged assertion in the Advice of the signed one", "readers that search for assertions find two", "hidden_element", tree.text())
    tree = Tree(evil().xml())
    element("Object", n.DS, tree.root)
    tree.root[-1].append(Tree(PLAIN.xml()).assertion)
    corpus.hostile("signature-wrapping", "object-in-response", "The signed assertion in an Object that is a child of the response", "an element of another schema in the response", "response_unexpected_element", tree.text())
    tree = Tree(PLAIN.xml())
    forged = Tree(evil().xml()).assertion
    forged.insert(1, copied(tree.assertion_signature))
    tree.assertion.getparent().replace(tree.assertion, forged)
    corpus.hostile("signature-wrapping", "signature-transplanted", "A forged assertion with the signature of another one", "the reference names an element that is not there", "signature_reference", tree.text())


def write_confusion(corpus):
    kind = "assertion-confusion"
    why = "the verifier checks one assertion and the reader returns another: CVE-2022-41912, CVE-2026-25922, CVE-2025-47949"
    tree = Tree(PLAIN.xml())
    tree.assertion.addprevious(Tree(evil().xml()).assertion)
    corpus.hostile(kind, "forged-before-signed", "A forged assertion before the signed one", why, "several_assertions", tree.text())
    tree = Tree(PLAIN.xml())
    tree.assertion.addnext(Tree(evil().xml()).assertion)
    corpus.hostile(kind, "forged-after-signed", "A forged assertion after the signed one", why, "several_assertions", tree.text())
    tree = Tree(PLAIN.xml())
    tree.assertion.addnext(Tree(PLAIN.but(assertion_id="_assertion-second").xml()).assertion)
    corpus.hostile(kind, "two-signed", "Two signed assertions", "more than one is refused, not chosen from", "several_assertions", tree.text())
    both = RESPONSE_ONLY.but(after_assertion=evil().assertion_xml().replace(f"{{{{sign:{EVIL_ASSERTION}}}}}", ""))
    corpus.hostile(kind, "two-in-signed-response", "Two assertions under one signed response", "even a provider may not send two", "several_assertions", both.xml())
    tree = Tree(PLAIN.xml())
    tree.assertion.addprevious(copied(tree.assertion))
    corpus.hostile(kind, "same-twice", "The signed assertion twice", "two assertions, one ID", "several_assertions", tree.text())
    status_first = Tree(PLAIN.xml())
    status = status_first.find("Status", n.SAMLP)
    status.addprevious(Tree(evil().xml()).assertion)
    corpus.hostile(kind, "forged-before-status", "A forged assertion where the schema has none yet", why, "response_unexpected_element", status_first.text())


def write_structure(corpus):
    kind = "response-structure"
    why = "the structure around a signed part is not looked at: CVE-2026-47201"
    signed = RESPONSE_ONLY.xml()
    corpus.hostile(kind, "response-in-response", "A signed response inside an unsigned one", why, "response_unexpected_element", evil(after_assertion="").wrap(signed).replace(f"{{{{sign:{evil().response_id}}}}}", ""))
    envelope = '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>%s</soap:Body></soap:Envelope>'
    corpus.hostile(kind, "soap-envelope", "A signed response in a SOAP envelope", "the root must be the Response", "not_a_response", envelope % signed)
    artifact = f'<samlp:ArtifactResponse xmlns:samlp="{n.SAMLP}" ID="_x" Version="2.0" IssueInstant="{message.at(-1)}"><samlp:Status><samlp:StatusCode Value="{n.SUCCESS}"/></samlp:Status>{signed}</samlp:ArtifactResponse>'
    corpus.hostile(kind, "artifact-response", "A signed response in an ArtifactResponse", "the root must be the Response", "not_a_response", artifact)
    corpus.hostile(kind, "assertion-alone", "A signed assertion without a response", "a bare assertion has no Destination and no Status", "not_a_response", PLAIN.signed_assertion())
    foreign = PLAIN.but(before_assertion='<x:Extra xmlns:x="urn:example:extra"/>').xml()
    corpus.hostile(kind, "foreign-element", "An element of another schema in the response", "the schema of a Response is closed", "response_unexpected_element", foreign)
    early = Tree(PLAIN.xml())
    early.root.insert(0, detached(early.find("Status", n.SAMLP)))
    corpus.hostile(kind, "status-before-issuer", "Status before Issuer", "the schema has an order", "response_unexpected_element", early.text())
    corpus.hostile(kind, "text-in-response", "Text between the parts of the response", "nothing but white space belongs there", "response_mixed_content", PLAIN.but(before_assertion="approved by the attacker").xml())
    corpus.hostile(kind, "two-status", "Two Status elements", "failure first, success after", "response_unexpected_element", PLAIN.but(status=PLAIN.status * 2).xml())
    corpus.hostile(kind, "two-issuers", "Two Issuers in the response", "the right one and another", "response_unexpected_element", PLAIN.but(response_issuer=PLAIN.response_issuer * 2).xml())
    corpus.hostile(kind, "two-subjects", "Two Subjects in a signed assertion", "the schema allows one", "assertion_unexpected_element", PLAIN.but(subject=PLAIN.subject_xml() * 2).xml())
    corpus.hostile(kind, "two-name-ids", "Two NameIDs in the Subject", "the schema allows one", "assertion_unexpected_element", PLAIN.but(name_id=PLAIN.name_id + evil().name_id).xml())
    corpus.hostile(kind, "two-conditions", "Two Conditions", "the schema allows one", "assertion_unexpected_element", PLAIN.but(conditions=PLAIN.conditions_xml() * 2).xml())
    corpus.hostile(kind, "foreign-statement", "An unknown element among the statements", "what is not known is not skipped", "assertion_unexpected_element", PLAIN.but(more_statements='<x:Statement xmlns:x="urn:example:x"/>').xml())
    corpus.hostile(kind, "no-id-on-signed-response", "A signed response without ID", "nothing can reference it", "response_incomplete", RESPONSE_ONLY.but(signed=()).xml().replace(f' ID="{message.RESPONSE}"', "", 1))


def write_coverage(corpus):
    kind = "position-not-reference"
    why = "a signature covers what its Reference names, not what it stands in: CVE-2024-8698"
    tree = Tree(PLAIN.xml())
    tree.root.insert(1, detached(tree.assertion_signature))
    corpus.hostile(kind, "response-level-names-assertion", "A signature of the response that names the assertion", why, "signature_reference", tree.text())
    cover = RESPONSE_ONLY.but(response_style=dsig.Style(cover=message.ASSERTION))
    corpus.hostile(kind, "response-level-signed-for-assertion", "The provider itself signs the assertion from the response's place", why, "signature_reference", cover.xml())
    tree = Tree(RESPONSE_ONLY.xml())
    tree.assertion.insert(1, detached(tree.response_signature))
    corpus.hostile(kind, "assertion-level-names-response", "A signature in the assertion that names the response", why, "signature_reference", tree.text())
    part = PLAIN.but(conditions=PLAIN.conditions_xml().replace("<saml:Conditions", '<saml:Conditions ID="_c"'), style=dsig.Style(cover="_c"))
    corpus.hostile(kind, "names-conditions", "A signature in the assertion over its Conditions only", why, "signature_reference", part.xml())
    part = PLAIN.but(name_id=PLAIN.name_id.replace("<saml:NameID", '<saml:NameID ID="_n"'), style=dsig.Style(cover="_n"))
    corpus.hostile(kind, "names-name-id", "A signature in the assertion over its NameID only", why, "signature_reference", part.xml())


def write_unsigned_copy(corpus):
    kind = "unsigned-copy"
    why = "verified in one representation, read from another: CVE-2025-54369, CVE-2025-54419"
    tree = Tree(PLAIN.xml())
    tree.find("NameID").text = EVIL
    corpus.hostile(kind, "name-id-changed", "The NameID is changed after signing", why, "digest_mismatch", tree.text())
    tree = Tree(PLAIN.xml())
    tree.find("AttributeValue").text = EVIL
    corpus.hostile(kind, "attribute-changed", "An attribute is changed after signing", why, "digest_mismatch", tree.text())
    tree = Tree(RESPONSE_ONLY.xml())
    tree.find("NameID").text = EVIL
    corpus.hostile(kind, "response-signed-name-id-changed", "The NameID is changed under a signed response", why, "digest_mismatch", tree.text())
    tree = Tree(BOTH.xml())
    tree.root.set("Destination", message.ACS + "x")
    corpus.hostile(kind, "both-signed-response-changed", "One of two signatures no longer holds", "every signature that is there must verify", "digest_mismatch", tree.text())
    tree = Tree(BOTH.xml())
    tree.root.remove(tree.response_signature)
    tree.assertion.insert(2, element("Subject", n.SAML))
    corpus.hostile(kind, "subject-inserted", "An element is inserted after signing", why, "assertion_unexpected_element", tree.text())
    tree = Tree(PLAIN.xml())
    tree.find("AttributeStatement").append(Tree(evil().xml()).find("Attribute"))
    corpus.hostile(kind, "attribute-appended", "An attribute is appended after signing", why, "digest_mismatch", tree.text())
    text = replaced(PLAIN.xml(), f">{message.USER}</saml:NameID>", f"> {message.USER}</saml:NameID>")
    corpus.hostile(kind, "space-inserted", "A space is inserted into the NameID", "white space is content", "digest_mismatch", text)


def write_other_documents(corpus):
    kind = "other-signed-document"
    why = "anything that the provider's key signed is offered as cover: CVE-2024-6800"
    when = message.at(-2)
    metadata = f'<md:EntityDescriptor xmlns:md="{n.MD}" ID="_m" entityID="{message.IDP}">{{{{sign:_m}}}}<md:IDPSSODescriptor protocolSupportEnumeration="{n.SAMLP}"><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.org/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    logout = f'<samlp:LogoutResponse xmlns:samlp="{n.SAMLP}" xmlns:saml="{n.SAML}" ID="_l" Version="2.0" IssueInstant="{when}" Destination="{message.ACS}" InResponseTo="{message.REQUEST}"><saml:Issuer>{message.IDP}</saml:Issuer>{{{{sign:_l}}}}<samlp:Status><samlp:StatusCode Value="{n.SUCCESS}"/></samlp:Status></samlp:LogoutResponse>'
    request = f'<samlp:AuthnRequest xmlns:samlp="{n.SAMLP}" xmlns:saml="{n.SAML}" ID="_q" Version="2.0" IssueInstant="{when}"><saml:Issuer>{message.IDP}</saml:Issuer>{{{{sign:_q}}}}</samlp:AuthnRequest>'
    for name, text, target in (("metadata", metadata, "_m"), ("logout-response", logout, "_l"), ("authn-request", request, "_q")):
        signed = dsig.sign(text, target)
        corpus.hostile(kind, f"{name}-alone", f"Signed {name} instead of a response", why, "not_a_response", signed)
        tree = Tree(evil(extensions="<samlp:Extensions/>").xml())
        tree.find("Extensions", n.SAMLP).append(dsig.parse(signed))
        corpus.hostile(kind, f"{name}-in-extensions", f"Signed {name} in the Extensions of a forged response", why, "hidden_element", tree.text())
        tree = Tree(evil().xml())
        signature = Tree(signed).root.find(f"{{{n.DS}}}Signature")
        tree.root.insert(1, signature)
        corpus.hostile(kind, f"{name}-signature-transplanted", f"The signature of signed {name} in a forged response", why, "signature_reference", tree.text())
    tree = Tree(evil().xml())
    holder = element("Object", n.DS)
    signature = Tree(dsig.sign(metadata, "_m")).root
    own = detached(signature.find(f"{{{n.DS}}}Signature"))
    holder.append(signature)
    own.append(holder)
    tree.root.insert(1, own)
    corpus.hostile(kind, "metadata-in-object", "Signed metadata in an Object of its own signature, moved to a forged response", why, "signature_object", tree.text())
