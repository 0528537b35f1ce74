"""Forging encrypted assertions (XML-Enc 1.1): content encryption, key transport, and the layouts found in the wild."""

import base64
import dataclasses
import os
import textwrap

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES

import keys
import names as n

KEY_BYTES = {
    n.AES128_CBC: 16, n.AES192_CBC: 24, n.AES256_CBC: 32, n.AES128_GCM: 16, n.AES192_GCM: 24, n.AES256_GCM: 32,
    n.TRIPLE_DES_CBC: 24,
}
DIGESTS = {n.SHA1: hashes.SHA1, n.SHA256: hashes.SHA256, n.SHA384: hashes.SHA384, n.SHA512: hashes.SHA512}
MGFS = {n.MGF1_SHA1: hashes.SHA1, n.MGF1_SHA256: hashes.SHA256}


@dataclasses.dataclass(frozen=True)
class Seal:
    """How a provider encrypts, or how a forger deforms it."""

    recipient: keys.Key = None
    data: str = n.AES256_CBC
    transport: str = n.OAEP_MGF1P
    # None leaves DigestMethod out: SHA-1 is then the default of the specification.
    digest: str = n.SHA1
    mgf: str = None
    # "inside" the KeyInfo, or "sibling" of EncryptedData, found by RetrievalMethod or by nothing but its place.
    layout: str = "inside"
    retrieval: str = None
    prefix: str = "xenc"
    # Declares the dsig namespace as the default one on KeyInfo, as ADFS does.
    default_ds: bool = False
    type: str = "http://www.w3.org/2001/04/xmlenc#Element"
    wrap: int = 0
    recipient_hint: str = ""
    # Deformations: functions of the octets.
    data_octets: object = None
    key_octets: object = None
    content_key: bytes = None
    copies: int = 1
    # Further EncryptedKeys beside the data, of these seals and for these Ids; the content's key is the same.
    also: tuple = ()
    key_id: str = None
    first: bool = True

    def but(self, **changes):
        return dataclasses.replace(self, **changes)


PLAIN = Seal()


def seal_content(algorithm, key, plain):
    """IV and ciphertext (and tag), as XML-Enc 5.2 concatenates them."""
    if algorithm in (n.AES128_GCM, n.AES192_GCM, n.AES256_GCM):
        iv = os.urandom(12)
        return iv + aead.AESGCM(key).encrypt(iv, plain, None)
    cipher = TripleDES(key) if algorithm == n.TRIPLE_DES_CBC else algorithms.AES(key)
    block = cipher.block_size // 8
    # XML-Enc's padding: only the last octet says how many; what stands before it is free.
    missing = block - len(plain) % block
    padded = plain + os.urandom(missing - 1) + bytes([missing])
    iv = os.urandom(block)
    encryptor = Cipher(cipher, modes.CBC(iv)).encryptor()
    return iv + encryptor.update(padded) + encryptor.finalize()


def transport_padding(seal):
    if seal.transport == n.RSA_1_5:
        return padding.PKCS1v15()
    mgf = MGFS[seal.mgf or n.MGF1_SHA1]()
    return padding.OAEP(padding.MGF1(mgf), DIGESTS[seal.digest or n.SHA1](), None)


def encode(octets, seal):
    text = base64.b64encode(octets).decode()
    return "\n" + textwrap.fill(text, seal.wrap) + "\n" if seal.wrap else text


def encrypted_key(seal, content_key, attributes=""):
    recipient = seal.recipient or keys.recipient()
    octets = recipient.public.encrypt(content_key, transport_padding(seal))
    if seal.key_octets:
        octets = seal.key_octets(octets)
    p = seal.prefix + ":" if seal.prefix else ""
    declared = f'xmlns:{seal.prefix}="{n.XENC}"' if seal.prefix else f'xmlns="{n.XENC}"'
    method = ""
    if seal.digest and seal.transport != n.RSA_1_5:
        method += f'<ds:DigestMethod xmlns:ds="{n.DS}" Algorithm="{seal.digest}"/>'
    if seal.mgf:
        method += f'<xenc11:MGF xmlns:xenc11="{n.XENC11}" Algorithm="{seal.mgf}"/>'
    return (
        f"<{p}EncryptedKey {declared}{attributes}><{p}EncryptionMethod Algorithm=\"{seal.transport}\">{method}"
        f"</{p}EncryptionMethod>{seal.recipient_hint}<{p}CipherData><{p}CipherValue>{encode(octets, seal)}"
        f"</{p}CipherValue></{p}CipherData></{p}EncryptedKey>"
    )


def encrypt(plain, seal=PLAIN, saml="saml:"):
    """An EncryptedAssertion whose plaintext is `plain`; `saml` is the prefix that the surroundings declare, if any."""
    plain = plain if isinstance(plain, bytes) else plain.encode()
    content_key = seal.content_key or os.urandom(KEY_BYTES[seal.data])
    octets = seal_content(seal.data, content_key, plain)
    if seal.data_octets:
        octets = seal.data_octets(octets)
    p = seal.prefix + ":" if seal.prefix else ""
    declared = f'xmlns:{seal.prefix}="{n.XENC}"' if seal.prefix else f'xmlns="{n.XENC}"'
    d, ds = ("", f'xmlns="{n.DS}"') if seal.default_ds else ("ds:", f'xmlns:ds="{n.DS}"')
    sibling = ""
    key_id = f' Id="{seal.key_id}"' if seal.key_id else ""
    if seal.layout == "inside":
        info = f"<{d}KeyInfo {ds}>{encrypted_key(seal, content_key, key_id) * seal.copies}</{d}KeyInfo>"
    elif seal.layout == "retrieval":
        target = seal.retrieval or "#_key1"
        info = (
            f"<{d}KeyInfo {ds}><{d}RetrievalMethod Type=\"{n.XENC}EncryptedKey\" URI=\"{target}\"/></{d}KeyInfo>"
        )
        sibling = encrypted_key(seal, content_key, ' Id="_key1"')
    else:
        info = ""
        sibling = encrypted_key(seal, content_key)
    others = "".join(
        encrypted_key(other, content_key, f' Id="{other.key_id}"' if other.key_id else "") for other in seal.also
    )
    sibling = sibling + others if seal.first else others + sibling
    declaration = f' xmlns:saml="{n.SAML}"' if saml == "saml:" else f' xmlns="{n.SAML}"' if not saml else ""
    return (
        f"<{saml}EncryptedAssertion{declaration}><{p}EncryptedData {declared} Type=\"{seal.type}\">"
        f"<{p}EncryptionMethod Algorithm=\"{seal.data}\"/>{info}<{p}CipherData><{p}CipherValue>{encode(octets, seal)}"
        f"</{p}CipherValue></{p}CipherData></{p}EncryptedData>{sibling}</{saml}EncryptedAssertion>"
    )
