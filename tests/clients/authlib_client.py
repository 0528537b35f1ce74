"""Authlib as a client of this server. `authlib_client.py BASE_URL CLIENT_ID CLIENT_SECRET CALLBACK CONNECTION` prints where a browser is to
go, reads where it came back to, and prints what the client knows then: the claims of the ID token, checked against the published keys,
and the user information, before and after a refresh."""

import json
import secrets
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

base, client_id, client_secret, callback, connection = sys.argv[1:]
metadata = requests.get(f"{base}/.well-known/openid-configuration", timeout=30).json()
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
client = OAuth2Session(
    client_id,
    client_secret,
    scope="openid profile email offline_access",
    redirect_uri=callback,
    code_challenge_method="S256",
    token_endpoint_auth_method="client_secret_basic",
)
verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)


def checked(id_token, **expected):
    token = jwt.decode(id_token, keys, algorithms=["RS256"])
    options = {"iss": {"essential": True, "value": metadata["issuer"]}, "aud": {"essential": True, "value": client_id}}
    claims = CodeIDToken(token.claims, token.header, options, {"client_id": client_id, **expected})
    claims.validate()
    return dict(claims)


def userinfo():
    answer = client.get(metadata["userinfo_endpoint"])
    answer.raise_for_status()
    return answer.json()


url, state = client.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, connection=connection
)
print(json.dumps({"authorize": url}), flush=True)
back = sys.stdin.readline().strip()
tokens = client.fetch_token(metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
claims, person = checked(tokens["id_token"], nonce=nonce, access_token=tokens["access_token"]), userinfo()
tokens = client.refresh_token(metadata["token_endpoint"], refresh_token=tokens["refresh_token"])
assert checked(tokens["id_token"])["sub"] == claims["sub"]
assert userinfo() == person
print(json.dumps({"claims": claims, "userinfo": person}), flush=True)
