"""Fresh keys and self-signed certificates; none of them is meant to be kept secret."""

import base64
import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOT_BEFORE = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
NOT_AFTER = datetime.datetime(2036, 1, 1, tzinfo=datetime.timezone.utc)


class Key:
    """A private key with a certificate of its own."""

    def __init__(self, name, private, not_before=NOT_BEFORE, not_after=NOT_AFTER):
        self.name = name
        self.private = private
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .sign(private, hashes.SHA256())
        )

    @property
    def public(self):
        return self.private.public_key()

    def certificate_pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def certificate_der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def certificate_base64(self):
        return base64.b64encode(self.certificate_der()).decode()

    def private_der_base64(self):
        """PKCS#8, without the armour that secret scanners look for."""
        der = self.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return base64.b64encode(der).decode()


@functools.cache
def rsa_key(name, bits=2048, exponent=65537):
    return Key(name, rsa.generate_private_key(public_exponent=exponent, key_size=bits))


@functools.cache
def ec_key(name, curve):
    return Key(name, ec.generate_private_key({"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}[curve]()))


@functools.cache
def expired_key(name):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Key(name, private, NOT_BEFORE - datetime.timedelta(days=800), NOT_BEFORE - datetime.timedelta(days=70))


def idp():
    """The key of the connection's identity provider."""
    return rsa_key("idp.example.org")


def previous_idp():
    """The key that the provider signed with before it changed keys."""
    return rsa_key("idp.example.org (previous)")


def attacker():
    """A key that no connection knows."""
    return rsa_key("attacker.example.net")


def recipient():
    """Our decryption key."""
    return rsa_key("sso.example.com encryption")


def previous_recipient():
    """Our decryption key before the change of keys."""
    return rsa_key("sso.example.com encryption (previous)")
