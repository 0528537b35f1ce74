"""Responses in the shape of the identity providers that people connect: Microsoft, Google and the hosted directories.

Each function writes one provider's own order of elements, prefixes, namespaces, attribute names and signature style.
"""

import dsig
import keys
import message
import names as n
import xmlenc
from case import identity
from message import ACS, AUDIENCE, REQUEST, SESSION, USER, at

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
MS_CLAIMS = "http://schemas.microsoft.com/identity/claims/"
UNSPECIFIED_CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"


def finish(text, *signatures):
    """The text with its signatures made in the order given, and no mark left."""
    for target, style in signatures:
        text = dsig.sign(text, target, style)
    for target in ("_r", "_a"):
        text = message.unmarked(text, target)
    return text


def answers(request):
    return f' InResponseTo="{request}"' if request else ""


# --- Okta -----------------------------------------------------------------------------------------------------------


def okta(signed, request=REQUEST):
    issuer = '<saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"{}>http://www.okta.com/exk1a2b3c</saml2:Issuer>'
    declared = f' xmlns:saml2="{n.SAML}"'
    assertion = f"""<saml2:Assertion ID="_a" IssueInstant="{at(-1, '.412')}" Version="2.0"{declared} xmlns:xs="{n.XS}">{
    issuer.format(declared)}{{{{sign:_a}}}}<saml2:Subject{declared}><saml2:NameID Format="{n.EMAIL}">{USER}</saml2:NameID><saml2:SubjectConfirmation Method="{n.BEARER}"><saml2:SubjectConfirmationData{answers(request)} NotOnOrAfter="{at(299, '.412')}" Recipient="{ACS}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="{at(-301, '.412')}" NotOnOrAfter="{at(299, '.412')}"{declared}><saml2:AudienceRestriction><saml2:Audience>{AUDIENCE}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="{at(-9, '.412')}" SessionIndex="{SESSION}"{declared}><saml2:AuthnContext><saml2:AuthnContextClassRef>{n.PASSWORD}</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement{declared}><saml2:Attribute Name="firstName" NameFormat="{n.UNSPECIFIED_NAME}"><saml2:AttributeValue xmlns:xs="{n.XS}" xmlns:xsi="{n.XSI}" xsi:type="xs:string">Mary</saml2:AttributeValue></saml2:Attribute><saml2:Attribute Name="groups" NameFormat="{n.UNSPECIFIED_NAME}"><saml2:AttributeValue xmlns:xs="{n.XS}" xmlns:xsi="{n.XSI}" xsi:type="xs:string">Everyone</saml2:AttributeValue><saml2:AttributeValue xmlns:xs="{n.XS}" xmlns:xsi="{n.XSI}" xsi:type="xs:string">Engineering &amp; Ops</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement></saml2:Assertion>"""
    text = f"""<?xml version="1.0" encoding="UTF-8"?><saml2p:Response Destination="{ACS}" ID="_r"{answers(request)} IssueInstant="{at(-1, '.412')}" Version="2.0" xmlns:saml2p="{n.SAMLP}" xmlns:xs="{n.XS}">{
    issuer.format(declared)}{{{{sign:_r}}}}<saml2p:Status xmlns:saml2p="{n.SAMLP}"><saml2p:StatusCode Value="{n.SUCCESS}"/></saml2p:Status>{assertion}</saml2p:Response>"""
    style = dsig.Style(prefixes="xs", wrap=76)
    return finish(text, *[(target, style) for target in signed])


def write_okta(corpus):
    who = identity(USER, n.EMAIL, {"firstName": ["Mary"], "groups": ["Everyone", "Engineering & Ops"]})
    shape = dict(idp_entity_id="http://www.okta.com/exk1a2b3c")
    corpus.good("okta-both-signed", "Okta signs response and assertion", "InclusiveNamespaces names xs; the xs prefix is used in values only", okta(["_a", "_r"]), who, **shape)
    corpus.good("okta-assertion-signed", "Okta with the response left unsigned", "one signature on the assertion", okta(["_a"]), who, **shape)
    corpus.good("okta-response-signed", "Okta with the assertion left unsigned", "one signature on the response covers the assertion", okta(["_r"]), who, **shape)
    corpus.good("okta-idp-initiated", "Okta's dashboard tile", "no InResponseTo anywhere", okta(["_a", "_r"], None), who, request_id=None, **shape)


# --- Microsoft Entra ID and AD FS -----------------------------------------------------------------------------------


def claim(name, *values):
    return f'<Attribute Name="{name}">' + "".join(f"<AttributeValue>{value}</AttributeValue>" for value in values) + "</Attribute>"


def microsoft_assertion(issuer, name_id, claims, request, fraction, audience):
    """Default namespace, attributes in alphabetical order, AttributeStatement before AuthnStatement."""
    return f"""<Assertion xmlns="{n.SAML}" ID="_a" IssueInstant="{at(-2, fraction)}" Version="2.0"><Issuer>{issuer}</Issuer>{{{{sign:_a}}}}<Subject>{name_id}<SubjectConfirmation Method="{n.BEARER}"><SubjectConfirmationData{answers(request)} NotOnOrAfter="{at(3598, fraction)}" Recipient="{ACS}"/></SubjectConfirmation></Subject><Conditions NotBefore="{at(-302, fraction)}" NotOnOrAfter="{at(3598, fraction)}"><AudienceRestriction><Audience>{audience}</Audience></AudienceRestriction></Conditions><AttributeStatement>{claims}</AttributeStatement><AuthnStatement AuthnInstant="{at(-3600, fraction)}" SessionIndex="{SESSION}"><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion>"""


def microsoft_response(issuer, inside, request, fraction, consent=""):
    return f"""<samlp:Response ID="_r" Version="2.0" IssueInstant="{at(-2, fraction)}" Destination="{ACS}"{consent}{answers(request)} xmlns:samlp="{n.SAMLP}"><Issuer xmlns="{n.SAML}">{issuer}</Issuer>{{{{sign:_r}}}}<samlp:Status><samlp:StatusCode Value="{n.SUCCESS}"/></samlp:Status>{inside}</samlp:Response>"""


MICROSOFT_SIGNATURE = dsig.Style(prefix="")
TENANT = "9b1c2d3e-4f50-4a6b-8c7d-0e1f2a3b4c5d"
ENTRA = f"https://sts.windows.net/{TENANT}/"


def entra(signed, seal=None, request=REQUEST, name_id=USER, form=n.EMAIL, audience=AUDIENCE):
    claims = (
        claim(MS_CLAIMS + "tenantid", TENANT)
        + claim(MS_CLAIMS + "objectidentifier", "51d1d2a8-0f53-4a25-8b42-3e8b1e1f9d01")
        + claim(CLAIMS + "emailaddress", USER)
        + claim(CLAIMS + "givenname", "Märy")
        + claim("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", "0c7a-guid-1", "1d8b-guid-2")
    )
    subject = f'<NameID Format="{form}">{name_id}</NameID>'
    assertion = microsoft_assertion(ENTRA, subject, claims, request, ".337", audience)
    if "_a" in signed:
        assertion = dsig.sign(assertion, "_a", MICROSOFT_SIGNATURE)
    assertion = message.unmarked(assertion, "_a")
    if seal:
        assertion = xmlenc.encrypt(assertion, seal, saml="")
    text = microsoft_response(ENTRA, assertion, request, ".337")
    return finish(text, *[("_r", MICROSOFT_SIGNATURE) for target in signed if target == "_r"])


def entra_identity(name_id=USER, form=n.EMAIL):
    return identity(name_id, form, {
        MS_CLAIMS + "tenantid": [TENANT],
        MS_CLAIMS + "objectidentifier": ["51d1d2a8-0f53-4a25-8b42-3e8b1e1f9d01"],
        CLAIMS + "emailaddress": [USER],
        CLAIMS + "givenname": ["Märy"],
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups": ["0c7a-guid-1", "1d8b-guid-2"],
    })


def write_entra(corpus):
    shape = dict(idp_entity_id=ENTRA)
    seal = xmlenc.Seal(default_ds=True)
    guest = "mary_example.org#EXT#@contoso.onmicrosoft.com"
    corpus.good("entra-assertion-signed", "Entra ID's default", "URI claim names, default namespaces, AttributeStatement first", entra(["_a"]), entra_identity(), **shape)
    corpus.good("entra-response-signed", "Entra ID with 'sign response'", "the signature has no prefix and covers the root", entra(["_r"]), entra_identity(), **shape)
    corpus.good("entra-both-signed", "Entra ID with 'sign response and assertion'", "two signatures", entra(["_a", "_r"]), entra_identity(), **shape)
    corpus.good("entra-encrypted", "Entra ID with token encryption", "AES-256-CBC under RSA-OAEP with SHA-1, the provider's only choice", entra(["_a"], seal), entra_identity(), recipients=[keys.recipient()], **shape)
    corpus.good("entra-encrypted-response-signed", "Entra ID, encrypted, response signed", "the response's signature covers the encrypted form", entra(["_r"], seal), entra_identity(), recipients=[keys.recipient()], **shape)
    corpus.good("entra-guest", "An invited guest of an Entra tenant", "the NameID carries #EXT#", entra(["_a"], name_id=guest), entra_identity(guest), **shape)
    corpus.good("entra-spn-audience", "An old tenant that writes spn: before the audience", "alternative audience", entra(["_a"], audience="spn:" + AUDIENCE), entra_identity(), audiences=[AUDIENCE, "spn:" + AUDIENCE], **shape)


ADFS = "http://adfs.example.org/adfs/services/trust"


def adfs(seal, signed=("_a",), request=REQUEST, algorithm=n.RSA_SHA256, digest=n.SHA256):
    claims = claim(CLAIMS + "upn", "mary@corp.example.org") + claim(CLAIMS + "emailaddress", USER) + claim("http://schemas.xmlsoap.org/claims/Group", "Domain Users", "VPN")
    assertion = microsoft_assertion(ADFS, f'<NameID Format="{n.EMAIL}">{USER}</NameID>', claims, request, ".869", AUDIENCE)
    style = dsig.Style(algorithm=algorithm, digest=digest, prefixes="#default" if "_r" not in signed else None)
    if "_a" in signed:
        assertion = dsig.sign(assertion, "_a", style)
    assertion = message.unmarked(assertion, "_a")
    if seal:
        assertion = xmlenc.encrypt(assertion, seal, saml="")
    consent = ' Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified"'
    text = microsoft_response(ADFS, assertion, request, ".869", consent)
    return finish(text, *[("_r", style) for target in signed if target == "_r"])


def write_adfs(corpus):
    who = identity(USER, n.EMAIL, {
        CLAIMS + "upn": ["mary@corp.example.org"], CLAIMS + "emailaddress": [USER],
        "http://schemas.xmlsoap.org/claims/Group": ["Domain Users", "VPN"],
    })
    shape = dict(idp_entity_id=ADFS)
    hint = f'<KeyInfo xmlns="{n.DS}"><X509Data><X509IssuerSerial><X509IssuerName>CN=sso.example.com</X509IssuerName><X509SerialNumber>42</X509SerialNumber></X509IssuerSerial></X509Data></KeyInfo>'
    seal = xmlenc.Seal(prefix="xenc", default_ds=True, recipient_hint=hint)
    corpus.good("adfs-encrypted", "AD FS encrypts when our metadata offers a key", "OAEP with SHA-1, recipient named by issuer and serial", adfs(seal), who, recipients=[keys.recipient()], **shape)
    corpus.good("adfs-assertion-signed", "AD FS without encryption", "Consent attribute; PrefixList #default", adfs(None), who, **shape)
    corpus.good("adfs-message-and-assertion-signed", "AD FS with SamlResponseSignature MessageAndAssertion", "both are verified", adfs(None, ("_a", "_r")), who, **shape)
    corpus.good("adfs-sha1-legacy", "AD FS left at SHA-1, with the connection's switch on", "SHA-1 is accepted only by the switch", adfs(None, algorithm=n.RSA_SHA1, digest=n.SHA1), who, sha1=True, **shape)
    corpus.good("adfs-idp-initiated", "AD FS sign-on page", "unsolicited", adfs(None, request=None), who, request_id=None, **shape)


# --- Google Workspace -----------------------------------------------------------------------------------------------

GOOGLE = "https://accounts.google.com/o/saml2?idpid=C01a2b3c4"


def google(signed, request=REQUEST, attributes=True):
    value = f'<saml2:AttributeValue xmlns:xs="{n.XS}" xmlns:xsi="{n.XSI}" xsi:type="xs:anyType">'
    held = f'<saml2:AttributeStatement><saml2:Attribute Name="department">{value}R&amp;D</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement>' if attributes else ""
    text = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?><saml2p:Response xmlns:saml2p="{n.SAMLP}" Destination="{ACS}" ID="_r"{answers(request)} IssueInstant="{at(-3, '.058')}" Version="2.0"><saml2:Issuer xmlns:saml2="{n.SAML}">{GOOGLE}</saml2:Issuer>{{{{sign:_r}}}}<saml2p:Status><saml2p:StatusCode Value="{n.SUCCESS}"/></saml2p:Status><saml2:Assertion xmlns:saml2="{n.SAML}" ID="_a" IssueInstant="{at(-3, '.058')}" Version="2.0"><saml2:Issuer>{GOOGLE}</saml2:Issuer>{{{{sign:_a}}}}<saml2:Subject><saml2:NameID Format="{n.UNSPECIFIED}">{USER}</saml2:NameID><saml2:SubjectConfirmation Method="{n.BEARER}"><saml2:SubjectConfirmationData{answers(request)} NotOnOrAfter="{at(297, '.058')}" Recipient="{ACS}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="{at(-303, '.058')}" NotOnOrAfter="{at(297, '.058')}"><saml2:AudienceRestriction><saml2:Audience>{AUDIENCE}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>{held}<saml2:AuthnStatement AuthnInstant="{at(-7200, '.000')}" SessionIndex="{SESSION}"><saml2:AuthnContext><saml2:AuthnContextClassRef>{UNSPECIFIED_CLASS}</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement></saml2:Assertion></saml2p:Response>"""
    info = f'<ds:KeyInfo><ds:X509Data><ds:X509SubjectName>ST=California,C=US,OU=Google For Work,CN=Google,L=Mountain View,O=Google Inc.</ds:X509SubjectName><ds:X509Certificate>{dsig.wrapped(keys.idp().certificate_der(), dsig.Style(wrap=76))}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>'
    style = dsig.Style(wrap=76, key_info=info)
    return finish(text, *[(target, style) for target in signed])


def write_google(corpus):
    who = identity(USER, n.UNSPECIFIED, {"department": ["R&D"]})
    shape = dict(idp_entity_id=GOOGLE)
    corpus.good("google-assertion-signed", "Google Workspace's default", "xs:anyType values, X509SubjectName beside the certificate", google(["_a"]), who, **shape)
    corpus.good("google-response-signed", "Google Workspace with 'signed response'", "the signature covers the root only", google(["_r"]), who, **shape)
    corpus.good("google-no-attributes", "Google Workspace without attribute mapping", "no AttributeStatement at all", google(["_a"], attributes=False), identity(USER, n.UNSPECIFIED), **shape)
    corpus.good("google-idp-initiated", "Google's app launcher", "unsolicited", google(["_a"], None), who, request_id=None, **shape)


# --- JumpCloud and OneLogin -----------------------------------------------------------------------------------------


def write_jumpcloud(corpus):
    key = keys.rsa_key("JumpCloud", 4096)
    shape = message.BOTH.but(
        response_issuer="<saml:Issuer>My JumpCloud directory</saml:Issuer>",
        assertion_issuer="<saml:Issuer>My JumpCloud directory</saml:Issuer>",
        name_id=f'<saml:NameID Format="{n.UNSPECIFIED_10}">{USER}</saml:NameID>',
        attributes=message.attribute("email", USER) + message.attribute("memberOf", "all"),
        style=dsig.Style(key=key),
    )
    who = identity(USER, n.UNSPECIFIED_10, {"email": [USER], "memberOf": ["all"]})
    settings = dict(idp_entity_id="My JumpCloud directory", trusted=[key])
    corpus.good("jumpcloud-both-signed", "JumpCloud", "4096-bit key, an entity id that is no URI, the NameID format of SAML 1.0", shape.xml(), who, **settings)
    corpus.good("jumpcloud-assertion-signed", "JumpCloud, assertion only", "as above with one signature", shape.but(signed=("assertion",)).xml(), who, **settings)


def write_onelogin(corpus):
    issuer = "https://app.onelogin.com/saml/metadata/7c1f0a52"
    info = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{keys.idp().certificate_base64()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    shape = message.PLAIN.but(
        response_issuer=f"<saml:Issuer>{issuer}</saml:Issuer>",
        assertion_issuer=f"<saml:Issuer>{issuer}</saml:Issuer>",
        session_expires=at(86400),
        attributes=message.attribute("User.email", USER) + message.attribute("memberOf", "", kind="xs:string"),
        style=dsig.Style(algorithm=n.RSA_SHA512, digest=n.SHA512, key_info=info),
    )
    who = identity(USER, n.EMAIL, {"User.email": [USER], "memberOf": [""]})
    settings = dict(idp_entity_id=issuer)
    corpus.good("onelogin-sha512", "OneLogin with SHA-512", "RSA-SHA512 and a SHA-512 digest; SessionNotOnOrAfter; an empty value", shape.xml(), who, **settings)
    corpus.good("onelogin-sha256-response", "OneLogin signing the response", "SHA-256", shape.but(signed=("response",), style=dsig.PLAIN).xml(), who, **settings)
    corpus.good("onelogin-sha384", "OneLogin with SHA-384", "RSA-SHA384 and a SHA-384 digest", shape.but(style=dsig.Style(algorithm=n.RSA_SHA384, digest=n.SHA384)).xml(), who, **settings)


def write(corpus):
    write_okta(corpus)
    write_entra(corpus)
    write_adfs(corpus)
    write_google(corpus)
    write_jumpcloud(corpus)
    write_onelogin(corpus)
