"""The official Python client, whose models refuse an answer that lacks a field, runs one customer's life.

Run with the interpreter of an environment that has requirements.txt: python stytch_python.py
"""

import base64
import datetime
import hashlib
import secrets
import unittest
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from stytch import B2BClient
from stytch.b2b.models.sessions import AuthorizationCheck
from stytch.b2b.models.organizations import (
    DeleteRequestOptions,
    SearchQuery,
    SearchQueryOperator,
    UpdateRequestOptions,
)
from stytch.b2b.models.sso import SAMLConnectionImplicitRoleAssignment, SAMLGroupImplicitRoleAssignment
from stytch.core.response_base import StytchError
from stytch.shared.method_options import Authorization

from support.server import Server


def setUpModule():
    """One server for all: a store belongs to the master key of the server that made it."""
    warnings.simplefilter("ignore")
    Client.server = Server()
    unittest.addModuleCleanup(Client.server.stop)
    Client.client = B2BClient(
        project_id=Client.server.project_id,
        secret=Client.server.secret,
        environment=f"{Client.server.base_url}/",
        suppress_warnings=True,
    )


class Client(unittest.TestCase):
    """Steps in the order of their names; each stands on those before it."""

    server = client = None

    def refused(self, status, error_type, call, **arguments):
        with self.assertRaises(StytchError) as caught:
            call(**arguments)
        details = caught.exception.details
        self.assertEqual((details.status_code, details.error_type), (status, error_type), details.error_message)
        self.assertTrue(details.request_id.startswith("request-id-test-"))


class Journey(Client):
    """One customer with OpenID Connect."""

    def test_1_organization(self):
        made = self.client.organizations.create(organization_name="Python & Co", trusted_metadata={"plan": "pro"})
        type(self).organization_id = made.organization.organization_id
        self.assertEqual(made.status_code, 200)
        found = self.client.organizations.get(organization_id=made.organization.organization_slug)
        self.assertEqual(found.organization.trusted_metadata, {"plan": "pro"})
        changed = self.client.organizations.update(
            organization_id=self.organization_id, organization_name="Python Ltd"
        )
        self.assertEqual(changed.organization.organization_name, "Python Ltd")
        search = self.client.organizations.search(limit=10)
        self.assertIn(self.organization_id, [one.organization_id for one in search.organizations])
        self.refused(404, "organization_not_found", self.client.organizations.get, organization_id="nobody")

    def test_2_connection(self):
        made = self.client.sso.oidc.create_connection(
            organization_id=self.organization_id, display_name="Company", identity_provider="microsoft-entra"
        )
        type(self).connection_id = made.connection.connection_id
        self.assertEqual((made.connection.status, made.connection.identity_provider), ("pending", "microsoft-entra"))
        changed = self.client.sso.oidc.update_connection(
            organization_id=self.organization_id,
            connection_id=self.connection_id,
            issuer=self.server.idp["oidc_issuer"],
            client_id=self.server.idp["oidc_client_id"],
            client_secret=self.server.idp["oidc_client_secret"],
        )
        self.assertEqual((changed.connection.status, changed.warning), ("active", ""))
        listed = self.client.sso.get_connections(organization_id=self.organization_id)
        self.assertEqual([one.connection_id for one in listed.oidc_connections], [self.connection_id])

    def test_3_members(self):
        made = self.client.organizations.members.create(
            organization_id=self.organization_id, email_address="ada@example.com", roles=["stytch_admin"]
        )
        type(self).admin_id = made.member_id
        found = self.client.organizations.members.get(
            organization_id=self.organization_id, email_address="ada@example.com"
        )
        self.assertTrue(found.member.is_admin)
        search = self.client.organizations.members.search(
            organization_ids=[self.organization_id],
            query=SearchQuery(
                operator=SearchQueryOperator.AND,
                operands=[{"filter_name": "statuses", "filter_value": ["active"]}],
            ),
        )
        self.assertEqual([one.member_id for one in search.members], [self.admin_id])

    def test_4_sign_in(self):
        verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        query = self.server.sign_in(
            "ada@example.com", connection_id=self.connection_id, pkce_code_challenge=challenge
        )
        self.assertEqual(query["stytch_token_type"], "sso")
        self.refused(
            400, "pkce_mismatch", self.client.sso.authenticate,
            sso_token=query["token"], pkce_code_verifier=secrets.token_urlsafe(32),
        )
        query = self.server.sign_in(
            "ada@example.com", connection_id=self.connection_id, pkce_code_challenge=challenge
        )
        answer = self.client.sso.authenticate(
            sso_token=query["token"], pkce_code_verifier=verifier, session_custom_claims={"team": "red"}
        )
        self.assertEqual(answer.member_id, self.admin_id)
        self.assertEqual(answer.member_session.authentication_factors[0].delivery_method, "sso_oidc")
        type(self).session = answer
        self.refused(404, "sso_token_not_found", self.client.sso.authenticate, sso_token=query["token"])
        plain = self.server.sign_in("grace@example.com", organization_id=self.organization_id)
        type(self).plain = self.client.sso.authenticate(sso_token=plain["token"])
        self.assertEqual(self.plain.member.name, "Grace Hopper")

    def test_5_sessions(self):
        sessions = self.client.sessions
        check = AuthorizationCheck(
            organization_id=self.organization_id, resource_id="stytch.sso", action="create"
        )
        remote = sessions.authenticate(session_token=self.session.session_token, authorization_check=check)
        self.assertEqual(remote.verdict.granting_roles, ["stytch_admin"])
        by_jwt = sessions.authenticate(session_jwt=self.session.session_jwt)
        self.assertEqual(
            by_jwt.member_session.member_session_id, self.session.member_session.member_session_id
        )
        local = sessions.authenticate_jwt_local(session_jwt=by_jwt.session_jwt, authorization_check=check)
        self.assertEqual((local.member_id, local.custom_claims), (self.admin_id, {"team": "red"}))
        self.refused(
            403, "session_authorization_error", sessions.authenticate,
            session_token=self.plain.session_token, authorization_check=check,
        )
        listed = sessions.get(organization_id=self.organization_id, member_id=self.plain.member_id)
        self.assertEqual(len(listed.member_sessions), 1)
        self.assertGreaterEqual(len(sessions.get_jwks(project_id=self.server.project_id).keys), 1)

    def test_6_rights_of_a_member(self):
        def rename(session_token, name):
            return self.client.organizations.update(
                organization_id=self.organization_id,
                organization_name=name,
                method_options=UpdateRequestOptions(authorization=Authorization(session_token=session_token)),
            )

        self.assertEqual(rename(self.session.session_token, "New").organization.organization_name, "New")
        self.refused(
            403, "session_authorization_error", rename, session_token=self.plain.session_token, name="Mine"
        )
        self.refused(
            403, "session_authorization_error", self.client.organizations.delete,
            organization_id=self.organization_id,
            method_options=DeleteRequestOptions(
                authorization=Authorization(session_token=self.plain.session_token)
            ),
        )
        roles = [role.role_id for role in self.client.rbac.policy().policy.roles]
        self.assertLessEqual({"stytch_admin", "stytch_member"}, set(roles))
        own = self.client.rbac.organizations.get_org_policy(organization_id=self.organization_id)
        self.assertEqual(own.org_policy.roles, [])

    def test_7_end(self):
        self.client.sessions.revoke(member_session_id=self.session.member_session.member_session_id)
        self.refused(
            404, "session_not_found", self.client.sessions.authenticate,
            session_token=self.session.session_token,
        )
        members = self.client.organizations.members
        members.update(organization_id=self.organization_id, member_id=self.plain.member_id, name="G. H.")
        members.delete(organization_id=self.organization_id, member_id=self.plain.member_id)
        back = members.reactivate(organization_id=self.organization_id, member_id=self.plain.member_id)
        self.assertEqual((back.member.status, back.member.name), ("active", "G. H."))
        self.client.sso.delete_connection(
            organization_id=self.organization_id, connection_id=self.connection_id
        )
        self.client.organizations.delete(organization_id=self.organization_id)
        self.refused(
            404, "organization_not_found", self.client.organizations.get, organization_id=self.organization_id
        )


def self_signed(name):
    """A certificate that lasts a month, as PEM."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=30)).sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def pkcs1(key):
    """The key in the only form that a connection takes."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


class Saml(Client):
    """One customer with SAML; every answer goes through the client's models."""

    def update(self, **changes):
        return self.client.sso.saml.update_connection(
            organization_id=self.organization_id, connection_id=self.connection_id, **changes
        ).connection

    def current(self):
        found = self.client.sso.get_connections(organization_id=self.organization_id).saml_connections
        return next(one for one in found if one.connection_id == self.connection_id)

    def test_1_created(self):
        made = self.client.organizations.create(organization_name="SAML & Söhne")
        type(self).organization_id = made.organization.organization_id
        connection = self.client.sso.saml.create_connection(
            organization_id=self.organization_id, display_name="Company", identity_provider="shibboleth"
        ).connection
        type(self).connection_id = connection.connection_id
        self.assertEqual((connection.status, connection.identity_provider), ("pending", "shibboleth"))
        self.assertEqual(connection.acs_url, connection.audience_uri)
        self.assertEqual((connection.verification_certificates, connection.encryption_private_keys), ([], []))
        [own] = connection.signing_certificates
        self.assertEqual(
            own.expires_at, x509.load_pem_x509_certificate(own.certificate.encode()).not_valid_after_utc
        )

    def test_2_every_field(self):
        key = rsa.generate_private_key(65537, 2048)
        connection = self.update(
            idp_entity_id="urn:company:idp",
            display_name="Renamed",
            attribute_mapping={"email": "NameID", "full_name": "displayName", "groups": "memberOf"},
            x509_certificate=self_signed("first"),
            idp_sso_url="https://idp.company.test/sso",
            saml_connection_implicit_role_assignments=[SAMLConnectionImplicitRoleAssignment(role_id="stytch_member")],
            saml_group_implicit_role_assignments=[
                SAMLGroupImplicitRoleAssignment(role_id="stytch_admin", group="it")
            ],
            alternative_audience_uri="urn:old:sp",
            identity_provider="okta",
            signing_private_key=pkcs1(key),
            nameid_format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            alternative_acs_url="https://old.company.test/acs",
            idp_initiated_auth_disabled=True,
            saml_encryption_private_key=pkcs1(rsa.generate_private_key(65537, 2048)),
            allow_gateway_callback=True,
        )
        self.assertEqual(connection.status, "active")
        self.assertEqual(connection, self.current())
        self.assertEqual(
            (connection.idp_entity_id, connection.display_name, connection.idp_sso_url, connection.identity_provider),
            ("urn:company:idp", "Renamed", "https://idp.company.test/sso", "okta"),
        )
        self.assertEqual(connection.attribute_mapping["groups"], "memberOf")
        self.assertEqual(connection.saml_connection_implicit_role_assignments[0].role_id, "stytch_member")
        self.assertEqual(connection.saml_group_implicit_role_assignments[0].group, "it")
        self.assertEqual(connection.alternative_audience_uri, "urn:old:sp")
        self.assertEqual(connection.alternative_acs_url, "https://old.company.test/acs")
        self.assertEqual(connection.nameid_format, "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")
        self.assertTrue(connection.idp_initiated_auth_disabled and connection.allow_gateway_callback)
        self.assertEqual(len(connection.signing_certificates), 2)
        keys = [
            x509.load_pem_x509_certificate(one.certificate.encode()).public_key()
            for one in connection.signing_certificates
        ]
        self.assertIn(key.public_key(), keys)

    def test_3_certificates_and_keys(self):
        saml, address = self.client.sso.saml, {
            "organization_id": self.organization_id, "connection_id": self.connection_id,
        }
        second = self.update(x509_certificate=self_signed("second")).verification_certificates
        self.assertEqual(len(second), 2)
        gone = saml.delete_verification_certificate(**address, certificate_id=second[0].certificate_id)
        self.assertEqual(gone.certificate_id, second[0].certificate_id)
        self.refused(
            400, "cannot_delete_last_sso_verification_key", saml.delete_verification_certificate,
            **address, certificate_id=second[1].certificate_id,
        )
        [key] = self.current().encryption_private_keys
        self.assertTrue(key.private_key.startswith("-----BEGIN RSA PRIVATE KEY-----"))
        gone = saml.delete_encryption_private_key(**address, private_key_id=key.private_key_id)
        self.assertEqual(gone.private_key_id, key.private_key_id)
        self.assertEqual(self.current().encryption_private_keys, [])
        self.refused(
            400, "invalid_x509_certificate", saml.update_connection, **address, x509_certificate="nothing"
        )

    def test_4_sign_in(self):
        connection = self.client.sso.saml.create_connection(organization_id=self.organization_id).connection
        address = {"organization_id": self.organization_id, "connection_id": connection.connection_id}
        self.client.sso.saml.update_by_url(**address, metadata_url=self.server.idp["saml_metadata_url"])
        connection = self.client.sso.saml.update_connection(
            **address, attribute_mapping={"email": "email", "first_name": "firstName", "last_name": "lastName"},
        ).connection
        self.assertEqual(connection.status, "active")
        query = self.server.sign_in("grace@example.com", connection_id=connection.connection_id)
        answer = self.client.sso.authenticate(sso_token=query["token"])
        self.assertEqual((answer.member.email_address, answer.member.name), ("grace@example.com", "Grace Hopper"))
        [factor] = answer.member_session.authentication_factors
        self.assertEqual(factor.delivery_method, "sso_saml")
        self.assertEqual(factor.saml_sso_factor.provider_id, connection.connection_id)
        local = self.client.sessions.authenticate_jwt_local(session_jwt=answer.session_jwt)
        self.assertEqual(local.member_id, answer.member_id)

    def test_5_end(self):
        gone = self.client.sso.delete_connection(
            organization_id=self.organization_id, connection_id=self.connection_id
        )
        self.assertEqual(gone.connection_id, self.connection_id)
        left = self.client.sso.get_connections(organization_id=self.organization_id).saml_connections
        self.assertNotIn(self.connection_id, [one.connection_id for one in left])


if __name__ == "__main__":
    unittest.main(verbosity=2)
