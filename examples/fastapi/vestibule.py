"""The server, and which organization a visitor belongs to."""

import os

from stytch import B2BClient
from stytch.b2b.models.organizations import SearchQuery

BASE, PUBLIC_TOKEN = os.environ["BASE"], os.environ["PUBLIC_TOKEN"]
APP_URL = os.environ.get("APP_URL", "http://localhost:3000")

client = B2BClient(
    project_id=os.environ["PROJECT_ID"],
    secret=os.environ["SECRET"],
    environment=f"{BASE}/",  # in production custom_base_url, which has to be https
    suppress_warnings=True,
)


async def organization_of(email):
    """The organization that signs people with this address in: theirs if they are a member, else the one that has proved the
    domain. `email_allowed_domains` would be wrong here: an organization's own administrators set it, to any domain they like.
    """
    domain = email.rpartition("@")[2]
    return await only_one("member_emails", email) or await only_one("claimed_email_domains", domain)


async def only_one(name, value):
    """Several: do not list them, anybody can type any address. Give such people a link that names their organization."""
    query = SearchQuery(operator="AND", operands=[{"filter_name": name, "filter_value": [value]}])
    found = await client.organizations.search_async(query=query)
    ready = [organization for organization in found.organizations if organization.sso_active_connections]
    return ready[0] if len(ready) == 1 else None
