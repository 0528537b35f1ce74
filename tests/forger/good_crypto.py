"""Every algorithm that is accepted, one case each, and the ways in which keys and values are written."""

import dsig
import keys
import message
import names as n
import xmlenc
from case import identity
from message import BOTH, PLAIN, RESPONSE_ONLY, UNSOLICITED, USER

WHO = identity(USER, n.EMAIL, message.IDENTITY)


def write_signatures(corpus):
    for name, algorithm, digest in (
        ("rsa-sha256", n.RSA_SHA256, n.SHA256),
        ("rsa-sha384", n.RSA_SHA384, n.SHA384),
        ("rsa-sha512", n.RSA_SHA512, n.SHA512),
        ("rsa-sha256-with-sha512-digest", n.RSA_SHA256, n.SHA512),
        ("rsa-pss-sha256", n.PSS_SHA256, n.SHA256),
        ("rsa-pss-sha384", n.PSS_SHA384, n.SHA384),
        ("rsa-pss-sha512", n.PSS_SHA512, n.SHA512),
    ):
        style = dsig.Style(algorithm=algorithm, digest=digest)
        corpus.good(f"signature-{name}", f"Signed with {name}", algorithm, BOTH.but(style=style).xml(), WHO)
    for curve, algorithm, digest in (
        ("P-256", n.ECDSA_SHA256, n.SHA256), ("P-384", n.ECDSA_SHA384, n.SHA384), ("P-521", n.ECDSA_SHA512, n.SHA512),
    ):
        key = keys.ec_key(f"idp.example.org {curve}", curve)
        style = dsig.Style(key=key, algorithm=algorithm, digest=digest)
        name = curve.replace("-", "").lower()
        corpus.good(f"signature-ecdsa-{name}", f"Signed with ECDSA on {curve}", algorithm, BOTH.but(style=style).xml(), WHO, trusted=[key])
    for bits in (3072, 4096):
        key = keys.rsa_key(f"idp.example.org {bits}", bits)
        corpus.good(f"signature-rsa-{bits}-bits", f"A {bits}-bit key", "longer keys are fine", PLAIN.but(style=dsig.Style(key=key)).xml(), WHO, trusted=[key])
    mixed = BOTH.but(style=dsig.Style(algorithm=n.RSA_SHA512, digest=n.SHA512), response_style=dsig.Style(algorithm=n.PSS_SHA256))
    corpus.good("signature-two-algorithms", "Assertion and response signed differently", "each signature stands for itself", mixed.xml(), WHO)


def write_legacy(corpus):
    sha1 = dsig.Style(algorithm=n.RSA_SHA1, digest=n.SHA1)
    corpus.good("legacy-sha1", "SHA-1 with the connection's switch on", "accepted only because of the switch", PLAIN.but(style=sha1).xml(), WHO, sha1=True)
    digest = dsig.Style(algorithm=n.RSA_SHA256, digest=n.SHA1)
    corpus.good("legacy-sha1-digest", "Only the digest is SHA-1, with the switch on", "the switch covers digests too", PLAIN.but(style=digest).xml(), WHO, sha1=True)
    inclusive = dsig.Style(c14n=n.C14N_10)
    corpus.good("legacy-inclusive-c14n", "Inclusive canonicalisation with the switch on", "the response is signed, so its context is the document's", RESPONSE_ONLY.but(style=inclusive).xml(), WHO, inclusive_c14n=True)
    for name, algorithm in (("with-comments", n.C14N_10 + "#WithComments"), ("1.1", n.C14N_11), ("1.1-with-comments", n.C14N_11 + "#WithComments")):
        style = dsig.Style(c14n=algorithm)
        corpus.good(f"legacy-inclusive-c14n-{name}", f"Inclusive canonicalisation {name} with the switch on", "a message has no comments, and no xml: attributes around what is signed", RESPONSE_ONLY.but(style=style).xml(), WHO, inclusive_c14n=True)
    unasked = UNSOLICITED.but(style=dsig.Style(c14n=n.EXC_C14N_COMMENTS))
    corpus.good("exclusive-with-comments-unsolicited", "Exclusive canonicalisation with comments, started by the provider", "a message has no comments", unasked.xml(), WHO, request_id=None)
    bare = dsig.Style(transforms=(n.ENVELOPED,), content_c14n=n.C14N_10)
    corpus.good("legacy-enveloped-only", "enveloped-signature as the only transform, with the switch on", "XML Signature 4.4.3.2: octets are then made by Canonical XML 1.0", RESPONSE_ONLY.but(style=bare).xml(), WHO, inclusive_c14n=True)
    corpus.good("legacy-enveloped-only-assertion", "The same on the assertion", "XML Signature 4.4.3.2", UNSOLICITED.but(style=bare).xml(), WHO, inclusive_c14n=True, request_id=None)
    corpus.good("legacy-switches-unused", "Both switches on and neither needed", "a switch widens, it does not replace", PLAIN.xml(), WHO, sha1=True, inclusive_c14n=True)


def write_writing(corpus):
    """How values and keys are written."""
    for name, title, style in (
        ("key-info-absent", "No KeyInfo", dsig.Style(key_info="none")),
        ("key-info-name", "KeyName only", dsig.Style(key_info="name")),
        ("key-info-foreign", "KeyInfo shows a certificate that is not configured", dsig.Style(key_info=foreign_key_info())),
        ("base64-wrapped-64", "Base64 wrapped at 64 columns", dsig.Style(wrap=64)),
        ("base64-wrapped-crlf", "Base64 wrapped with CR and LF", dsig.Style(wrap=76, newline="\r\n")),
        ("base64-wrapped-character-reference", "Line ends written as &#13; and LF", dsig.Style(wrap=76, newline="&#13;\n")),
        ("base64-wrapped-indented", "Line ends followed by tabs and spaces", dsig.Style(wrap=60, newline="\n\t    ")),
        ("digest-value-spaced", "White space around the digest", dsig.Style(digest_value=lambda value: f"\n  {value}\n  ")),
        ("signature-default-namespace", "The signature has no prefix", dsig.Style(prefix="")),
        ("signature-odd-prefix", "The signature's prefix is ns7", dsig.Style(prefix="ns7")),
        ("signature-with-id", "The signature carries an Id of its own", dsig.Style(signature_attributes=' Id="_sig1"')),
        ("exclusive-with-comments", "Exclusive canonicalisation with comments", dsig.Style(c14n=n.EXC_C14N_COMMENTS)),
        ("exclusive-with-comments-prefixes", "The same with a PrefixList", dsig.Style(c14n=n.EXC_C14N_COMMENTS, prefixes="saml xs")),
        ("inclusive-namespaces-transform", "PrefixList on the transform", dsig.Style(prefixes="saml xs")),
        ("inclusive-namespaces-default", "PrefixList with #default", dsig.Style(prefixes="#default samlp")),
        ("inclusive-namespaces-unbound", "PrefixList with a prefix that nothing binds", dsig.Style(prefixes="nowhere xs")),
        ("inclusive-namespaces-signed-info", "PrefixList on CanonicalizationMethod", dsig.Style(prefixes="xs", si_prefixes="saml samlp")),
    ):
        for which, shape in (("assertion", PLAIN), ("response", RESPONSE_ONLY)):
            corpus.good(f"{name}-{which}", f"{title} ({which} signed)", "how values are written says nothing about who signed", shape.but(style=style).xml(), WHO)
    other = keys.previous_idp()
    corpus.good("certificates-two-first-signs", "Two certificates, the first signed", "change of keys", PLAIN.xml(), WHO, trusted=[keys.idp(), other])
    corpus.good("certificates-two-second-signs", "Two certificates, the second signed", "change of keys", PLAIN.xml(), WHO, trusted=[other, keys.idp()])
    crowd = [keys.rsa_key(f"idp.example.org ({i})") for i in range(3)] + [keys.ec_key("idp.example.org P-256", "P-256")]
    corpus.good("certificates-five-last-signs", "Five certificates of two kinds, the last signed", "each is tried that fits", PLAIN.xml(), WHO, trusted=crowd + [keys.idp()])
    expired = keys.expired_key("idp.example.org (expired)")
    corpus.good("certificates-expired", "A certificate that expired last year", "the key is trusted, not the date; people are warned elsewhere", PLAIN.but(style=dsig.Style(key=expired)).xml(), WHO, trusted=[expired])
    two = BOTH.but(style=dsig.Style(key=other), response_style=dsig.Style(key=keys.idp()))
    corpus.good("certificates-each-signs", "Assertion and response signed by different configured keys", "both keys are the connection's", two.xml(), WHO, trusted=[keys.idp(), other])


def foreign_key_info():
    return f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{keys.attacker().certificate_base64()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"


def write_encryption(corpus):
    ours = dict(recipients=[keys.recipient()])
    for name, algorithm in (
        ("aes128-cbc", n.AES128_CBC), ("aes192-cbc", n.AES192_CBC), ("aes256-cbc", n.AES256_CBC),
        ("aes128-gcm", n.AES128_GCM), ("aes192-gcm", n.AES192_GCM), ("aes256-gcm", n.AES256_GCM),
    ):
        sealed = PLAIN.but(seal=xmlenc.Seal(data=algorithm))
        corpus.good(f"encrypted-{name}", f"Encrypted with {name}", algorithm, sealed.xml(), WHO, **ours)
    for name, seal in (
        ("oaep-mgf1p-default-digest", xmlenc.Seal(digest=None)),
        ("oaep-mgf1p-sha1", xmlenc.Seal(digest=n.SHA1)),
        ("oaep-sha1-mgf1-sha1", xmlenc.Seal(transport=n.OAEP, digest=n.SHA1, mgf=n.MGF1_SHA1)),
        ("oaep-mgf1p-sha256", xmlenc.Seal(digest=n.SHA256)),
        ("oaep-sha256-mgf1-sha1", xmlenc.Seal(transport=n.OAEP, digest=n.SHA256, mgf=n.MGF1_SHA1)),
        ("oaep-sha256-mgf1-sha256", xmlenc.Seal(transport=n.OAEP, digest=n.SHA256, mgf=n.MGF1_SHA256)),
    ):
        corpus.good(f"encrypted-{name}", f"Key transport {name}", "a pair of digest and mask generation that providers use", PLAIN.but(seal=seal).xml(), WHO, **ours)
    other = xmlenc.Seal(recipient=keys.attacker())
    for name, title, seal in (
        ("key-twice", "One EncryptedKey, inside and beside", xmlenc.Seal(key_id="_k", content_key=b"k" * 32, also=(xmlenc.Seal(key_id="_b"),))),
        ("key-twice-same-id", "One EncryptedKey, written twice with its Id", xmlenc.Seal(key_id="_k", copies=2)),
        ("recipients-ours-first", "Two recipients, ours first", xmlenc.Seal(layout="sibling", also=(other,))),
        ("recipients-ours-second", "Two recipients, ours second", xmlenc.Seal(layout="sibling", also=(other,), first=False)),
        ("recipients-other-transport", "Another recipient by an algorithm that we refuse", xmlenc.Seal(layout="sibling", also=(other.but(transport=n.RSA_1_5),), first=False)),
    ):
        corpus.good(f"encrypted-{name}", title, "each EncryptedKey is tried that could be ours", UNSOLICITED.but(seal=seal).xml(), WHO, request_id=None, **ours)
    sealed = PLAIN.but(seal=xmlenc.PLAIN)
    corpus.good("encrypted-two-keys-first", "Two decryption keys, the first fits", "change of our keys", sealed.xml(), WHO, recipients=[keys.recipient(), keys.previous_recipient()])
    corpus.good("encrypted-two-keys-second", "Two decryption keys, the second fits", "change of our keys", sealed.xml(), WHO, recipients=[keys.previous_recipient(), keys.recipient()])
    corpus.good("encrypted-response-signed", "Signed outside of the encryption only", "the response's signature covers the ciphertext", sealed.but(signed=("response",)).xml(), WHO, **ours)
    corpus.good("encrypted-both-signed", "Signed inside and outside", "both are verified", sealed.but(signed=("assertion", "response")).xml(), WHO, **ours)
    corpus.good("encrypted-content-namespaces-outside", "The plaintext uses a prefix that only the response declares", "XML-Enc 4.3.3: it is read in the context of what it replaces", inherited(), WHO, **ours)
    corpus.good("encrypted-key-unused", "A plain response on a connection with a decryption key", "encryption is the provider's choice", PLAIN.xml(), WHO, **ours)


def inherited():
    """The assertion's own declaration of its prefix is left to the response around it."""
    shape = PLAIN.but(seal=xmlenc.PLAIN)
    declared = f' xmlns:saml="{n.SAML}"'
    assertion = shape.assertion_xml().replace(declared, "", 1)
    # Signed where it stands: the canonical form declares the prefix wherever the declaration is.
    whole = dsig.sign(shape.wrap(assertion), message.ASSERTION)
    start, end = whole.index("<saml:Assertion"), whole.index("</saml:Assertion>") + len("</saml:Assertion>")
    sealed = xmlenc.encrypt(whole[start:end], shape.seal, "saml:").replace(declared, "", 1)
    return message.unmarked(whole[:start] + sealed + whole[end:], message.RESPONSE)


def write(corpus):
    write_signatures(corpus)
    write_legacy(corpus)
    write_writing(corpus)
    write_encryption(corpus)
