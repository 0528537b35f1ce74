"""What the profiles leave open and providers use: times, confirmations, audiences, statements, values."""

import message
import names as n
from case import identity
from message import ACS, AUDIENCE, BOTH, IDENTITY, PLAIN, RESPONSE_ONLY, UNSOLICITED, USER, at, attribute

WHO = identity(USER, n.EMAIL, IDENTITY)
EVERYWHERE = "https://sso.example.com/v1/b2b/sso/callback/saml-connection-live-00000000-0000-4000-8000-000000000000"


def write_flow(corpus):
    for name, shape in (("assertion", PLAIN), ("response", RESPONSE_ONLY), ("both", BOTH)):
        corpus.good(f"solicited-{name}-signed", f"Answer to our request, signed: {name}", "InResponseTo names the request in both places", shape.xml(), WHO)
        free = shape.but(in_response_to=None, confirmation_in_response_to=None)
        corpus.good(f"unsolicited-{name}-signed", f"Started by the provider, signed: {name}", "InResponseTo nowhere", free.xml(), WHO, request_id=None)
    other = "https://login.example.com/saml/acs"
    moved = PLAIN.but(destination=other, recipient=other)
    corpus.good("alternative-acs", "Sent to the alternative ACS URL", "a migrated connection keeps the old address", moved.xml(), WHO, acs_urls=[ACS, other])
    aliased = PLAIN.but(audiences="<saml:AudienceRestriction><saml:Audience>urn:old:audience</saml:Audience></saml:AudienceRestriction>")
    corpus.good("alternative-audience", "Written for the alternative audience", "a migrated connection keeps the old name", aliased.xml(), WHO, audiences=[AUDIENCE, "urn:old:audience"])
    corpus.good("response-issuer-absent", "No Issuer on the response", "it is optional there", PLAIN.but(response_issuer=None).xml(), WHO)
    entity = f'<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{message.IDP}</saml:Issuer>'
    corpus.good("issuer-format-entity", "Issuer with the entity format", "the only format that an issuer may have", PLAIN.but(response_issuer=entity, assertion_issuer=entity).xml(), WHO)
    indented = f"<saml:Issuer>\n      {message.IDP}\n    </saml:Issuer>"
    corpus.good("issuer-indented", "Line ends and spaces around the Issuer", "xs:anyURI has no white space around it: whoever indents XML writes some", UNSOLICITED.but(response_issuer=indented, assertion_issuer=indented.replace("\n", "\t\r\n")).xml(), WHO, request_id=None)
    corpus.good("unsolicited-in-response-to-empty", "An empty InResponseTo, started by the provider", "it names no request", PLAIN.but(in_response_to="", confirmation_in_response_to="").xml(), WHO, request_id=None)
    corpus.good("unsolicited-in-response-to-empty-response-signed", "The same, response signed", "it names no request", RESPONSE_ONLY.but(in_response_to="", confirmation_in_response_to=None).xml(), WHO, request_id=None)
    corpus.good("destination-absent", "No Destination on an unsigned response", "it is required only of signed messages", PLAIN.but(destination=None).xml(), WHO)
    status = f'<samlp:Status><samlp:StatusCode Value="{n.SUCCESS}"/><samlp:StatusMessage>Signed in</samlp:StatusMessage></samlp:Status>'
    corpus.good("status-message", "Success with a message", "StatusMessage is optional", PLAIN.but(status=status).xml(), WHO)


def write_times(corpus):
    for digits in (1, 3, 6, 7):
        fraction = "." + "1234567"[:digits]
        shape = PLAIN.but(
            issue_instant=at(-2, fraction), assertion_instant=at(-2, fraction), not_before=at(-300, fraction),
            not_on_or_after=at(300, fraction), confirmation_expires=at(300, fraction), authn_instant=at(-30, fraction),
        )
        corpus.good(f"time-fraction-{digits}", f"Times with {digits} digits of a second", ".NET writes seven", shape.xml(), WHO)
    for name, zone, shift in (("ahead", "+11:00", 39600), ("behind", "-03:30", -12600), ("zero", "+00:00", 0)):
        def moment(seconds):
            return at(seconds + shift, ".8091395").replace("Z", zone)
        shape = UNSOLICITED.but(
            issue_instant=moment(-2), assertion_instant=moment(-2), not_before=moment(-300),
            not_on_or_after=moment(300), confirmation_expires=moment(300), authn_instant=moment(-30),
        )
        corpus.good(f"time-offset-{name}", f"Times with the offset {zone}", "the same moment, written by a clock in another place", shape.xml(), WHO, request_id=None)
    early = PLAIN.but(issue_instant=at(45), assertion_instant=at(45), not_before=at(45))
    corpus.good("time-clock-ahead", "The provider's clock is 45 s ahead", "within the skew of 60 s", early.xml(), WHO)
    late = PLAIN.but(not_on_or_after=at(-45), confirmation_expires=at(-45))
    corpus.good("time-clock-behind", "The provider's clock is 45 s behind", "within the skew of 60 s", late.xml(), WHO)
    corpus.good("time-conditions-unlimited", "Conditions without times", "the confirmation limits the message", PLAIN.but(not_before=None, not_on_or_after=None).xml(), WHO)
    corpus.good("time-session-expires", "SessionNotOnOrAfter", "it limits the session later", PLAIN.but(session_expires=at(3600)).xml(), WHO)


def write_subject(corpus):
    data = f'<saml:SubjectConfirmationData InResponseTo="{message.REQUEST}" NotOnOrAfter="{at(300)}" Recipient="{ACS}"/>'
    ours = f'<saml:SubjectConfirmation Method="{n.BEARER}">{data}</saml:SubjectConfirmation>'
    vouched = f'<saml:SubjectConfirmation Method="{n.SENDER_VOUCHES}"/>'
    other = ours.replace(ACS, EVERYWHERE)
    corpus.good("confirmation-second-is-bearer", "Another method first", "any one bearer confirmation that fits is enough", PLAIN.but(confirmation=vouched + ours).xml(), WHO)
    corpus.good("confirmation-for-another-first", "A bearer confirmation for another recipient first", "any one that fits is enough", PLAIN.but(confirmation=other + ours).xml(), WHO)
    corpus.good("confirmation-address", "SubjectConfirmationData with Address", "the address of the browser is not checked: proxies change it", PLAIN.but(confirmation_address="192.0.2.7").xml(), WHO)
    corpus.good("confirmation-not-before", "NotBefore on the confirmation, which has passed", "profiles 4.1.4.2 wants none; once it has passed there is nothing to obey", UNSOLICITED.but(confirmation_not_before=at(-300)).xml(), WHO, request_id=None)
    corpus.good("confirmation-not-before-now", "NotBefore on the confirmation, within the skew", "clocks differ", UNSOLICITED.but(confirmation_not_before=at(45)).xml(), WHO, request_id=None)
    spaced = f'<saml:NameID Format="{n.EMAIL}">\n        {USER}\t&#13;\n      </saml:NameID>'
    corpus.good("name-id-indented", "Line ends and spaces around the NameID", "the name is the same", UNSOLICITED.but(name_id=spaced).xml(), WHO, request_id=None)
    corpus.good("name-id-absent", "No NameID", "identity comes by attributes", PLAIN.but(name_id="").xml(), identity(None, None, IDENTITY))
    corpus.good("name-id-no-format", "NameID without Format", "the format is then absent, which means unspecified", PLAIN.but(name_id=f"<saml:NameID>{USER}</saml:NameID>").xml(), identity(USER, None, IDENTITY))
    for name, form, value in (("persistent", n.PERSISTENT, "Zk9-0a1b2c"), ("transient", n.TRANSIENT, "_7d6e5f4a3b"), ("unspecified", n.UNSPECIFIED, "mary")):
        shape = PLAIN.but(name_id=f'<saml:NameID Format="{form}" NameQualifier="{message.IDP}" SPNameQualifier="{AUDIENCE}">{value}</saml:NameID>')
        corpus.good(f"name-id-{name}", f"A {name} NameID with qualifiers", form, shape.xml(), identity(value, form, IDENTITY))
    odd = "o'brien+x@example.org"
    corpus.good("name-id-escaped", "NameID with references", "&apos; and &#43; are resolved once", PLAIN.but(name_id=f'<saml:NameID Format="{n.EMAIL}">o&apos;brien&#43;x@example.org</saml:NameID>').xml(), identity(odd, n.EMAIL, IDENTITY))


def write_conditions(corpus):
    several = f"<saml:AudienceRestriction><saml:Audience>urn:somebody:else</saml:Audience><saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction>"
    corpus.good("audience-among-several", "Our audience is one of two", "inside a restriction any one is enough", PLAIN.but(audiences=several).xml(), WHO)
    spaced = f"<saml:AudienceRestriction>\n  <saml:Audience>\n    {AUDIENCE}\n  </saml:Audience>\n</saml:AudienceRestriction>"
    corpus.good("audience-indented", "Line ends and spaces around the Audience", "xs:anyURI has no white space around it", UNSOLICITED.but(audiences=spaced).xml(), WHO, request_id=None)
    corpus.good("audience-two-restrictions", "Two restrictions, both name us", "between restrictions all must fit", PLAIN.but(audiences=PLAIN.audiences * 2).xml(), WHO)
    corpus.good("condition-one-time-use", "OneTimeUse", "every assertion is used once here", PLAIN.but(more_conditions="<saml:OneTimeUse/>").xml(), WHO)
    corpus.good("condition-proxy-restriction", "ProxyRestriction", "it limits what we would issue in turn: nothing", PLAIN.but(more_conditions='<saml:ProxyRestriction Count="0"/>').xml(), WHO)


def write_statements(corpus):
    corpus.good("session-index-absent", "No SessionIndex", "it is optional", PLAIN.but(session_index=None).xml(), identity(USER, n.EMAIL, IDENTITY, session_index=None))
    corpus.good("attributes-absent", "No AttributeStatement", "the NameID is all there is", PLAIN.but(attributes="").xml(), identity(USER, n.EMAIL))
    split = attribute("groups", "one") + attribute("email", USER) + attribute("groups", "two", "three")
    corpus.good("attributes-repeated", "One name in two Attribute elements", "their values are joined in order", PLAIN.but(attributes=split).xml(), identity(USER, n.EMAIL, {"groups": ["one", "two", "three"], "email": [USER]}))
    second = f"<saml:AttributeStatement>{attribute('title', 'Engineer')}</saml:AttributeStatement>"
    corpus.good("attributes-two-statements", "Two AttributeStatements", "their attributes are joined", PLAIN.but(more_statements=second).xml(), identity(USER, n.EMAIL, {**IDENTITY, "title": ["Engineer"]}))
    written = attribute("a", "x & <y> \"z\" 'q'", kind=None) + attribute("b", "Grüße, 世界 👋") + attribute("c", "  spaced\tout  ")
    corpus.good("attributes-characters", "Escapes, scripts and white space in values", "values are taken as they are", PLAIN.but(attributes=written).xml(), identity(USER, n.EMAIL, {"a": ["x & <y> \"z\" 'q'"], "b": ["Grüße, 世界 👋"], "c": ["  spaced\tout  "]}))
    empty = "<saml:Attribute Name=\"none\"/>" + attribute("email", USER)
    corpus.good("attributes-without-value", "An Attribute without a value", "it is there and has none", PLAIN.but(attributes=empty).xml(), identity(USER, n.EMAIL, {"none": [], "email": [USER]}))
    many = attribute("groups", *[f"group-{i:04}" for i in range(600)])
    corpus.good("attributes-many-values", "Six hundred groups", "well below the limits", PLAIN.but(attributes=many).xml(), identity(USER, n.EMAIL, {"groups": [f"group-{i:04}" for i in range(600)]}))
    context = (
        f'<saml:AuthnStatement AuthnInstant="{at(-30)}" SessionIndex="{message.SESSION}"><saml:SubjectLocality Address="192.0.2.7"/>'
        f"<saml:AuthnContext><saml:AuthnContextClassRef>{n.PASSWORD}</saml:AuthnContextClassRef><saml:AuthenticatingAuthority>"
        "https://upstream.example.net</saml:AuthenticatingAuthority></saml:AuthnContext></saml:AuthnStatement>"
    )
    corpus.good("authn-statement-full", "SubjectLocality and AuthenticatingAuthority", "informative parts", PLAIN.but(authn_statement=context).xml(), WHO)


def write_octets(corpus):
    declared = '<?xml version="1.0" encoding="utf-8"?>\n'
    corpus.good("octets-declaration", "With an XML declaration and a line end", "lower-case encoding name", declared + PLAIN.xml() + "\n", WHO)
    misspelt = '<?xml version="1.0" encoding="UTF8"?>'
    corpus.good("octets-declared-utf8", "encoding=\"UTF8\"", "the usual misspelling of what it is", misspelt + UNSOLICITED.xml(), WHO, request_id=None)
    single = PLAIN.xml().replace(' Version="2.0" IssueInstant', " Version='2.0'  \n  IssueInstant")
    corpus.good("octets-quotes-and-spaces", "Single quotes and line ends between attributes", "canonical form is the same", single, WHO)
    expanded = PLAIN.xml().replace("/>", "></samlp:StatusCode>", 1)
    corpus.good("octets-empty-element", "An empty element with an end tag", "canonical form is the same", expanded, WHO)


def write(corpus):
    write_flow(corpus)
    write_times(corpus)
    write_subject(corpus)
    write_conditions(corpus)
    write_statements(corpus)
    write_octets(corpus)
