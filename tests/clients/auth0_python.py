"""The official Python clients of the second dialect, unmodified and by https as they insist on, through the Management API. Their models
refuse answers that lack something. `auth0_python.py VERSION DOMAIN CLIENT_ID CLIENT_SECRET IDP_ISSUER` with version 6 or 4, in an
environment that has it."""

import sys

version, domain, client_id, client_secret, issuer = sys.argv[1:]
AUDIENCE = f"https://{domain}/api/v2/"


def token():
    """As the authentication half of either version gets one."""
    from auth0.authentication import GetToken

    answer = GetToken(domain, client_id, client_secret=client_secret).client_credentials(AUDIENCE)
    return answer["access_token"]


def scoped(scope):
    """A token for less than the application may do, which no method asks for."""
    import requests

    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    answer = requests.post(f"https://{domain}/oauth/token", json={**form, "audience": AUDIENCE, "scope": scope}, timeout=30)
    return answer.json()["access_token"]


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
    from auth0.management import ManagementClient
    from auth0.management.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError, UnauthorizedError

    api = ManagementClient(domain=domain, client_id=client_id, client_secret=client_secret)
    made = []
    for number, body in enumerate(FOUR):
        one = api.connections.create(strategy="oidc", name=f"six-{number}", options=body)
        made.append(one)
    names = [one.name for one in api.connections.list(take=2, strategy=["oidc"])]
    assert {one.name for one in made} <= set(names), names
    page = api.connections.list(take=2, strategy=["oidc"])
    assert len(page.items) == 2 and page.has_next and len(page.get_next().items) == 2
    some = api.connections.get(made[0].id, fields="id,name")
    assert (some.id, some.name, some.strategy) == (made[0].id, "six-0", None), some
    for one, body in zip(made, FOUR):
        held = dict(api.connections.get(one.id).options)
        assert {name: held[name] for name in body} == body, held
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
    directories(api, made[0].id)
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
    assert token()
    reader = ManagementClient(domain=domain, token=scoped("read:connections"))
    assert reader.connections.get(made[0].id).name == "six-0"
    forbidden = refused(403, lambda: reader.connections.delete(made[0].id))
    assert isinstance(forbidden, ForbiddenError) and forbidden.body["errorCode"] == "insufficient_scope", forbidden
    stranger = ManagementClient(domain=domain, token="nobody")
    assert isinstance(refused(401, lambda: stranger.connections.get(made[0].id)), UnauthorizedError)
    api.organizations.delete(organization.id)
    for one in made:
        api.connections.delete(one.id)


def directories(api, connection):
    """The SCIM configuration of a connection, and tokens that open its directory."""
    import requests
    from auth0.management.types import ScimMappingItem

    scim = api.connections.scim_configuration
    refused(404, lambda: scim.get(connection))
    held = scim.create(connection)
    assert (held.connection_id, held.connection_name, len(held.mapping)) == (connection, "six-0", 32), held
    assert [one.connection_id for one in scim.list(take=10)] == [connection]
    assert len(scim.get_default_mapping(connection).mapping) == 32
    refused(400, lambda: scim.create(connection))
    own = [ScimMappingItem(auth0="email", scim="userName"), ScimMappingItem(auth0="app_metadata.office", scim="title")]
    changed = scim.update(connection, user_id_attribute="externalId", mapping=own)
    assert [(one.auth_0, one.scim) for one in changed.mapping] == [("email", "userName"), ("app_metadata.office", "title")], changed
    narrow = scim.tokens.create(connection, scopes=["get:users"], token_lifetime=900)
    whole = scim.tokens.create(connection)
    assert {one.token_id for one in scim.tokens.get(connection)} == {narrow.token_id, whole.token_id}
    refused(409, lambda: scim.tokens.create(connection))
    users = f"https://{domain}/scim/v2/connections/{connection}/Users"
    person = {"userName": "ada@acme.test", "externalId": "ada|1", "title": "North"}
    ask = lambda token, **more: requests.post(users, headers={"Authorization": f"Bearer {token.token}"}, timeout=30, **more)  # noqa: E731
    assert ask(narrow, json=person).status_code == 403
    assert ask(whole, json=person).status_code == 201
    user = api.users.get("oidc|six-0|ada|1")
    assert (user.email, dict(user.app_metadata)["office"]) == ("ada@acme.test", "North"), user
    scim.tokens.delete(connection, narrow.token_id)
    scim.delete(connection)
    assert ask(whole, json=person).status_code == 401


def four():
    from auth0.management import Auth0

    api = Auth0(domain, token())
    made = [api.connections.create({"strategy": "oidc", "name": f"four-{n}", "options": body}) for n, body in enumerate(FOUR)]
    for one, body in zip(made, FOUR):
        assert {name: one["options"][name] for name in body} == body, one
    names = [one["name"] for one in api.connections.all(strategy="oidc", page=0, per_page=100)]
    assert {one["name"] for one in made} <= set(names), names
    pages = [api.connections.all(strategy="oidc", page=number, per_page=2) for number in (0, 1)]
    assert len({one["id"] for page in pages for one in page}) == 4, pages
    some = api.connections.get(made[0]["id"], fields=["id", "name"])
    assert some == {"id": made[0]["id"], "name": "four-0"}, some
    assert api.connections.update(made[0]["id"], {"display_name": "Four"})["display_name"] == "Four"
    client = api.clients.create({"name": "Shop"})
    assert client["client_id"] in [one["client_id"] for one in api.clients.all()]
    organization = api.organizations.create_organization({"name": "four", "display_name": "Four"})
    api.organizations.create_organization_connection(organization["id"], {"connection_id": made[1]["id"]})
    assert len(api.organizations.all_organization_connections(organization["id"])) == 1
    assert api.users.list(q='email:"nobody@acme.test"')["users"] == []
    code = lambda status, call: refused(status, call).error_code  # noqa: E731
    again = {"strategy": "oidc", "name": "four-0", "options": options()}
    assert code(409, lambda: api.connections.create(again)) == "connection_conflict"
    assert code(404, lambda: api.connections.get("con_nobody")) == "inexistent_connection"
    assert code(400, lambda: api.connections.create({**again, "name": "no_underscore"})) == "invalid_body"
    reader = Auth0(domain, scoped("read:connections"))
    assert reader.connections.get(made[0]["id"])["name"] == "four-0"
    assert code(403, lambda: reader.connections.delete(made[0]["id"])) == "insufficient_scope"
    refused(401, lambda: Auth0(domain, "nobody").connections.get(made[0]["id"]))
    api.organizations.delete_organization(organization["id"])
    for one in made:
        api.connections.delete(one["id"])


{"6": six, "4": four}[version]()
print(f"auth0-python {version}: ok")
