"""Encryption (security a.1 and a.5): it hides, it does not prove; and its failures must not be told apart."""

import os

import dsig
import keys
import message
import names as n
import xmlenc
from message import PLAIN, RESPONSE_ONLY
from tree import EVIL_ASSERTION, edited, evil, replaced

OURS = {"recipients": [keys.recipient()]}
# What depends on the key is one refusal, unless the provider signed the ciphertext. What stands in the clear is told.
UNUSABLE = "encrypted_assertion_unusable"
ALGORITHM = "encryption_algorithm"
MALFORMED = "encrypted_assertion_malformed"


def write(corpus):
    write_unsigned(corpus)
    write_mixed(corpus)
    write_transport(corpus)
    write_ciphertext(corpus)
    write_content(corpus)
    write_structure(corpus)


def around(encrypted, response_signed=False, after=""):
    """A response around an encrypted assertion, rightly signed outside or not at all."""
    shape = PLAIN.but(after_assertion=after)
    text = shape.wrap(encrypted)
    if response_signed:
        text = dsig.sign(text, message.RESPONSE)
    return message.unmarked(text, message.RESPONSE)


def both(corpus, kind, name, title, why, inside, outside, encrypted):
    """Once under a signed response, whose sender may be told what is wrong, and once without, who may not."""
    corpus.hostile(kind, name, title, why, inside, around(encrypted), **OURS)
    corpus.hostile(kind, f"{name}-response-signed", f"{title} (response signed)", why, outside, around(encrypted, True), **OURS)


def forged_assertion():
    return message.unmarked(evil().assertion_xml(), EVIL_ASSERTION)


def write_unsigned(corpus):
    kind = "encrypted-unsigned"
    why = "anybody has our public key: encryption is not authentication: CVE-2024-4985, CVE-2024-9487"
    forged = xmlenc.encrypt(forged_assertion())
    corpus.hostile(kind, "unsigned", "A forged assertion, encrypted and unsigned", why, UNUSABLE, around(forged), **OURS)
    attacker = xmlenc.encrypt(evil().but(signed=("assertion",), style=dsig.Style(key=keys.attacker())).signed_assertion())
    corpus.hostile(kind, "signed-by-attacker", "A forged assertion, encrypted and signed by the attacker", why, UNUSABLE, around(attacker), **OURS)
    gcm = xmlenc.encrypt(forged_assertion(), xmlenc.Seal(data=n.AES256_GCM))
    corpus.hostile(kind, "unsigned-gcm", "The same under an authenticated cipher", "AES-GCM authenticates the ciphertext, not the sender", UNUSABLE, around(gcm), **OURS)
    signed = PLAIN.signed_assertion()
    moved = forged_assertion().replace("</saml:Assertion>", f"<saml:Advice>{signed}</saml:Advice></saml:Assertion>")
    corpus.hostile(kind, "signed-in-advice", "A forged assertion with a signed one in its Advice, encrypted", "wrapping inside the plaintext", UNUSABLE, around(xmlenc.encrypt(moved)), **OURS)
    swapped = RESPONSE_ONLY.but(seal=xmlenc.PLAIN).xml()
    forged_value = edited(forged, r".*(<saml:EncryptedAssertion.*</saml:EncryptedAssertion>).*", r"\1")
    swapped = edited(swapped, r"<saml:EncryptedAssertion.*</saml:EncryptedAssertion>", lambda _: forged_value)
    corpus.hostile(kind, "ciphertext-replaced", "The ciphertext under a signed response is replaced", "the outer signature covers the ciphertext", "digest_mismatch", swapped, **OURS)


def write_mixed(corpus):
    kind = "encrypted-and-plain"
    why = "a forged encrypted assertion beside a signed plain one: CVE-2026-2092"
    forged, signed = xmlenc.encrypt(forged_assertion()), PLAIN.signed_assertion()
    corpus.hostile(kind, "encrypted-first", "Forged and encrypted first, signed and plain second", why, "plain_and_encrypted_assertions", around(forged, after=signed), **OURS)
    corpus.hostile(kind, "plain-first", "Signed and plain first, forged and encrypted second", why, "plain_and_encrypted_assertions", around(signed, after=forged), **OURS)
    corpus.hostile(kind, "response-signed", "Both under a signed response", why, "plain_and_encrypted_assertions", around(forged, True, signed), **OURS)
    corpus.hostile(kind, "two-encrypted", "Two encrypted assertions", "more than one is refused, not chosen from", "several_assertions", around(forged, after=xmlenc.encrypt(signed)), **OURS)
    hidden = PLAIN.but(extensions=f"<samlp:Extensions>{forged}</samlp:Extensions>").xml()
    corpus.hostile(kind, "encrypted-in-extensions", "An encrypted assertion in Extensions", "nothing is decrypted but the one assertion", "hidden_element", hidden, **OURS)


def write_transport(corpus):
    kind = "key-transport"
    signed = PLAIN.signed_assertion()
    for name, title, why, seal, change in (
        ("rsa-1-5", "PKCS#1 v1.5", "Bleichenbacher's oracle; Jager and Somorovsky 2011", xmlenc.Seal(transport=n.RSA_1_5), None),
        ("aes-key-wrap", "AES key wrap", "there is no shared secret", xmlenc.PLAIN, (n.OAEP_MGF1P, n.KW_AES256)),
        ("unknown", "A transport that nobody knows", "a closed list", xmlenc.PLAIN, (n.OAEP_MGF1P, "urn:example:transport")),
        ("none", "An empty transport", "a closed list", xmlenc.PLAIN, (n.OAEP_MGF1P, "")),
        ("oaep-md5", "OAEP with MD5", "a closed list", xmlenc.PLAIN, (f'DigestMethod xmlns:ds="{n.DS}" Algorithm="{n.SHA1}"', f'DigestMethod xmlns:ds="{n.DS}" Algorithm="{n.MD5}"')),
    ):
        encrypted = xmlenc.encrypt(signed, seal)
        if change:
            encrypted = replaced(encrypted, *change)
        both(corpus, kind, name, title, why, ALGORITHM, ALGORITHM, encrypted)
    kind = "content-encryption"
    for name, title, seal, change in (
        ("triple-des", "3DES", xmlenc.Seal(data=n.TRIPLE_DES_CBC), None),
        ("unknown", "A cipher that nobody knows", xmlenc.PLAIN, (n.AES256_CBC, "urn:example:cipher")),
        ("none", "An empty cipher", xmlenc.PLAIN, (n.AES256_CBC, "")),
    ):
        encrypted = xmlenc.encrypt(signed, seal)
        if change:
            encrypted = replaced(encrypted, *change)
        both(corpus, kind, name, title, "a closed list", ALGORITHM, ALGORITHM, encrypted)
    for name, title, seal, change in (
        ("key-of-other-length", "AES-256 announced, a key of 128 bits transported", xmlenc.Seal(data=n.AES128_CBC), (n.AES128_CBC, n.AES256_CBC)),
        ("cbc-as-gcm", "GCM announced, CBC used", xmlenc.PLAIN, (n.AES256_CBC, n.AES256_GCM)),
        ("gcm-as-cbc", "CBC announced, GCM used", xmlenc.Seal(data=n.AES256_GCM), (n.AES256_GCM, n.AES256_CBC)),
    ):
        encrypted = replaced(xmlenc.encrypt(signed, seal), *change)
        both(corpus, kind, name, title, "the announced cipher, and its exact key length", UNUSABLE, "decryption_failed", encrypted)


def write_ciphertext(corpus):
    kind = "ciphertext"
    why = "one answer to every failure of decryption: Jager and Somorovsky 2011"
    signed = PLAIN.signed_assertion()
    cbc, gcm = xmlenc.PLAIN, xmlenc.Seal(data=n.AES256_GCM)
    key = os.urandom(32)

    def padded(last):
        """CBC octets whose plaintext ends in this octet instead of XML-Enc's padding."""
        def change(_):
            plain = signed.encode()
            plain += b" " * (15 - len(plain) % 16) + bytes([last])
            octets = xmlenc.seal_content(n.AES256_CBC, key, plain)
            return octets[:-16]
        return xmlenc.Seal(content_key=key, data_octets=change)

    for name, title, seal in (
        ("wrong-recipient", "Encrypted for another key", cbc.but(recipient=keys.attacker())),
        ("previous-recipient", "Encrypted for a key that was removed", cbc.but(recipient=keys.previous_recipient())),
        ("cbc-padding-zero", "CBC padding of zero octets", padded(0)),
        ("cbc-padding-long", "CBC padding longer than a block", padded(17)),
        ("cbc-padding-255", "CBC padding of 255 octets", padded(255)),
        ("cbc-last-block-flipped", "The last CBC block is changed", cbc.but(data_octets=lambda octets: octets[:-1] + bytes([octets[-1] ^ 1]))),
        ("cbc-first-block-flipped", "The IV is changed", cbc.but(data_octets=lambda octets: bytes([octets[0] ^ 1]) + octets[1:])),
        ("cbc-not-whole-blocks", "CBC of no whole number of blocks", cbc.but(data_octets=lambda octets: octets[:-1])),
        ("cbc-only-iv", "CBC without a block", cbc.but(data_octets=lambda octets: octets[:16])),
        ("cbc-empty", "No octets", cbc.but(data_octets=lambda octets: b"")),
        ("gcm-tag-cut", "A GCM tag of 12 octets", gcm.but(data_octets=lambda octets: octets[:-4])),
        ("gcm-tag-one-octet", "A GCM tag of one octet", gcm.but(data_octets=lambda octets: octets[:-15])),
        ("gcm-tag-absent", "No GCM tag", gcm.but(data_octets=lambda octets: octets[:-16])),
        ("gcm-tag-flipped", "A changed GCM tag", gcm.but(data_octets=lambda octets: octets[:-1] + bytes([octets[-1] ^ 1]))),
        ("gcm-octet-flipped", "A changed GCM ciphertext", gcm.but(data_octets=lambda octets: octets[:20] + bytes([octets[20] ^ 1]) + octets[21:])),
        ("gcm-iv-flipped", "A changed GCM IV", gcm.but(data_octets=lambda octets: bytes([octets[0] ^ 1]) + octets[1:])),
        ("gcm-short", "GCM shorter than IV and tag", gcm.but(data_octets=lambda octets: octets[:20])),
        ("key-flipped", "A changed EncryptedKey", cbc.but(key_octets=lambda octets: octets[:-1] + bytes([octets[-1] ^ 1]))),
        ("key-short", "An EncryptedKey that is too short", cbc.but(key_octets=lambda octets: octets[1:])),
        ("key-empty", "An empty EncryptedKey", cbc.but(key_octets=lambda octets: b"")),
        ("key-zero", "An EncryptedKey of zeros", cbc.but(key_octets=lambda octets: bytes(len(octets)))),
        ("oaep-other-digest", "OAEP by another digest than announced", cbc.but(transport=n.OAEP, digest=n.SHA256, mgf=n.MGF1_SHA256)),
    ):
        encrypted = xmlenc.encrypt(signed, seal)
        # CBC without a signature outside lets anybody change the first block: what comes out is no XML.
        told = "decrypted_not_xml" if name == "cbc-first-block-flipped" else "decryption_failed"
        if name == "oaep-other-digest":
            encrypted = replaced(replaced(encrypted, f'Algorithm="{n.SHA256}"', f'Algorithm="{n.SHA1}"'), n.MGF1_SHA256, n.MGF1_SHA1)
        both(corpus, kind, name, title, why, UNUSABLE, told, encrypted)
    no_key = around(xmlenc.encrypt(signed), True)
    corpus.hostile("ciphertext", "no-decryption-key", "An encrypted assertion on a connection without decryption keys", "the configuration is told, nothing is tried", "no_decryption_key", no_key)
    for target in ("data", "key"):
        encrypted = edited(xmlenc.encrypt(signed), r"(.*<xenc:CipherValue>)" if target == "data" else r"(<xenc:CipherValue>)", r"\1*")
        both(corpus, kind, f"base64-{target}", f"CipherValue of the {target} is no base64", why, UNUSABLE, "decryption_failed", encrypted)


def write_content(corpus):
    kind = "decrypted-content"
    why = "what was decrypted is read by the same rules as everything else"
    signed = PLAIN.signed_assertion()
    for name, title, plain, code in (
        ("doctype", "A DOCTYPE", "<!DOCTYPE saml:Assertion>" + signed, "decrypted_not_xml"),
        ("entities", "A DOCTYPE with entities", '<!DOCTYPE r [<!ENTITY x "y">]>' + signed, "decrypted_not_xml"),
        ("comment", "A comment in the NameID", replaced(signed, f">{message.USER}<", f">{message.USER}<!---->.evil<"), "decrypted_not_xml"),
        ("two-roots", "Two assertions", signed + forged_assertion(), "decrypted_not_xml"),
        ("two-roots-forged-first", "Two assertions, the forged one first", forged_assertion() + signed, "decrypted_not_xml"),
        ("text-before", "Text before the assertion", "x" + signed, "decrypted_not_xml"),
        ("nothing", "Nothing", "", "decrypted_not_xml"),
        ("not-xml", "No XML", "assertion", "decrypted_not_xml"),
        ("not-utf-8", "UTF-16", signed.encode("utf-16-le"), "decrypted_not_xml"),
        ("too-deep", "Too many elements inside each other", "<x>" * 100 + "</x>" * 100, "decrypted_not_xml"),
        ("nested-encrypted", "An encrypted assertion", xmlenc.encrypt(signed), "decrypted_not_an_assertion"),
        ("response", "A whole response", PLAIN.xml(), "decrypted_not_an_assertion"),
        ("other-namespace", "An assertion of another namespace", forged_assertion().replace(n.SAML, "urn:example:assertion"), "decrypted_not_an_assertion"),
        ("name-id", "A NameID", f'<saml:NameID xmlns:saml="{n.SAML}">{message.USER}</saml:NameID>', "decrypted_not_an_assertion"),
    ):
        both(corpus, kind, name, title, why, UNUSABLE, code, xmlenc.encrypt(plain))
    same_id = PLAIN.but(assertion_id=message.RESPONSE).signed_assertion()
    both(corpus, kind, "id-of-the-response", "An assertion with the response's ID", "IDs are unique across both documents", UNUSABLE, "duplicate_id", xmlenc.encrypt(same_id))
    hidden = PLAIN.but(advice=f"<saml:Advice>{forged_assertion()}</saml:Advice>").signed_assertion()
    both(corpus, kind, "assertion-in-advice", "An assertion in the Advice", why, UNUSABLE, "hidden_element", xmlenc.encrypt(hidden))
    hidden = PLAIN.but(advice=f"<saml:Advice>{xmlenc.encrypt(forged_assertion())}</saml:Advice>").signed_assertion()
    both(corpus, kind, "encrypted-in-advice", "An encrypted assertion in the Advice", why, UNUSABLE, "hidden_element", xmlenc.encrypt(hidden))


def write_structure(corpus):
    kind = "encrypted-structure"
    signed = PLAIN.signed_assertion()
    why = "one EncryptedData, one EncryptedKey, nothing fetched"
    good = xmlenc.encrypt(signed)
    fetched = xmlenc.encrypt(signed, xmlenc.Seal(layout="retrieval", retrieval="http://127.0.0.1:9/key"))
    missing = xmlenc.encrypt(signed, xmlenc.Seal(layout="retrieval", retrieval="#_nowhere"))
    reference = edited(good, r"<xenc:CipherData><xenc:CipherValue>[^<]*</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>", '<xenc:CipherData><xenc:CipherReference URI="http://127.0.0.1:9/x"/></xenc:CipherData></xenc:EncryptedData>')
    for name, title, encrypted in (
        ("retrieval-external", "RetrievalMethod to a web address", fetched),
        ("retrieval-missing", "RetrievalMethod to an Id that is not there", missing),
        ("cipher-reference", "CipherReference to a web address", reference),
        ("two-encrypted-keys", "Many EncryptedKeys", xmlenc.encrypt(signed, xmlenc.Seal(copies=20))),
        ("many-recipients", "More recipients than there are", xmlenc.encrypt(signed, xmlenc.Seal(layout="sibling", also=(xmlenc.Seal(recipient=keys.attacker()),) * 8))),
        ("no-encrypted-key", "No EncryptedKey", edited(good, r"<xenc:EncryptedKey.*</xenc:EncryptedKey>", "")),
        ("no-encrypted-data", "No EncryptedData", f'<saml:EncryptedAssertion xmlns:saml="{n.SAML}"/>'),
        ("two-encrypted-data", "Two EncryptedData", edited(good, r"(<xenc:EncryptedData.*</xenc:EncryptedData>)", r"\1\1")),
        ("no-method", "No EncryptionMethod", edited(good, rf'<xenc:EncryptionMethod Algorithm="{n.AES256_CBC}"/>', "")),
        ("content-type", "Type is Content instead of Element", replaced(good, "xmlenc#Element", "xmlenc#Content")),
    ):
        both(corpus, kind, name, title, why, MALFORMED, MALFORMED, encrypted)
    attacker = xmlenc.Seal(recipient=keys.attacker())
    others = xmlenc.encrypt(signed, attacker.but(layout="sibling", also=(attacker,)))
    both(corpus, kind, "recipients-not-ours", "Two recipients, neither of them us", "one answer to every failure of decryption", UNUSABLE, "decryption_failed", others)
    same = xmlenc.encrypt(signed, xmlenc.Seal(key_id=message.RESPONSE))
    both(corpus, kind, "key-id-of-the-response", "An EncryptedKey with the Response's ID", "only one EncryptedKey may have the Id of another", UNUSABLE, "duplicate_id", same)
    forged = xmlenc.encrypt(forged_assertion(), xmlenc.Seal(layout="sibling", also=(attacker,)))
    corpus.hostile("encrypted-unsigned", "unsigned-two-recipients", "A forged assertion for two recipients", "anybody has our public key", UNUSABLE, around(forged), **OURS)
