"""The official Python clients of the second dialect, unmodified, through the Management API. Their models refuse answers that lack
something. `auth0_python.py VERSION BASE_URL CLIENT_ID CLIENT_SECRET IDP_ISSUER` with version 6 or 4, in an environment that has it."""

import json
import sys
import urllib.parse
import urllib.request

version, base, client_id, client_secret, issuer = sys.argv[1:]
host = urllib.parse.urlsplit(base).netloc


def token():
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "audience": f"https://{host}/api/v2/",
    }
    request = urllib.request.Request(f"{base}/oauth/token", json.dumps(form).encode(), {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))["access_token"]


def options(**more):
    return {"client_id": "c", "discovery_url": f"{issuer}/.well-known/openid-configuration", **more}


EXPLICIT = {"client_id": "c", "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "scopes": "openid profile"}
FOUR = [
    options(type="front_channel", scopes="openid profile"),
    options(type="back_channel", client_secret="s", scopes="openid profile"),
    {**EXPLICIT, "type": "back_channel", "client_secret": "s"},
    {**EXPLICIT, "type": "front_channel", "token_endpoint": f"{issuer}/oauth/token"},
]


def refused(status, call):
    try:
        call()
    except Exception as error:  # noqa: BLE001: each version has types of its own
        assert getattr(error, "status_code", None) == status, error
        return error
    raise AssertionError(f"expected {status}")


def six():
    from auth0.management.client import Auth0
    from auth0.management.errors import BadRequestError, ConflictError, NotFoundError

    api = Auth0(base_url=f"{base}/api/v2", token=token())
    made = []
    for number, body in enumerate(FOUR):
        one = api.connections.create(strategy="oidc", name=f"six-{number}", options=body)
        made.append(one)
    names = [one.name for one in api.connections.list(take=2, strategy=["oidc"])]
    assert {one.name for one in made} <= set(names), names
    assert api.connections.get(made[0].id).name == "six-0"
    assert api.connections.update(made[0].id, display_name="Six").display_name == "Six"
    client = api.clients.create(name="Shop", app_type="regular_web", callbacks=["https://shop.test/callback"])
    api.connections.clients.update(made[0].id, request=[{"client_id": client.client_id, "status": True}])
    assert [one.client_id for one in api.connections.clients.get(made[0].id)] == [client.client_id]
    assert client.client_id in [one.client_id for one in api.clients.list()]
    keyed = api.connections.create(
        strategy="oidc", name="six-keys", options=options(type="back_channel", token_endpoint_auth_method="private_key_jwt")
    )
    assert len(api.connections.keys.get(keyed.id)) == 2
    assert api.connections.keys.rotate(keyed.id).kid
    organization = api.organizations.create(name="six", display_name="Six")
    assert api.organizations.get_by_name("six").id == organization.id
    api.organizations.enabled_connections.add(organization.id, connection_id=made[1].id, assign_membership_on_login=True)
    assert len(list(api.organizations.enabled_connections.list(organization.id))) == 1
    assert list(api.users.list(q='email:"nobody@acme.test"')) == []
    again = refused(409, lambda: api.connections.create(strategy="oidc", name="six-0", options=options()))
    assert isinstance(again, ConflictError), again
    missing = refused(404, lambda: api.connections.get("con_nobody"))
    assert isinstance(missing, NotFoundError), missing
    wrong = refused(400, lambda: api.connections.create(strategy="oidc", name="no_underscore", options=options()))
    assert isinstance(wrong, BadRequestError), wrong
    api.organizations.delete(organization.id)
    for one in made:
        api.connections.delete(one.id)


def four():
    from auth0.management import Auth0

    api = Auth0(host, token())
    for part in (api.connections, api.clients, api.organizations, api.users):
        part.protocol = "http"
    made = [api.connections.create({"strategy": "oidc", "name": f"four-{n}", "options": body}) for n, body in enumerate(FOUR)]
    for one, body in zip(made, FOUR):
        assert {name: one["options"][name] for name in body} == body, one
    names = [one["name"] for one in api.connections.all(strategy="oidc", page=0, per_page=100)]
    assert {one["name"] for one in made} <= set(names), names
    assert api.connections.update(made[0]["id"], {"display_name": "Four"})["display_name"] == "Four"
    client = api.clients.create({"name": "Shop"})
    assert client["client_id"] in [one["client_id"] for one in api.clients.all()]
    organization = api.organizations.create_organization({"name": "four", "display_name": "Four"})
    api.organizations.create_organization_connection(organization["id"], {"connection_id": made[1]["id"]})
    assert len(api.organizations.all_organization_connections(organization["id"])) == 1
    assert api.users.list(q='email:"nobody@acme.test"')["users"] == []
    assert refused(409, lambda: api.connections.create({"strategy": "oidc", "name": "four-0", "options": options()}))
    assert refused(404, lambda: api.connections.get("con_nobody"))
    api.organizations.delete_organization(organization["id"])
    for one in made:
        api.connections.delete(one["id"])


{"6": six, "4": four}[version]()
print(f"auth0-python {version}: ok")
