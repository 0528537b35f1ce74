"""Responses in the shape of the identity servers that people run themselves: Shibboleth, Keycloak, Ping and others."""

import base64

import dsig
import keys
import message
import names as n
import xmlenc
from case import identity
from good_idps import UNSPECIFIED_CLASS, answers, finish
from message import ACS, AUDIENCE, REQUEST, SESSION, USER, at

# --- Shibboleth -----------------------------------------------------------------------------------------------------

SHIBBOLETH = "https://idp.university.example/idp/shibboleth"
OPAQUE = "AAdzZWNyZXQxu0pXqv0kI3Zk8Qd1bU7mJQ=="
# Java writes the carriage return of its line ends as a character reference.
JAVA_WRAP = dict(wrap=76, newline="&#13;\n")


def oid(number, friendly, *values):
    held = "".join(f"<saml2:AttributeValue>{value}</saml2:AttributeValue>" for value in values)
    return f'<saml2:Attribute FriendlyName="{friendly}" Name="urn:oid:{number}" NameFormat="{n.URI_NAME}">{held}</saml2:Attribute>'


def shibboleth_assertion(request, style, name_id):
    head = f'xmlns:saml2="{n.SAML}" ID="_a" IssueInstant="{at(-1, ".201")}" Version="2.0" xmlns:xsd="{n.XS}"'
    values = (
        oid("1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName", "mary@university.example")
        + oid("0.9.2342.19200300.100.1.3", "mail", USER)
        + oid("1.3.6.1.4.1.5923.1.1.1.9", "eduPersonScopedAffiliation", "staff@university.example", "member@university.example")
    )
    text = f"""<saml2:Assertion {head}><saml2:Issuer>{SHIBBOLETH}</saml2:Issuer>{{{{sign:_a}}}}<saml2:Subject>{name_id}<saml2:SubjectConfirmation Method="{n.BEARER}"><saml2:SubjectConfirmationData Address="192.0.2.44"{answers(request)} NotOnOrAfter="{at(299, '.218')}" Recipient="{ACS}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="{at(-1, '.201')}" NotOnOrAfter="{at(299, '.201')}"><saml2:AudienceRestriction><saml2:Audience>{AUDIENCE}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="{at(-20, '.077')}" SessionIndex="{SESSION}"><saml2:SubjectLocality Address="192.0.2.44"/><saml2:AuthnContext><saml2:AuthnContextClassRef>{n.PASSWORD}</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement>{values}</saml2:AttributeStatement></saml2:Assertion>"""
    if style:
        text = dsig.sign(text, "_a", style)
    return message.unmarked(text, "_a")


def shibboleth(seal, signed=("_r",), request=REQUEST, transient=True):
    style = dsig.Style(prefixes="xsd", **JAVA_WRAP)
    name_id = f'<saml2:NameID Format="{n.TRANSIENT}" NameQualifier="{SHIBBOLETH}" SPNameQualifier="{AUDIENCE}">{OPAQUE}</saml2:NameID>' if transient else ""
    assertion = shibboleth_assertion(request, style if "_a" in signed else None, name_id)
    if seal:
        sealed = xmlenc.encrypt(assertion, seal, saml="saml2:")
        assertion = sealed.replace("<saml2:EncryptedAssertion>", f'<saml2:EncryptedAssertion xmlns:saml2="{n.SAML}">', 1)
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<saml2p:Response xmlns:saml2p="{n.SAMLP}" Destination="{ACS}" ID="_r"{answers(request)} IssueInstant="{at(-1, '.201')}" Version="2.0"><saml2:Issuer xmlns:saml2="{n.SAML}">{SHIBBOLETH}</saml2:Issuer>{{{{sign:_r}}}}<saml2p:Status><saml2p:StatusCode Value="{n.SUCCESS}"/></saml2p:Status>{assertion}</saml2p:Response>"""
    return finish(text, *[("_r", dsig.Style(**JAVA_WRAP)) for target in signed if target == "_r"])


def write_shibboleth(corpus):
    attributes = {
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": ["mary@university.example"],
        "urn:oid:0.9.2342.19200300.100.1.3": [USER],
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.9": ["staff@university.example", "member@university.example"],
    }
    who = identity(OPAQUE, n.TRANSIENT, attributes)
    settings = dict(idp_entity_id=SHIBBOLETH, recipients=[keys.recipient()])
    hint = f'<ds:KeyInfo xmlns:ds="{n.DS}"><ds:X509Data><ds:X509Certificate>{keys.recipient().certificate_base64()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>'
    old = xmlenc.Seal(data=n.AES128_CBC, layout="retrieval", recipient_hint=hint, wrap=76)
    new = xmlenc.Seal(data=n.AES128_GCM, layout="inside", recipient_hint=hint)
    corpus.good("shibboleth-encrypted-retrieval-method", "Shibboleth IdP 3, signed response", "EncryptedKey beside EncryptedData, found by RetrievalMethod; transient NameID", shibboleth(old), who, **settings)
    corpus.good("shibboleth-encrypted-gcm", "Shibboleth IdP 4 and 5, signed response", "AES-128-GCM", shibboleth(new), who, **settings)
    corpus.good("shibboleth-encrypted-sibling", "EncryptedKey beside EncryptedData without a pointer", "the only key there is", shibboleth(old.but(layout="sibling")), who, **settings)
    corpus.good("shibboleth-both-signed-encrypted", "Signed inside and outside of the encryption", "InclusiveNamespaces xsd inside the plaintext", shibboleth(new, ("_a", "_r")), who, **settings)
    corpus.good("shibboleth-assertion-signed-encrypted", "Signed inside of the encryption only", "the response around it is unsigned", shibboleth(new, ("_a",)), who, **settings)
    corpus.good("shibboleth-no-name-id", "A Shibboleth without NameID", "identity comes by attributes", shibboleth(new, transient=False), identity(None, None, attributes), **settings)
    corpus.good("shibboleth-unsolicited", "Shibboleth's unsolicited profile", "no InResponseTo", shibboleth(new, request=None), who, request_id=None, **settings)


# --- Keycloak -------------------------------------------------------------------------------------------------------

KEYCLOAK = "https://keycloak.example.org/realms/acme"


def keycloak(signed, request=REQUEST):
    numbers = keys.idp().public.public_numbers()
    modulus = base64.b64encode(numbers.n.to_bytes(256, "big")).decode()
    info = f"<dsig:KeyInfo><dsig:KeyName>0zbZ1m-kid</dsig:KeyName><dsig:X509Data><dsig:X509Certificate>{keys.idp().certificate_base64()}</dsig:X509Certificate></dsig:X509Data><dsig:KeyValue><dsig:RSAKeyValue><dsig:Modulus>{modulus}</dsig:Modulus><dsig:Exponent>AQAB</dsig:Exponent></dsig:RSAKeyValue></dsig:KeyValue></dsig:KeyInfo>"
    style = dsig.Style(prefix="dsig", key_info=info)

    def role(value):
        return f'<saml:Attribute FriendlyName="role" Name="Role" NameFormat="{n.BASIC_NAME}"><saml:AttributeValue xmlns:xs="{n.XS}" xmlns:xsi="{n.XSI}" xsi:type="xs:string">{value}</saml:AttributeValue></saml:Attribute>'

    roles = "".join(role(value) for value in ("manage-account", "view-profile", "offline_access"))
    groups = f'<saml:Attribute Name="groups" NameFormat="{n.BASIC_NAME}"><saml:AttributeValue>/eng</saml:AttributeValue><saml:AttributeValue>/eng/core</saml:AttributeValue></saml:Attribute>'
    text = f"""<samlp:Response xmlns:samlp="{n.SAMLP}" xmlns:saml="{n.SAML}" Destination="{ACS}" ID="_r"{answers(request)} IssueInstant="{at(-1, '.640')}" Version="2.0"><saml:Issuer>{KEYCLOAK}</saml:Issuer>{{{{sign:_r}}}}<samlp:Status><samlp:StatusCode Value="{n.SUCCESS}"/></samlp:Status><saml:Assertion xmlns="{n.SAML}" ID="_a" IssueInstant="{at(-1, '.639')}" Version="2.0"><saml:Issuer>{KEYCLOAK}</saml:Issuer>{{{{sign:_a}}}}<saml:Subject><saml:NameID Format="{n.PERSISTENT}">G-8d1f2a07-5c3e-4b9f-9c1a-3c0b7e6f8a55</saml:NameID><saml:SubjectConfirmation Method="{n.BEARER}"><saml:SubjectConfirmationData{answers(request)} NotOnOrAfter="{at(57, '.639')}" Recipient="{ACS}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at(-3, '.639')}" NotOnOrAfter="{at(57, '.639')}"><saml:AudienceRestriction><saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{at(-1, '.640')}" SessionIndex="{SESSION}" SessionNotOnOrAfter="{at(35999, '.640')}"><saml:AuthnContext><saml:AuthnContextClassRef>{UNSPECIFIED_CLASS}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{roles}{groups}</saml:AttributeStatement></saml:Assertion></samlp:Response>"""
    return finish(text, *[(target, style) for target in signed])


def write_keycloak(corpus):
    who = identity("G-8d1f2a07-5c3e-4b9f-9c1a-3c0b7e6f8a55", n.PERSISTENT, {
        "Role": ["manage-account", "view-profile", "offline_access"], "groups": ["/eng", "/eng/core"],
    })
    settings = dict(idp_entity_id=KEYCLOAK)
    corpus.good("keycloak-both-signed", "Keycloak signing document and assertion", "one Attribute element for each role; KeyName, certificate and KeyValue together", keycloak(["_a", "_r"]), who, **settings)
    corpus.good("keycloak-response-signed", "Keycloak's default", "the document alone is signed", keycloak(["_r"]), who, **settings)
    corpus.good("keycloak-idp-initiated", "Keycloak's unsolicited sign-in", "no InResponseTo", keycloak(["_a", "_r"], None), who, request_id=None, **settings)


# --- Ping, SimpleSAMLphp, Auth0, pysaml2 ----------------------------------------------------------------------------


def write_ping(corpus):
    shape = message.PLAIN.but(
        destination=None,
        response_issuer="<saml:Issuer>ping.example.org</saml:Issuer>",
        assertion_issuer="<saml:Issuer>ping.example.org</saml:Issuer>",
        name_id=f'<saml:NameID Format="{n.UNSPECIFIED}">mary</saml:NameID>',
        attributes=message.attribute("SAML_SUBJECT", "mary") + message.attribute("email", USER),
        style=dsig.Style(key_info="none", wrap=76),
    )
    who = identity("mary", n.UNSPECIFIED, {"SAML_SUBJECT": ["mary"], "email": [USER]})
    settings = dict(idp_entity_id="ping.example.org")
    corpus.good("ping-assertion-signed", "PingFederate's default", "no KeyInfo, no Destination on the unsigned response", shape.xml(), who, **settings)
    corpus.good("ping-response-signed", "PingFederate signing the response", "Destination is then there", shape.but(signed=("response",), destination=ACS).xml(), who, **settings)
    corpus.good("ping-encrypted", "PingFederate with encryption", "AES-256-CBC, response signed", shape.but(signed=("response",), destination=ACS, seal=xmlenc.PLAIN).xml(), who, recipients=[keys.recipient()], **settings)


def write_simplesamlphp(corpus):
    issuer = "https://ssp.example.org/saml2/idp/metadata.php"
    shape = message.BOTH.but(
        response_issuer=f"<saml:Issuer>{issuer}</saml:Issuer>",
        assertion_issuer=f"<saml:Issuer>{issuer}</saml:Issuer>",
        name_id=f'<saml:NameID SPNameQualifier="{AUDIENCE}" Format="{n.TRANSIENT}">_0f9e8d7c6b5a</saml:NameID>',
        session_expires=at(28800),
        attributes=message.attribute("uid", "mary") + message.attribute("eduPersonAffiliation", "member", "staff"),
    )
    spaced = shape.but(signed=()).xml()
    spaced = spaced.replace("><saml:", ">\n  <saml:").replace("><samlp:", ">\n  <samlp:").replace("></saml", ">\n  </saml")
    spaced = spaced.replace("</saml:Issuer>\n", "</saml:Issuer>{{sign:X}}\n", 2)
    first, second, third = spaced.split("{{sign:X}}")
    text = f"{first}{{{{sign:{message.RESPONSE}}}}}{second}{{{{sign:{message.ASSERTION}}}}}{third}\n"
    text = dsig.sign(dsig.sign(text, message.ASSERTION), message.RESPONSE)
    who = identity("_0f9e8d7c6b5a", n.TRANSIENT, {"uid": ["mary"], "eduPersonAffiliation": ["member", "staff"]})
    corpus.good("simplesamlphp-both-signed", "SimpleSAMLphp", "transient NameID, both signed", shape.xml(), who, idp_entity_id=issuer)
    corpus.good("simplesamlphp-indented", "A pretty-printed response", "white space between elements is signed with the rest", text, who, idp_entity_id=issuer)


def write_auth0(corpus):
    issuer = "urn:acme.eu.auth0.com"

    def claim(name, value, kind):
        return f'<saml:Attribute Name="{name}" NameFormat="{n.URI_NAME}"><saml:AttributeValue xmlns:xs="{n.XS}" xmlns:xsi="{n.XSI}" xsi:type="{kind}">{value}</saml:AttributeValue></saml:Attribute>'

    claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
    held = (
        claim(claims + "emailaddress", USER, "xs:string")
        + claim("http://schemas.auth0.com/email_verified", "true", "xs:boolean")
        + claim("http://schemas.auth0.com/logins_count", "17", "xs:double")
        + claim("http://schemas.auth0.com/updated_at", "Sat Nov 21 2026", "xs:anyType")
    )
    shape = message.PLAIN.but(
        response_issuer=f"<saml:Issuer>{issuer}</saml:Issuer>",
        assertion_issuer=f"<saml:Issuer>{issuer}</saml:Issuer>",
        name_id=f'<saml:NameID Format="{n.UNSPECIFIED}">auth0|65f0a1b2c3d4</saml:NameID>',
        attributes=held,
        style=dsig.Style(prefix=""),
    )
    who = identity("auth0|65f0a1b2c3d4", n.UNSPECIFIED, {
        claims + "emailaddress": [USER], "http://schemas.auth0.com/email_verified": ["true"],
        "http://schemas.auth0.com/logins_count": ["17"], "http://schemas.auth0.com/updated_at": ["Sat Nov 21 2026"],
    })
    corpus.good("auth0-assertion-signed", "Auth0 as an identity provider", "typed values, signature without a prefix", shape.xml(), who, idp_entity_id=issuer)
    corpus.good("auth0-idp-initiated", "Auth0, unsolicited", "no InResponseTo", shape.but(in_response_to=None, confirmation_in_response_to=None).xml(), who, request_id=None, idp_entity_id=issuer)


def write_pysaml2(corpus):
    shape = message.BOTH.but(style=dsig.Style(prefix="ns2", declare=False, wrap=64), signed=())
    text = shape.xml().replace("samlp:", "ns0:").replace("saml:", "ns1:")
    text = text.replace("xmlns:samlp=", "xmlns:ns0=", 1).replace("xmlns:saml=", f'xmlns:ns2="{n.DS}" xmlns:ns1=', 1)
    # The assertion declares nothing of its own: its prefixes are the response's.
    text = text.replace(f'<ns1:Assertion xmlns:saml="{n.SAML}"', "<ns1:Assertion")
    response, assertion, rest = text.split("</ns1:Issuer>")
    text = f"{response}</ns1:Issuer>{{{{sign:{message.RESPONSE}}}}}{assertion}</ns1:Issuer>{{{{sign:{message.ASSERTION}}}}}{rest}"
    text = dsig.sign(dsig.sign(text, message.ASSERTION, shape.style), message.RESPONSE, shape.style)
    corpus.good("pysaml2-numbered-prefixes", "pysaml2", "prefixes ns0, ns1, ns2, all declared on the root", text, identity(USER, n.EMAIL, message.IDENTITY))


def write(corpus):
    write_shibboleth(corpus)
    write_keycloak(corpus)
    write_ping(corpus)
    write_simplesamlphp(corpus)
    write_auth0(corpus)
    write_pysaml2(corpus)
