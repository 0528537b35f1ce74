"""Forging XML signatures (XML-DSig 1.1), with libxml2's canonicalisation and OpenSSL's keys.

A document is text. The place where a signature goes is marked `{{sign:ID}}`; `sign` fills it in and covers the element
whose `ID` attribute has that value, unless the style says something else. Everything may be done wrong on purpose.
"""

import base64
import dataclasses
import hashlib
import hmac
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from lxml import etree

import keys
import names as n

# lxml passes only those prefixes on to libxml2 that its dictionary of names knows: this makes #default one of them.
etree.HTML('<p #default="">')

HASHES = {
    n.SHA1: "sha1", n.SHA224: "sha224", n.SHA256: "sha256", n.SHA384: "sha384", n.SHA512: "sha512", n.MD5: "md5",
    n.RIPEMD160: "ripemd160",
}
PKCS1 = {
    n.RSA_SHA1: hashes.SHA1, n.RSA_SHA224: hashes.SHA224, n.RSA_SHA256: hashes.SHA256, n.RSA_SHA384: hashes.SHA384,
    n.RSA_SHA512: hashes.SHA512, n.RSA_MD5: hashes.MD5,
}
PSS = {n.PSS_SHA256: hashes.SHA256, n.PSS_SHA384: hashes.SHA384, n.PSS_SHA512: hashes.SHA512}
ECDSA = {
    n.ECDSA_SHA1: hashes.SHA1, n.ECDSA_SHA256: hashes.SHA256, n.ECDSA_SHA384: hashes.SHA384,
    n.ECDSA_SHA512: hashes.SHA512,
}


@dataclasses.dataclass(frozen=True)
class Style:
    """How a provider writes its signatures, or how a forger deforms them."""

    key: keys.Key = None
    algorithm: str = n.RSA_SHA256
    digest: str = n.SHA256
    c14n: str = n.EXC_C14N
    # How what is signed is canonicalised, when it is not as SignedInfo.
    content_c14n: str = None
    # Each transform is a URI or a whole element; None means enveloped-signature and then the canonicalisation.
    transforms: tuple = None
    # PrefixList of the transform's InclusiveNamespaces, and of CanonicalizationMethod's.
    prefixes: str = None
    si_prefixes: str = None
    prefix: str = "ds"
    # Whether the Signature element declares its own namespace, or an ancestor did.
    declare: bool = True
    # "x509", "none", "name", or the whole element.
    key_info: str = "x509"
    # Columns after which base64 is wrapped, and with what.
    wrap: int = 0
    newline: str = "\n"
    # Overrides, for what must not verify. `uri` is an attribute value, `no_uri` leaves the attribute out.
    uri: str = None
    no_uri: bool = False
    cover: str = None
    reference_extra: str = ""
    references: str = None
    method_content: str = ""
    value: object = None
    digest_value: object = None
    signed_info: object = None
    before_signed_info: str = ""
    after_signed_info: str = ""
    after: str = ""
    signature_attributes: str = ""

    def but(self, **changes):
        return dataclasses.replace(self, **changes)


PLAIN = Style()


def canonical(element, algorithm=n.EXC_C14N, prefixes=None):
    """The canonical form of one element within its document; comments are left out unless the algorithm keeps them."""
    return etree.tostring(
        element,
        method="c14n",
        exclusive=algorithm in (n.EXC_C14N, n.EXC_C14N_COMMENTS),
        with_comments=algorithm == n.EXC_C14N_COMMENTS,
        inclusive_ns_prefixes=prefixes.split() if prefixes else None,
    )


def parse(text):
    """A forger's parser takes what attackers send: comments and DOCTYPEs stay."""
    raw = text if isinstance(text, bytes) else text.encode()
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def by_id(root, value):
    for element in root.iter(etree.Element):
        if value in (element.get("ID"), element.get("Id"), element.get("id")):
            return element
    raise KeyError(value)


def digest_of(text, cover, style):
    """The digest of the element that `cover` names, without the signatures that are still only marked."""
    bare = re.sub(r"\{\{sign:[^}]*\}\}", "", text)
    octets = canonical(by_id(parse(bare), cover), style.content_c14n or style.c14n, style.prefixes)
    return hashlib.new(HASHES.get(style.digest, "sha256"), octets).digest()


def wrapped(octets, style):
    """Base64 as the style wraps it."""
    text = base64.b64encode(octets).decode()
    if not style.wrap:
        return text
    lines = [text[i : i + style.wrap] for i in range(0, len(text), style.wrap)]
    return style.newline + style.newline.join(lines) + style.newline


def sign_octets(key, algorithm, octets):
    """The signature value of `octets`."""
    if algorithm in PSS:
        scheme = padding.PSS(padding.MGF1(PSS[algorithm]()), PSS[algorithm].digest_size)
        return key.private.sign(octets, scheme, PSS[algorithm]())
    if algorithm in ECDSA:
        size = (key.private.curve.key_size + 7) // 8
        r, s = utils.decode_dss_signature(key.private.sign(octets, ec.ECDSA(ECDSA[algorithm]())))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return key.private.sign(octets, padding.PKCS1v15(), PKCS1.get(algorithm, hashes.SHA256)())


def hmac_octets(secret, algorithm, octets):
    return hmac.new(secret, octets, "sha1" if algorithm == n.HMAC_SHA1 else "sha256").digest()


def transform(value, style, p):
    if value.startswith("<"):
        return value
    inner = ""
    if style.prefixes is not None and value in (n.EXC_C14N, n.EXC_C14N_COMMENTS):
        inner = f'<ec:InclusiveNamespaces xmlns:ec="{n.EC}" PrefixList="{style.prefixes}"/>'
    if not inner:
        return f'<{p}Transform Algorithm="{value}"/>'
    return f'<{p}Transform Algorithm="{value}">{inner}</{p}Transform>'


def reference(uri, digest, style, p):
    """One Reference element."""
    chosen = (n.ENVELOPED, style.c14n) if style.transforms is None else style.transforms
    transforms = "".join(transform(value, style, p) for value in chosen)
    if chosen:
        transforms = f"<{p}Transforms>{transforms}</{p}Transforms>"
    attribute = "" if style.no_uri else f' URI="{uri}"'
    return (
        f"<{p}Reference{attribute}>{transforms}<{p}DigestMethod Algorithm=\"{style.digest}\"/>"
        f"<{p}DigestValue>{digest}</{p}DigestValue>{style.reference_extra}</{p}Reference>"
    )


def key_info(style, key, p):
    if style.key_info == "none":
        return ""
    if style.key_info == "name":
        return f"<{p}KeyInfo><{p}KeyName>{key.name}</{p}KeyName></{p}KeyInfo>"
    if style.key_info == "x509":
        certificate = wrapped(key.certificate_der(), style)
        return (
            f"<{p}KeyInfo><{p}X509Data><{p}X509Certificate>{certificate}</{p}X509Certificate></{p}X509Data></{p}KeyInfo>"
        )
    return style.key_info


def sign(text, target, style=PLAIN):
    """`text` with its `{{sign:target}}` filled in."""
    key = style.key or keys.idp()
    p = style.prefix + ":" if style.prefix else ""
    declared = f' xmlns:{style.prefix}="{n.DS}"' if style.prefix else f' xmlns="{n.DS}"'
    if not style.declare:
        declared = ""
    cover = style.cover or target
    uri = f"#{cover}" if style.uri is None else style.uri
    digest = style.digest_value
    if digest is None:
        digest = base64.b64encode(digest_of(text, cover, style)).decode()
    elif callable(digest):
        digest = digest(base64.b64encode(digest_of(text, cover, style)).decode())
    references = style.references or reference(uri, digest, style, p)
    inner = ""
    if style.si_prefixes is not None:
        inner = f'<ec:InclusiveNamespaces xmlns:ec="{n.EC}" PrefixList="{style.si_prefixes}"/>'
    signed_info = (
        f"<{p}SignedInfo><{p}CanonicalizationMethod Algorithm=\"{style.c14n}\">{inner}</{p}CanonicalizationMethod>"
        f"<{p}SignatureMethod Algorithm=\"{style.algorithm}\">{style.method_content}</{p}SignatureMethod>"
        f"{references}</{p}SignedInfo>"
    )
    if style.signed_info:
        signed_info = style.signed_info(signed_info)
    signature = (
        f"<{p}Signature{declared}{style.signature_attributes}>{style.before_signed_info}{signed_info}"
        f"{style.after_signed_info}<{p}SignatureValue>{{{{value}}}}</{p}SignatureValue>"
        f"{key_info(style, key, p)}{style.after}</{p}Signature>"
    )
    whole = text.replace(f"{{{{sign:{target}}}}}", signature, 1)
    octets = signed_info_octets(whole, style)
    value = style.value(octets) if callable(style.value) else style.value
    if value is None:
        value = sign_octets(key, style.algorithm, octets)
    if isinstance(value, bytes):
        value = wrapped(value, style)
    return whole.replace("{{value}}", value, 1)


def signed_info_octets(text, style):
    """The canonical SignedInfo of the signature whose value is still to be filled in."""
    bare = re.sub(r"\{\{sign:[^}]*\}\}", "", text)
    for value in parse(bare).iter(f"{{{n.DS}}}SignatureValue"):
        if value.text == "{{value}}":
            signed_info = [e for e in value.getparent() if e.tag == f"{{{n.DS}}}SignedInfo"]
            return canonical(signed_info[0], style.c14n, style.si_prefixes)
    raise ValueError("no signature is being made")
