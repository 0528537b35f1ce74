"""The official Python client, whose models refuse an answer that lacks a field, runs one customer's life.

Run with the interpreter of an environment that has requirements.txt: python stytch_python.py
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import tempfile
import time
import unittest
import warnings
from html import unescape
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from stytch import B2BClient
from stytch.b2b.models.sessions import AuthorizationCheck
from stytch.b2b.models.organizations import (
    DeleteRequestOptions,
    SearchQuery,
    SearchQueryOperator,
    UpdateRequestOptions,
)
from stytch.core.response_base import StytchError
from stytch.shared.method_options import Authorization

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
APP = "http://127.0.0.1:39123/authenticate"


class Server:
    """`vestibule dev` with an empty store."""

    def __init__(self):
        target = os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")
        binary = os.environ.get("VESTIBULE_BIN", pathlib.Path(target) / "debug" / "vestibule")
        self.directory = tempfile.TemporaryDirectory(prefix="vestibule-clients-")
        home = pathlib.Path(self.directory.name)
        ready = home / "ready.json"
        self.log = open(home / "output", "w+b")
        self.process = subprocess.Popen(
            [
                str(binary), "dev", "--listen", "127.0.0.1:0", "--data-dir", str(home / "data"),
                "--ready-file", str(ready), "--default-redirect-url", APP,
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=home,
        )
        deadline = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                output = self.log.read().decode()
                self.stop()
                raise RuntimeError(f"the server did not become ready:\n{output}")
            time.sleep(0.02)
        found = json.loads(ready.read_text())
        self.base_url, self.idp = found["base_url"], found["test_idp"]
        self.project_id, self.secret, self.public_token = (
            found["project_id"], found["secret"], found["public_token"],
        )

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()
        self.directory.cleanup()

    def sign_in(self, email, **parameters):
        """Goes the whole way without a screen; answers the query that the application receives."""
        browser = requests.Session()
        query = urlencode({"public_token": self.public_token, **parameters})
        page = browser.get(f"{self.base_url}/v1/public/sso/start?{query}")
        action = unescape(re.search(r'<form[^>]*action="([^"]*)"', page.text)[1])
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
        fields = {name: unescape(value) for name, value in hidden}
        answer = browser.post(
            urljoin(page.url, action), data={**fields, "email": email}, allow_redirects=False
        )
        back = browser.get(answer.headers["location"], allow_redirects=False)
        if back.status_code != 302:
            raise AssertionError(f"{back.status_code}: {back.text}")
        return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["location"]).query).items()}


class Journey(unittest.TestCase):
    """Steps in the order of their names; each stands on those before it."""

    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)
        cls.client = B2BClient(
            project_id=cls.server.project_id,
            secret=cls.server.secret,
            environment=f"{cls.server.base_url}/",
            suppress_warnings=True,
        )

    def refused(self, status, error_type, call, **arguments):
        with self.assertRaises(StytchError) as caught:
            call(**arguments)
        details = caught.exception.details
        self.assertEqual((details.status_code, details.error_type), (status, error_type), details.error_message)
        self.assertTrue(details.request_id.startswith("request-id-test-"))

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


if __name__ == "__main__":
    unittest.main(verbosity=2)
