"""An independent verifier: libxmlsec on libxml2, with the connection's certificates as the only keys."""

import xmlsec
from lxml import etree

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


def keys_of(certificates):
    """The public keys of PEM certificates, parsed once."""
    return [xmlsec.Key.from_memory(pem.encode(), xmlsec.constants.KeyDataFormatCertPem) for pem in certificates]


def parse(octets):
    """libxml2's tree, or None when it is not well-formed. Nothing is fetched and no entity is resolved."""
    try:
        return etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def verified(octets, keys):
    """The elements, as (name, ID), that carry a signature of their own that one of the keys verifies.

    None when the document is not well-formed.
    """
    root = parse(octets)
    if root is None:
        return None
    covered = set()
    for signature in root.iter(DS + "Signature"):
        parent = signature.getparent()
        if parent is None or parent.tag not in (SAMLP + "Response", SAML + "Assertion"):
            continue
        if any(signed_by(root, signature, key) for key in keys):
            covered.add((parent.tag, parent.get("ID")))
    return covered


def signed_by(root, signature, key):
    """Whether this key verifies this signature, whatever KeyInfo says."""
    context = xmlsec.SignatureContext()
    context.key = key
    try:
        for element in root.iter(SAMLP + "Response", SAML + "Assertion"):
            if element.get("ID"):
                context.register_id(element, "ID")
        context.verify(signature)
    except (xmlsec.Error, ValueError):
        return False
    return True
