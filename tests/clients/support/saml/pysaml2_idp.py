"""A small identity provider out of PyPI's pysaml2: its Server does SAML, the page around it is ours.

CUSTOMER_HOME holds key.pem, certificate.pem, people.json, idp.json (what it takes from everybody) and, once a service
provider is known, sp.xml and sp.json (how that one is answered).
"""

import functools
import html
import json
import os
import pathlib
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import saml2.entity
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_BASIC, NameID
from saml2.server import Server

HOME = pathlib.Path(os.environ["CUSTOMER_HOME"])
ORIGIN = os.environ["CUSTOMER_ORIGIN"]
PEOPLE = json.loads((HOME / "people.json").read_text())
PASSWORD_CONTEXT = {"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"}
# What xmlsec1 calls the keys of the algorithms; the product itself knows only the first.
SESSION_KEYS = {
    "http://www.w3.org/2001/04/xmlenc#tripledes-cbc": "des-192",
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc": "aes-128",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc": "aes-256",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm": "aes-128",
    "http://www.w3.org/2009/xmlenc11#aes256-gcm": "aes-256",
}
TRIPLE_DES, PRE_ENCRYPTION_PART = next(iter(SESSION_KEYS)), saml2.entity.pre_encryption_part


def configuration(settings):
    chosen = json.loads((HOME / "idp.json").read_text())
    bindings = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST}
    sp = HOME / "sp.xml"
    return IdPConfig().load({
        "entityid": f"{ORIGIN}/metadata",
        "key_file": str(HOME / "key.pem"),
        "cert_file": str(HOME / "certificate.pem"),
        "xmlsec_binary": os.environ.get("XMLSEC1", "/usr/bin/xmlsec1"),
        "metadata": {"local": [str(sp)]} if sp.exists() else {},
        **({"valid_for": chosen["valid_hours"]} if chosen["valid_hours"] else {}),
        "service": {"idp": {
            "signing_algorithm": settings.get("algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
            "digest_algorithm": settings.get("digest", "http://www.w3.org/2001/04/xmlenc#sha256"),
            "endpoints": {
                "single_sign_on_service": [(f"{ORIGIN}/sso", bindings[name]) for name in chosen["bindings"]],
            },
            "want_authn_requests_signed": chosen["signed_requests"],
            "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_BASIC}},
        }},
    })


class Provider:
    """The product as it is configured at this moment."""

    def __init__(self):
        found = HOME / "sp.json"
        self.settings = json.loads(found.read_text()) if found.exists() else {}
        self.config = configuration(self.settings)
        self.server = Server(config=self.config)
        encryption = self.settings.get("encrypt") or TRIPLE_DES
        saml2.entity.pre_encryption_part = functools.partial(PRE_ENCRYPTION_PART, msg_enc=encryption)
        self.server.sec.encrypt_assertion = functools.partial(
            self.server.sec.encrypt_assertion, key_type=SESSION_KEYS[encryption]
        )

    def metadata(self):
        return str(entity_descriptor(self.config))

    def addressee(self, parameters, method):
        """Whom to answer: out of a request, or out of the metadata when somebody starts here."""
        if "SAMLRequest" not in parameters:
            binding, destination = self.server.pick_binding(
                "assertion_consumer_service", [BINDING_HTTP_POST], "spsso", entity_id=self.settings["sp_entity_id"]
            )
            return {
                "in_response_to": None, "sp_entity_id": self.settings["sp_entity_id"], "destination": destination,
                "binding": binding,
            }
        redirect = method == "GET"
        request = self.server.parse_authn_request(
            parameters["SAMLRequest"],
            BINDING_HTTP_REDIRECT if redirect else BINDING_HTTP_POST,
            relay_state=parameters.get("RelayState"),
            sigalg=parameters.get("SigAlg"),
            signature=parameters.get("Signature"),
        )
        return self.server.response_args(request.message, [BINDING_HTTP_POST])

    def answer(self, login, parameters, method):
        person, sign = PEOPLE[login], self.settings.get("sign", "assertion")
        addressee = self.addressee(parameters, method)
        binding = addressee.pop("binding")
        nameid_format = self.settings["name_id"]
        name = person["email"] if nameid_format.endswith("emailAddress") else f"pysaml2-{login}"
        response = self.server.create_authn_response(
            {
                "email": [person["email"]], "first": [person["first"]], "last": [person["last"]],
                "groups": person["groups"],
            },
            userid=login,
            name_id=NameID(format=nameid_format, text=name),
            authn=PASSWORD_CONTEXT,
            sign_response=sign != "assertion",
            sign_assertion=sign != "response",
            encrypt_assertion=bool(self.settings.get("encrypt")),
            **addressee,
        )
        return self.server.apply_binding(
            binding, str(response), addressee["destination"], parameters.get("RelayState", ""), response=True
        )["data"]


class Pages(BaseHTTPRequestHandler):
    waiting = []

    def do_GET(self):
        self.guarded(dict(parse_qs(urlsplit(self.path).query, keep_blank_values=True)))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.guarded(parse_qs(body, keep_blank_values=True))

    def guarded(self, parameters):
        try:
            self.page(urlsplit(self.path), {name: values[0] for name, values in parameters.items()})
        except Exception:
            self.send(500, "text/plain", f"pysaml2: {traceback.format_exc()}")

    def page(self, url, parameters):
        if url.path == "/metadata":
            self.send(200, "application/samlmetadata+xml", Provider().metadata())
        elif url.path in ("/sso", "/initiate"):
            self.waiting.append((parameters, self.command))
            form = (HOME / "login.html").read_text()
            self.send(200, "text/html", form.replace("TICKET", html.escape(str(len(self.waiting) - 1))))
        elif url.path == "/login" and PEOPLE.get(parameters["username"], {}).get("password") == parameters["password"]:
            pending, method = self.waiting[int(parse_qs(url.query)["ticket"][0])]
            self.send(200, "text/html", Provider().answer(parameters["username"], pending, method))
        else:
            self.send(403 if url.path == "/login" else 404, "text/plain", "no")

    def send(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", f"{kind}; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Pages).serve_forever()
