"""Company sign-in for a FastAPI application: e-mail address, identity provider, session, sign-out, and the page on which a
customer's administrator connects their identity provider."""

import base64
import hashlib
import secrets
from typing import Annotated
from urllib.parse import urlencode

import jwt
from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from stytch.b2b.models.sessions import MemberSession
from stytch.b2b.models.sso import GetConnectionsRequestOptions
from stytch.b2b.models.sso_oidc import CreateConnectionRequestOptions, UpdateConnectionRequestOptions
from stytch.core.response_base import StytchError
from stytch.shared.method_options import Authorization

from vestibule import APP_URL, BASE, PUBLIC_TOKEN, client, organization_of

# Scripts do not read them. `lax` lets the provider's redirect through; it does not stop other sites' forms, `own_forms` does.
COOKIE = {"httponly": True, "samesite": "lax", "secure": APP_URL.startswith("https:"), "path": "/"}
VERIFIER = "pkce_verifier"

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)  # pages for people: their schema is for nobody
pages = Jinja2Templates(directory="templates")


def page(request, name, status_code=200, **values):
    return pages.TemplateResponse(request, f"{name}.html", values, status_code)


def away(path, **query):
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)


@app.middleware("http")
async def own_forms(request: Request, call_next):
    """What changes something is taken from our own pages alone: another site could sign visitors in as somebody else, or out. A
    `lax` cookie does not stop that: signing in needs none, and another port or subdomain counts as the same site. Browsers say
    where a request comes from; very old ones, and tools, do not, and are let through."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in ("GET", "HEAD", "OPTIONS") and site != "same-origin":
        return page(request, "refused", 403, sentence="This was sent from a page of another site.")
    return await call_next(request)


@app.middleware("http")
async def private(request: Request, call_next):
    """Pages about a person are in no cache, and an address with a token is told to nobody."""
    response = await call_next(request)
    if renewed := getattr(request.state, "renewed", None):
        keep(response, renewed)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


# --- sign-in ---------------------------------------------------------------------------------------------------------


@app.get("/")
async def home(request: Request, notice: str = ""):
    return page(request, "sign_in", notice=notice)


@app.post("/login")
async def login(request: Request, email: Annotated[str, Form()]):
    email = email.strip().lower()
    organization = await organization_of(email)
    if not organization:
        return page(request, "sign_in", 404, notice="unknown")

    # PKCE: only the browser that began can finish, because only it has the verifier.
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    connection = organization.sso_default_connection_id or organization.sso_active_connections[0].connection_id
    back = f"{APP_URL}/authenticate"
    response = away(
        f"{BASE}/v1/public/sso/start",
        public_token=PUBLIC_TOKEN,
        connection_id=connection,
        pkce_code_challenge=challenge,
        login_redirect_url=back,
        signup_redirect_url=back,
        login_hint=email,
    )
    response.set_cookie(VERIFIER, verifier, max_age=600, **COOKIE)
    return response


@app.get("/authenticate")
async def authenticate(request: Request, token: str = ""):
    verifier = request.cookies.get(VERIFIER)
    # A sign-in that nobody began here: from a tile at the provider, or somebody else's link. Begin a new one.
    if not verifier or not token:
        return away("/", notice="begin")
    answer = await client.sso.authenticate_async(
        sso_token=token, pkce_code_verifier=verifier, session_duration_minutes=8 * 60
    )
    # What the company asks for beside: go on with `answer.intermediate_session_token` (docs/guides/second-factors.md).
    if not answer.member_authenticated:
        return away("/", notice="second-factor")
    # Away from the address with the token, which is spent: a reload must not send it again.
    response = away("/account")
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


class NotSignedIn(Exception):
    """Raised by the dependencies below; the argument names the notice for the visitor."""


@app.exception_handler(NotSignedIn)
async def begin_again(_request: Request, error: NotSignedIn):
    return forget(away("/", notice=str(error)))


async def signed_in_now(request: Request) -> MemberSession:
    """Who asks, by the server's word: what was revoked a moment ago is refused, and the browser gets a fresh JWT."""
    token = request.cookies.get("session_token")
    if not token:
        raise NotSignedIn("sign-in")
    try:
        answer = await client.sessions.authenticate_async(session_token=token)
    except StytchError as error:
        if error.details.status_code != 404:
            raise
        raise NotSignedIn("again") from None
    request.state.renewed = answer
    return answer.member_session


async def signed_in(request: Request) -> MemberSession:
    """Who asks, by the JWT alone: signature against the project's published keys, issuer, audience and time, and no request to
    the server. The price: a JWT is good for five minutes after it was made, so whoever was signed out elsewhere, or removed,
    still gets in for up to five minutes. Where that is too long, depend on `signed_in_now`."""
    try:
        session = await client.sessions.authenticate_jwt_local_async(request.cookies.get("session_jwt", ""))
    except jwt.PyJWTError:
        session = None
    return session or await signed_in_now(request)


Visitor = Annotated[MemberSession, Depends(signed_in)]
VisitorNow = Annotated[MemberSession, Depends(signed_in_now)]


@app.get("/account")
async def account(request: Request, session: Visitor):
    who = {"organization_id": session.organization_id, "member_id": session.member_id}
    member = (await client.organizations.members.get_async(**who)).member
    organization = (await client.organizations.get_async(session.organization_id)).organization
    return page(request, "account", session=session, member=member, organization=organization)


@app.post("/logout")
async def logout(request: Request):
    if token := request.cookies.get("session_token"):
        try:
            await client.sessions.revoke_async(session_token=token)
        except StytchError:
            pass  # it had ended already
    return forget(away("/", notice="signed-out"))


# --- the customer's administrator connects their identity provider ----------------------------------------------------


def on_behalf(request):
    """With the member's own session beside our credentials, the server checks what this member may do."""
    return {"authorization": Authorization(session_token=request.cookies["session_token"])}


async def show_connections(request, session, notice, warning=""):
    options = GetConnectionsRequestOptions(**on_behalf(request))
    found = await client.sso.get_connections_async(session.organization_id, method_options=options)
    return page(request, "connections", connections=found.oidc_connections, notice=notice, warning=warning)


@app.get("/admin/connections")
async def connections(request: Request, session: VisitorNow, notice: str = ""):
    return await show_connections(request, session, notice)


@app.post("/admin/connections")
async def create_connection(request: Request, session: VisitorNow, display_name: Annotated[str, Form()]):
    # SAML is the same with client.sso.saml: show acs_url and audience_uri, take metadata_url.
    options = CreateConnectionRequestOptions(**on_behalf(request))
    await client.sso.oidc.create_connection_async(session.organization_id, display_name, method_options=options)
    return away("/admin/connections")


@app.post("/admin/connections/{connection_id}")
async def update_connection(
    request: Request,
    session: VisitorNow,
    connection_id: str,
    issuer: Annotated[str, Form()],
    client_id: Annotated[str, Form()],
    client_secret: Annotated[str, Form()],
):
    changed = await client.sso.oidc.update_connection_async(
        organization_id=session.organization_id,
        connection_id=connection_id,
        issuer=issuer,
        client_id=client_id,
        client_secret=client_secret,
        method_options=UpdateConnectionRequestOptions(**on_behalf(request)),
    )
    # The server's own words go into the answer itself, not into an address.
    if changed.warning:
        return await show_connections(request, session, "saved", changed.warning)
    return away("/admin/connections", notice="saved")


@app.exception_handler(StytchError)
async def refused(request: Request, error: StytchError):
    """What the server refused is said as it said it; what is wrong here is not for the visitor."""
    ours = error.details.status_code >= 500
    sentence = "Please try again." if ours else error.details.error_message
    return page(request, "refused", 500 if ours else error.details.status_code, sentence=sentence)
