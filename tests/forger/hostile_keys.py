"""Keys and algorithms (security a.2): whose key it is, what it may be used for, and how exactly values are written."""

import base64

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

import dsig
import keys
import names as n
from good_crypto import foreign_key_info
from message import BOTH, PLAIN
from tree import edited, evil


def write(corpus):
    write_trust(corpus)
    write_hmac(corpus)
    write_weak(corpus)
    write_confusion(corpus)
    write_malformed(corpus)
    write_padding(corpus)
    write_base64(corpus)


def forged(style, **changes):
    """A forged assertion with a signature of the attacker's making."""
    return evil(**changes).but(signed=("assertion",), style=style)


def write_trust(corpus):
    kind = "key-info-trust"
    why = "keys come from the connection, never from the message: CVE-2021-21239, CVE-2023-48703"
    numbers = keys.attacker().public.public_numbers()
    modulus = base64.b64encode(numbers.n.to_bytes(256, "big")).decode()
    value = f"<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>"
    right = keys.idp().certificate_base64()
    wrong = keys.attacker().certificate_base64()
    chain = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{wrong}</ds:X509Certificate><ds:X509Certificate>{right}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    claimed = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{right}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    fetched = '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:9/cert.pem" Type="http://www.w3.org/2000/09/xmldsig#rawX509Certificate"/></ds:KeyInfo>'
    lookalike = keys.rsa_key("idp.example.org ")
    for name, title, style in (
        ("certificate", "The attacker's certificate in KeyInfo", dsig.Style(key=keys.attacker(), key_info=foreign_key_info())),
        ("key-value", "The attacker's key as KeyValue", dsig.Style(key=keys.attacker(), key_info=value)),
        ("retrieval-method", "A certificate to be fetched", dsig.Style(key=keys.attacker(), key_info=fetched)),
        ("chain-with-right-one", "The attacker's certificate before the configured one", dsig.Style(key=keys.attacker(), key_info=chain)),
        ("claims-right-one", "The attacker's signature with the configured certificate in KeyInfo", dsig.Style(key=keys.attacker(), key_info=claimed)),
        ("same-subject", "A certificate with the provider's name", dsig.Style(key=lookalike)),
        ("key-name", "The provider's key name", dsig.Style(key=keys.attacker(), key_info="<ds:KeyInfo><ds:KeyName>idp.example.org</ds:KeyName></ds:KeyInfo>")),
        ("none", "No KeyInfo", dsig.Style(key=keys.attacker(), key_info="none")),
    ):
        corpus.hostile(kind, name, title, why, "signature_invalid", forged(style).xml())
    kind = "removed-certificate"
    corpus.hostile(kind, "previous-key", "Signed by a key that is no longer configured", "a removed certificate is removed", "signature_invalid", PLAIN.but(style=dsig.Style(key=keys.previous_idp())).xml())
    two = BOTH.but(style=dsig.Style(key=keys.previous_idp()), response_style=dsig.Style(key=keys.idp()))
    corpus.hostile(kind, "one-of-two", "The assertion's signature by the removed key, the response's by the present one", "every signature that is there must verify", "signature_invalid", two.xml())


def write_hmac(corpus):
    kind = "hmac-confusion"
    why = "a public key as the secret of a MAC: HMAC is not in the list of algorithms"
    public = keys.idp().public
    secrets = {
        "public-key-pem": public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        "public-key-der": public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        "certificate-pem": keys.idp().certificate_pem().encode(),
        "certificate-der": keys.idp().certificate_der(),
        "empty": b"",
    }
    for name, secret in secrets.items():
        style = dsig.Style(algorithm=n.HMAC_SHA256, value=lambda octets, secret=secret: dsig.hmac_octets(secret, n.HMAC_SHA256, octets))
        corpus.hostile(kind, name, f"HMAC-SHA256 with {name} as the secret", why, "signature_algorithm", forged(style).xml())
    sha1 = dsig.Style(algorithm=n.HMAC_SHA1, value=lambda octets: dsig.hmac_octets(secrets["public-key-pem"], n.HMAC_SHA1, octets))
    corpus.hostile(kind, "hmac-sha1-with-legacy-switch", "HMAC-SHA1 on a connection that accepts SHA-1", "the switch is for RSA only", "signature_algorithm", forged(sha1).xml(), sha1=True)
    for bits in (0, 1, 8):
        style = dsig.Style(algorithm=n.HMAC_SHA1, method_content=f"<ds:HMACOutputLength>{bits}</ds:HMACOutputLength>", value=lambda octets: b"\0" if bits else b"")
        corpus.hostile(kind, f"output-length-{bits}", f"HMACOutputLength of {bits} bits", "CVE-2009-0217", "signature_algorithm", forged(style).xml())
    style = dsig.Style(method_content="<ds:HMACOutputLength>0</ds:HMACOutputLength>")
    corpus.hostile(kind, "output-length-with-rsa", "HMACOutputLength inside an RSA SignatureMethod", "nothing belongs inside", "signature_structure", PLAIN.but(style=style).xml())


def write_weak(corpus):
    kind = "weak-algorithms"
    for name, title, style, code, settings in (
        ("rsa-sha1", "RSA-SHA1 without the switch", dsig.Style(algorithm=n.RSA_SHA1), "signature_sha1", {}),
        ("sha1-digest", "A SHA-1 digest without the switch", dsig.Style(digest=n.SHA1), "signature_sha1", {}),
        ("rsa-sha1-and-digest", "Both without the switch", dsig.Style(algorithm=n.RSA_SHA1, digest=n.SHA1), "signature_sha1", {}),
        ("rsa-sha1-with-other-switch", "SHA-1 with the switch for canonicalisation only", dsig.Style(algorithm=n.RSA_SHA1), "signature_sha1", {"inclusive_c14n": True}),
        ("rsa-md5", "RSA-MD5", dsig.Style(algorithm=n.RSA_MD5), "signature_algorithm", {}),
        ("rsa-md5-with-switch", "RSA-MD5 on a connection that accepts SHA-1", dsig.Style(algorithm=n.RSA_MD5), "signature_algorithm", {"sha1": True}),
        ("md5-digest-with-switch", "An MD5 digest on a connection that accepts SHA-1", dsig.Style(digest=n.MD5), "digest_algorithm", {"sha1": True}),
        ("rsa-sha224", "RSA-SHA224", dsig.Style(algorithm=n.RSA_SHA224), "signature_algorithm", {}),
        ("sha224-digest", "A SHA-224 digest", dsig.Style(digest=n.SHA224), "digest_algorithm", {}),
        ("dsa-sha1", "DSA", dsig.Style(algorithm=n.DSA_SHA1, value=b"\1" * 40), "signature_algorithm", {"sha1": True}),
        ("unknown", "An algorithm that nobody knows", dsig.Style(algorithm="urn:example:none", value=b""), "signature_algorithm", {}),
        ("none", "An empty algorithm", dsig.Style(algorithm="", value=b""), "signature_algorithm", {}),
        ("unknown-digest", "A digest that nobody knows", dsig.Style(digest="urn:example:none"), "digest_algorithm", {}),
    ):
        corpus.hostile(kind, name, title, "the algorithms are a closed list; SHA-1 is in it behind a switch of the connection", code, PLAIN.but(style=style).xml(), **settings)
    sha1 = dsig.Style(algorithm=n.RSA_SHA1, digest=n.SHA1)
    corpus.hostile(kind, "rsa-sha1-response", "RSA-SHA1 on the response, SHA-256 on the assertion", "every signature must be by an accepted algorithm", "signature_sha1", BOTH.but(response_style=sha1).xml())
    ecdsa = dsig.Style(key=keys.ec_key("idp.example.org P-256", "P-256"), algorithm=n.ECDSA_SHA1)
    corpus.hostile(kind, "ecdsa-sha1-with-switch", "ECDSA with SHA-1 on a connection that accepts SHA-1", "the switch is for RSA only", "signature_algorithm", PLAIN.but(style=ecdsa).xml(), sha1=True, trusted=[keys.ec_key("idp.example.org P-256", "P-256")])


def write_confusion(corpus):
    kind = "key-type-confusion"
    p256, p384 = keys.ec_key("idp.example.org P-256", "P-256"), keys.ec_key("idp.example.org P-384", "P-384")
    why = "the algorithm must fit the type and curve of a configured key"
    cases = (
        ("ecdsa-with-rsa-key", "ECDSA announced, only an RSA key configured", dsig.Style(key=p256, algorithm=n.ECDSA_SHA256), [keys.idp()]),
        ("rsa-with-ec-key", "RSA announced, only an EC key configured", dsig.Style(key=keys.idp()), [p256]),
        ("ecdsa-sha384-with-p256", "ECDSA-SHA384 by a P-256 key", dsig.Style(key=p256, algorithm=n.ECDSA_SHA384, digest=n.SHA384), [p256]),
        ("ecdsa-sha256-with-p384", "ECDSA-SHA256 by a P-384 key", dsig.Style(key=p384, algorithm=n.ECDSA_SHA256), [p384]),
        ("ecdsa-sha512-with-p256", "ECDSA-SHA512 by a P-256 key", dsig.Style(key=p256, algorithm=n.ECDSA_SHA512), [p256]),
    )
    for name, title, style, trusted in cases:
        corpus.hostile(kind, name, title, why, "no_key_for_algorithm", PLAIN.but(style=style).xml(), trusted=trusted)
    wrong = dsig.Style(value=lambda octets: dsig.sign_octets(keys.idp(), n.PSS_SHA256, octets))
    corpus.hostile(kind, "pss-as-pkcs1", "A PSS signature announced as PKCS#1", "the two paddings are two algorithms", "signature_invalid", PLAIN.but(style=wrong).xml())
    wrong = dsig.Style(algorithm=n.PSS_SHA256, value=lambda octets: dsig.sign_octets(keys.idp(), n.RSA_SHA256, octets))
    corpus.hostile(kind, "pkcs1-as-pss", "A PKCS#1 signature announced as PSS", "the two paddings are two algorithms", "signature_invalid", PLAIN.but(style=wrong).xml())
    wrong = dsig.Style(value=lambda octets: dsig.sign_octets(keys.idp(), n.RSA_SHA512, octets))
    corpus.hostile(kind, "sha512-as-sha256", "A SHA-512 signature announced as SHA-256", "the hash in the padding must be the announced one", "signature_invalid", PLAIN.but(style=wrong).xml())

    def short_salt(octets):
        return keys.idp().private.sign(octets, padding.PSS(padding.MGF1(hashes.SHA256()), 0), hashes.SHA256())

    corpus.hostile(kind, "pss-without-salt", "A PSS signature without salt", "the salt is as long as the hash (RFC 9231 2.3.9)", "signature_invalid", PLAIN.but(style=dsig.Style(algorithm=n.PSS_SHA256, value=short_salt)).xml())
    zeros = base64.b64encode(bytes(64)).decode()
    corpus.hostile(kind, "digest-of-other-length", "A digest as long as SHA-512's announced as SHA-256's", "digests are compared whole", "digest_mismatch", PLAIN.but(style=dsig.Style(digest_value=zeros)).xml())


def write_malformed(corpus):
    kind = "malformed-signature"
    p256 = keys.ec_key("idp.example.org P-256", "P-256")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    sizes = {"r-and-s-zero": (0, 0), "r-zero": (0, 1), "s-zero": (1, 0), "r-and-s-order": (order, order), "r-and-s-one": (1, 1)}
    for name, (r, s) in sizes.items():
        style = dsig.Style(key=p256, algorithm=n.ECDSA_SHA256, value=r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        corpus.hostile(kind, f"ecdsa-{name}", f"ECDSA with {name.replace('-', ' ')}", "CVE-2022-21449", "signature_invalid", PLAIN.but(style=style).xml(), trusted=[p256])

    def changed(key, algorithm, change):
        return dsig.Style(key=key, algorithm=algorithm, value=lambda octets: change(dsig.sign_octets(key, algorithm, octets)))

    der = dsig.Style(key=p256, algorithm=n.ECDSA_SHA256, value=lambda octets: p256.private.sign(octets, ec.ECDSA(hashes.SHA256())))
    corpus.hostile(kind, "ecdsa-der", "ECDSA as DER", "XML signatures are r and s at full length", "signature_invalid", PLAIN.but(style=der).xml(), trusted=[p256])
    for name, change in (
        ("short", lambda value: value[:-1]), ("long", lambda value: value + b"\0"),
        ("leading-zero", lambda value: b"\0" + value), ("halves-padded", lambda value: b"\0" + value[:32] + b"\0" + value[32:]),
        ("swapped", lambda value: value[32:] + value[:32]),
    ):
        corpus.hostile(kind, f"ecdsa-{name}", f"ECDSA, {name}", "the length is exact", "signature_invalid", PLAIN.but(style=changed(p256, n.ECDSA_SHA256, change)).xml(), trusted=[p256])
    for name, change in (
        ("short", lambda value: value[:-1]), ("long", lambda value: value + b"\0"), ("leading-zero", lambda value: b"\0" + value),
        ("reversed", lambda value: value[::-1]), ("bit-flipped", lambda value: value[:-1] + bytes([value[-1] ^ 1])),
        ("zero", lambda value: bytes(len(value))), ("one", lambda value: (1).to_bytes(len(value), "big")),
        ("modulus", lambda value: keys.idp().public.public_numbers().n.to_bytes(256, "big")),
        ("plus-modulus", lambda value: (int.from_bytes(value, "big") + keys.idp().public.public_numbers().n).to_bytes(257, "big")),
    ):
        corpus.hostile(kind, f"rsa-{name}", f"RSA, {name}", "the length is exact and the value below the modulus", "signature_invalid", PLAIN.but(style=changed(keys.idp(), n.RSA_SHA256, change)).xml())


def write_padding(corpus):
    """PKCS#1 blocks that lenient verifiers take (CVE-2006-4339 and its kin), made with the real private exponent."""
    kind = "malformed-padding"
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    without_null = bytes.fromhex("302f300b0609608648016503040201" "0420")
    numbers = keys.idp().private.private_numbers()
    size = 256

    def raw(block):
        value = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)
        return value.to_bytes(size, "big")

    def digest(octets):
        hasher = hashes.Hash(hashes.SHA256())
        hasher.update(octets)
        return hasher.finalize()

    def full(tail, first=b"\0\1", fill=b"\xff"):
        return first + fill * (size - 3 - len(tail)) + b"\0" + tail

    blocks = {
        "garbage-after": lambda d: b"\0\1" + b"\xff" * 8 + b"\0" + info + d + b"\x5a" * (size - 11 - len(info + d)),
        "zeros-after": lambda d: b"\0\1" + b"\xff" * 8 + b"\0" + info + d + bytes(size - 11 - len(info + d)),
        "no-null": lambda d: full(without_null + d),
        "block-type-2": lambda d: full(info + d, first=b"\0\2"),
        "fill-not-ff": lambda d: full(info + d, fill=b"\xfe"),
        "no-digest-info": full,
        "no-fill": lambda d: bytes(size - 2 - 1 - len(info + d)) + b"\0\1" + b"\0" + info + d,
        "garbage-in-parameters": lambda d: full(bytes.fromhex("3039" "3015" "0609608648016503040201") + b"\x04\x08" + b"\x5a" * 8 + b"\x04\x20" + d),
        "long-form-length": lambda d: full(bytes.fromhex("308131300d060960864801650304020105000420") + d),
    }
    for name, block in blocks.items():
        style = dsig.Style(value=lambda octets, block=block: raw(block(digest(octets))))
        corpus.hostile(kind, name, f"PKCS#1 block: {name}", "the block is compared whole, not parsed: CVE-2006-4339", "signature_invalid", PLAIN.but(style=style).xml())


def write_base64(corpus):
    kind = "base64-leniency"
    why = "base64 with white space and nothing else"
    good = PLAIN.xml()
    code = "signature_not_base64"
    for target in ("DigestValue", "SignatureValue"):
        pattern = rf"<ds:{target}>([^<]*)</ds:{target}>"
        for name, new in (
            ("foreign-character", r"<ds:{}>*\1</ds:{}>"), ("hyphen-inside", r"<ds:{}>-\1</ds:{}>"),
            ("no-padding", None), ("more-padding", r"<ds:{}>\1=</ds:{}>"), ("text-after", r"<ds:{}>\1AAAA</ds:{}>"),
            ("zero-width-space", "<ds:{}>\u200b\\1</ds:{}>"), ("no-break-space", "<ds:{}>&#160;\\1</ds:{}>"),
        ):
            if new is None:
                text = edited(good, rf"<ds:{target}>([^<=]*)=+</ds:{target}>", rf"<ds:{target}>\1</ds:{target}>")
            else:
                text = edited(good, pattern, new.format(target, target))
            corpus.hostile(kind, f"{target.lower()}-{name}", f"{target}: {name}", why, code, text)
    body = edited(good, r"(<ds:SignatureValue>)([^<]*?)([^<=])(=+</ds:SignatureValue>)", loose_bits)
    corpus.hostile(kind, "signaturevalue-loose-bits", "SignatureValue with bits set after the last octet", "one value, one spelling", "signature_not_base64", body)
    body = edited(good, r"(<ds:SignatureValue>)([^<]*)(</ds:SignatureValue>)", lambda m: m[1] + m[2].replace("+", "-").replace("/", "_") + m[3])
    corpus.hostile(kind, "signaturevalue-url-alphabet", "SignatureValue in the URL alphabet", why, "signature_not_base64", body)


def loose_bits(match):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return match[1] + match[2] + alphabet[alphabet.index(match[3]) | 1] + match[4]
