"""Company sign-in for a Flask application: e-mail address, identity provider, session, sign-out, and the page on which a
customer's administrator connects their identity provider."""

import base64
import functools
import hashlib
import os
import secrets
from urllib.parse import urlencode

import jwt
from flask import Flask, abort, g, redirect, render_template, request, url_for
from stytch import B2BClient
from stytch.b2b.models.organizations import SearchQuery
from stytch.b2b.models.sso import GetConnectionsRequestOptions
from stytch.b2b.models.sso_oidc import CreateConnectionRequestOptions, UpdateConnectionRequestOptions
from stytch.core.response_base import StytchError
from stytch.shared.method_options import Authorization

BASE, PUBLIC_TOKEN = os.environ["BASE"], os.environ["PUBLIC_TOKEN"]
APP_URL = os.environ.get("APP_URL", "http://localhost:3000")

client = B2BClient(
    project_id=os.environ["PROJECT_ID"],
    secret=os.environ["SECRET"],
    environment=f"{BASE}/",  # in production custom_base_url, which has to be https
    suppress_warnings=True,
)

# Scripts do not read them. `Lax` lets the provider's redirect through; it does not stop other sites' forms, `own_forms` does.
COOKIE = {"httponly": True, "samesite": "Lax", "secure": APP_URL.startswith("https:"), "path": "/"}
VERIFIER = "pkce_verifier"

app = Flask(__name__)


@app.before_request
def own_forms():
    """What changes something is taken from our own pages alone: another site could sign visitors in as somebody else, or out. A
    `Lax` cookie does not stop that: signing in needs none, and another port or subdomain counts as the same site. Browsers say
    where a request comes from; very old ones, and tools, do not, and are let through."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in ("GET", "HEAD", "OPTIONS") and site != "same-origin":
        return render_template("refused.html", sentence="This was sent from a page of another site."), 403


@app.after_request
def private(response):
    """Pages about a person are in no cache, and an address with a token is told to nobody."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


# --- which organization is this visitor? -----------------------------------------------------------------------------


def organization_of(email):
    """The organization that signs people with this address in: theirs if they are a member, else the one that has proved the
    domain. `email_allowed_domains` would be wrong here: an organization's own administrators set it, to any domain they like.
    """
    domain = email.rpartition("@")[2]
    return only_one("member_emails", email) or only_one("claimed_email_domains", domain)


def only_one(name, value):
    """Several: do not list them, anybody can type any address. Give such people a link that names their organization."""
    query = SearchQuery(operator="AND", operands=[{"filter_name": name, "filter_value": [value]}])
    found = client.organizations.search(query=query).organizations
    ready = [organization for organization in found if organization.sso_active_connections]
    return ready[0] if len(ready) == 1 else None


# --- sign-in ---------------------------------------------------------------------------------------------------------


@app.get("/")
def home():
    return render_template("sign_in.html", notice=request.args.get("notice"))


@app.post("/login")
def login():
    email = request.form.get("email", "").strip().lower()
    organization = organization_of(email)
    if not organization:
        return render_template("sign_in.html", notice="unknown"), 404

    # PKCE: only the browser that began can finish, because only it has the verifier.
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    connection = organization.sso_default_connection_id or organization.sso_active_connections[0].connection_id
    back = f"{APP_URL}/authenticate"
    start = {
        "public_token": PUBLIC_TOKEN,
        "connection_id": connection,
        "pkce_code_challenge": challenge,
        "login_redirect_url": back,
        "signup_redirect_url": back,
        "login_hint": email,
    }
    response = redirect(f"{BASE}/v1/public/sso/start?{urlencode(start)}", 303)
    response.set_cookie(VERIFIER, verifier, max_age=600, **COOKIE)
    return response


@app.get("/authenticate")
def authenticate():
    verifier, token = request.cookies.get(VERIFIER), request.args.get("token")
    # A sign-in that nobody began here: from a tile at the provider, or somebody else's link. Begin a new one.
    if not verifier or not token:
        return redirect(url_for("home", notice="begin"), 303)
    answer = client.sso.authenticate(sso_token=token, pkce_code_verifier=verifier, session_duration_minutes=8 * 60)
    # What the company asks for beside: go on with `answer.intermediate_session_token` (docs/guides/second-factors.md).
    if not answer.member_authenticated:
        return redirect(url_for("home", notice="second-factor"), 303)
    # Away from the address with the token, which is spent: a reload must not send it again.
    response = redirect(url_for("account"), 303)
    response.delete_cookie(VERIFIER, **COOKIE)
    return keep(response, answer)


# --- the session -----------------------------------------------------------------------------------------------------


def keep(response, answer):
    """The browser keeps two: the JWT that is checked here, and the opaque token that gets the next one."""
    kept = {**COOKIE, "expires": answer.member_session.expires_at}
    response.set_cookie("session_token", answer.session_token, **kept)
    response.set_cookie("session_jwt", answer.session_jwt, **kept)
    return response


def forget(response):
    response.delete_cookie("session_token", **COOKIE)
    response.delete_cookie("session_jwt", **COOKIE)
    return response


def signed_in(view):
    """Who asks, by the JWT alone: signature against the project's published keys, issuer, audience and time, and no request to
    the server. The price: a JWT is good for five minutes after it was made, so whoever was signed out elsewhere, or removed,
    still gets in for up to five minutes. Where that is too long, use `signed_in_now`."""

    @functools.wraps(view)
    def checked(*args, **kwargs):
        try:
            g.session = client.sessions.authenticate_jwt_local(request.cookies.get("session_jwt", ""))
        except jwt.PyJWTError:
            g.session = None
        return view(*args, **kwargs) if g.session else signed_in_now(view)(*args, **kwargs)

    return checked


def signed_in_now(view):
    """Who asks, by the server's word: what was revoked a moment ago is refused, and the browser gets a fresh JWT."""

    @functools.wraps(view)
    def checked(*args, **kwargs):
        token = request.cookies.get("session_token")
        if not token:
            return redirect(url_for("home", notice="sign-in"), 303)
        try:
            answer = client.sessions.authenticate(session_token=token)
        except StytchError as error:
            if error.details.status_code != 404:
                raise
            return forget(redirect(url_for("home", notice="again"), 303))
        g.session = answer.member_session
        return keep(app.make_response(view(*args, **kwargs)), answer)

    return checked


@app.get("/account")
@signed_in
def account():
    organization_id, member_id = g.session.organization_id, g.session.member_id
    member = client.organizations.members.get(organization_id=organization_id, member_id=member_id).member
    organization = client.organizations.get(organization_id=organization_id).organization
    return render_template("account.html", session=g.session, member=member, organization=organization)


@app.post("/logout")
def logout():
    token = request.cookies.get("session_token")
    if token:
        try:
            client.sessions.revoke(session_token=token)
        except StytchError:
            pass  # it had ended already
    return forget(redirect(url_for("home", notice="signed-out"), 303))


# --- the customer's administrator connects their identity provider ----------------------------------------------------


def on_behalf():
    """With the member's own session beside our credentials, the server checks what this member may do."""
    return {"authorization": Authorization(session_token=request.cookies["session_token"])}


def show_connections(notice, warning=""):
    found = client.sso.get_connections(
        organization_id=g.session.organization_id, method_options=GetConnectionsRequestOptions(**on_behalf())
    )
    return render_template("connections.html", connections=found.oidc_connections, notice=notice, warning=warning)


@app.get("/admin/connections")
@signed_in_now
def connections():
    return show_connections(request.args.get("notice"))


@app.post("/admin/connections")
@signed_in_now
def create_connection():
    # SAML is the same with client.sso.saml: show acs_url and audience_uri, take metadata_url.
    client.sso.oidc.create_connection(
        organization_id=g.session.organization_id,
        display_name=request.form["display_name"],
        method_options=CreateConnectionRequestOptions(**on_behalf()),
    )
    return redirect(url_for("connections"), 303)


@app.post("/admin/connections/<connection_id>")
@signed_in_now
def update_connection(connection_id):
    changed = client.sso.oidc.update_connection(
        organization_id=g.session.organization_id,
        connection_id=connection_id,
        issuer=request.form["issuer"],
        client_id=request.form["client_id"],
        client_secret=request.form["client_secret"],
        method_options=UpdateConnectionRequestOptions(**on_behalf()),
    )
    # The server's own words go into the answer itself, not into an address.
    if changed.warning:
        return show_connections("saved", changed.warning)
    return redirect(url_for("connections", notice="saved"), 303)


@app.errorhandler(StytchError)
def refused(error):
    """What the server refused is said as it said it; what is wrong here is not for the visitor."""
    if error.details.status_code >= 500:
        abort(500)
    return render_template("refused.html", sentence=error.details.error_message), error.details.status_code
