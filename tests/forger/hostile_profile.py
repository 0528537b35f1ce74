"""The checks of core and profiles (security a.3): every message here is rightly signed and wrong in one respect."""

import message
import names as n
from message import ACS, AUDIENCE, BOTH, IDP, PLAIN, REQUEST, RESPONSE_ONLY, UNSOLICITED, at
from tree import replaced

OTHER_ACS = ACS.replace("6d1c0f5e", "ffffffff")
OTHER_IDP = "https://idp.example.net/saml/metadata"


def write(corpus):
    write_response(corpus)
    write_issuers(corpus)
    write_times(corpus)
    write_audience(corpus)
    write_confirmation(corpus)
    write_in_response_to(corpus)
    write_statements(corpus)


def audience(*values):
    return "<saml:AudienceRestriction>" + "".join(f"<saml:Audience>{value}</saml:Audience>" for value in values) + "</saml:AudienceRestriction>"


def write_response(corpus):
    kind = "version"
    for value in ("1.1", "2.1", "2", "", None):
        name = {None: "absent", "": "empty"}.get(value, value)
        corpus.hostile(kind, f"response-{name}", f"Version of the response: {name}", "core 3.2.2: 2.0", "response_version", PLAIN.but(version=value).xml())
        corpus.hostile(kind, f"assertion-{name}", f"Version of the assertion: {name}", "core 2.3.3: 2.0", "assertion_version", PLAIN.but(assertion_version=value).xml())

    kind = "destination"
    why = "bindings 3.5.5.2: the address is this connection's, in full and exactly"
    corpus.hostile(kind, "absent-response-signed", "No Destination on a signed response", "bindings 3.5.5.2: a signed message must have one", "destination_missing", RESPONSE_ONLY.but(destination=None).xml())
    for name, value in (
        ("other-connection", OTHER_ACS), ("other-host", ACS.replace("sso.example.com", "sso.example.net")), ("prefix", ACS[:-1]),
        ("longer", ACS + "/"), ("query", ACS + "?x=1"), ("http", ACS.replace("https:", "http:")), ("upper-case-host", ACS.replace("sso.example.com", "SSO.example.com")),
        ("port", ACS.replace("sso.example.com", "sso.example.com:443")), ("space", ACS + " "), ("empty", ""), ("user", ACS.replace("sso.", "sso.example.com@")),
    ):
        corpus.hostile(kind, name, f"Destination: {name}", why, "destination_mismatch", RESPONSE_ONLY.but(destination=value).xml())
    corpus.hostile(kind, "other-connection-unsigned", "An unsigned response to another connection", why, "destination_mismatch", PLAIN.but(destination=OTHER_ACS).xml())

    kind = "status"
    why = "core 3.2.2.2: only Success signs somebody in"

    def status(value, inner="", message_text=""):
        return f'<samlp:Status><samlp:StatusCode Value="{value}">{inner}</samlp:StatusCode>{message_text}</samlp:Status>'

    base = "urn:oasis:names:tc:SAML:2.0:status:"
    for name, text in (
        ("responder", status(base + "Responder")), ("requester", status(base + "Requester")), ("version-mismatch", status(base + "VersionMismatch")),
        ("success-below-responder", status(base + "Responder", f'<samlp:StatusCode Value="{n.SUCCESS}"/>')),
        ("authn-failed", status(base + "Responder", f'<samlp:StatusCode Value="{base}AuthnFailed"/>', "<samlp:StatusMessage>no</samlp:StatusMessage>")),
        ("success-suffix", status(n.SUCCESS + "ful")), ("success-lower-case", status(n.SUCCESS.lower())), ("empty", status("")),
    ):
        corpus.hostile(kind, name, f"Status: {name}", why, "provider_refused", BOTH.but(status=text).xml())
    corpus.hostile(kind, "absent", "No Status", why, "response_incomplete", BOTH.but(status="").xml())
    corpus.hostile(kind, "no-code", "Status without StatusCode", why, "response_incomplete", BOTH.but(status="<samlp:Status/>").xml())
    corpus.hostile(kind, "no-value", "StatusCode without Value", why, "response_incomplete", BOTH.but(status="<samlp:Status><samlp:StatusCode/></samlp:Status>").xml())
    no_assertion = RESPONSE_ONLY.wrap("")
    corpus.hostile(kind, "no-assertion", "Success without an assertion", "there is nobody to sign in", "no_assertion", no_assertion.replace(f"{{{{sign:{message.RESPONSE}}}}}", ""))


def write_issuers(corpus):
    kind = "issuer"
    why = "the entity id of the connection's provider, exactly"
    for name, value in (("other", OTHER_IDP), ("longer", IDP + "/"), ("prefix", IDP[:-1]), ("upper-case", IDP.upper()), ("no-break-space", f"\u00a0{IDP}"), ("inner-space", IDP.replace("/saml", "/ saml")), ("empty", "")):
        issuer = f"<saml:Issuer>{value}</saml:Issuer>"
        corpus.hostile(kind, f"assertion-{name}", f"Issuer of the assertion: {name}", why, "assertion_issuer_mismatch", PLAIN.but(assertion_issuer=issuer).xml())
        corpus.hostile(kind, f"response-{name}", f"Issuer of the response: {name}", why, "response_issuer_mismatch", PLAIN.but(response_issuer=issuer).xml())
    corpus.hostile(kind, "assertion-absent", "No Issuer on the assertion", "core 2.3.3: it is required there", "assertion_incomplete", PLAIN.but(assertion_issuer=None).xml())
    persistent = f'<saml:Issuer Format="{n.PERSISTENT}">{IDP}</saml:Issuer>'
    corpus.hostile(kind, "assertion-format", "Issuer of the persistent format", "profiles 4.1.4.2: an issuer is an entity", "issuer_format", PLAIN.but(assertion_issuer=persistent).xml())
    corpus.hostile(kind, "response-format", "Issuer of the response of the persistent format", "profiles 4.1.4.2: an issuer is an entity", "issuer_format", PLAIN.but(response_issuer=persistent).xml())


def write_times(corpus):
    kind = "issue-instant"
    corpus.hostile(kind, "response-future", "Response made in the future", "beyond the skew of 60 s", "issued_in_future", PLAIN.but(issue_instant=at(120)).xml())
    corpus.hostile(kind, "assertion-future", "Assertion made in the future", "beyond the skew of 60 s", "issued_in_future", PLAIN.but(assertion_instant=at(120)).xml())
    corpus.hostile(kind, "assertion-future-by-offset", "Made in the future, by its offset", "12:00 two hours behind is 14:00 here", "issued_in_future", UNSOLICITED.but(assertion_instant="2026-11-21T12:00:00-02:00").xml(), request_id=None)
    corpus.hostile(kind, "response-old", "Response made two days ago", "a day at most", "issued_too_long_ago", PLAIN.but(issue_instant=at(-172800)).xml())
    corpus.hostile(kind, "assertion-old", "Assertion made two days ago", "a day at most", "issued_too_long_ago", PLAIN.but(assertion_instant=at(-172800), not_before=None).xml())
    corpus.hostile(kind, "response-absent", "No IssueInstant on the response", "core 3.2.2", "response_incomplete", PLAIN.but(issue_instant=None).xml())
    corpus.hostile(kind, "assertion-absent", "No IssueInstant on the assertion", "core 2.3.3", "assertion_incomplete", PLAIN.but(assertion_instant=None).xml())
    for name, value in (
        ("no-zone", "2026-11-21T12:00:00"), ("offset-too-far", "2026-11-22T02:01:00+14:01"), ("offset-without-colon", "2026-11-21T13:00:00+0100"), ("offset-and-zone", "2026-11-21T12:00:00+00:00Z"), ("offset-of-hours", "2026-11-21T13:00:00+01"), ("date-only", "2026-11-21"), ("month-13", "2026-13-21T12:00:00Z"),
        ("hour-25", "2026-11-21T25:00:00Z"), ("february-30", "2026-02-30T12:00:00Z"), ("words", "now"), ("spaces", " 2026-11-21T12:00:00Z "), ("negative-year", "-2026-11-21T12:00:00Z"),
        ("five-digit-year", "12026-11-21T12:00:00Z"), ("lower-case", "2026-11-21t12:00:00z"), ("no-fraction-digits", "2026-11-21T12:00:00.Z"),
    ):
        corpus.hostile("malformed-time", name, f"IssueInstant: {name}", "core 1.3.3: a moment that everybody reads alike", "malformed_time", PLAIN.but(assertion_instant=value).xml())
    corpus.hostile("malformed-time", "not-on-or-after", "A NotOnOrAfter that is no time", "a time that cannot be read is not 'no limit'", "malformed_time", PLAIN.but(not_on_or_after="never").xml())
    corpus.hostile("malformed-time", "confirmation", "A NotOnOrAfter of the confirmation that is no time", "a time that cannot be read is not 'no limit'", "malformed_time", PLAIN.but(confirmation_expires="").xml())
    corpus.hostile("malformed-time", "session", "A SessionNotOnOrAfter that is no time", "a time that cannot be read is not 'no limit'", "malformed_time", PLAIN.but(session_expires="never").xml())

    kind = "conditions-time"
    corpus.hostile(kind, "not-yet-valid", "NotBefore lies ahead", "beyond the skew of 60 s", "not_yet_valid", PLAIN.but(not_before=at(120)).xml())
    corpus.hostile(kind, "expired", "NotOnOrAfter has passed", "beyond the skew of 60 s", "expired", PLAIN.but(not_on_or_after=at(-120)).xml())
    corpus.hostile(kind, "expired-by-offset", "NotOnOrAfter has passed, by its offset", "12:30 an hour ahead is 11:30 here", "expired", UNSOLICITED.but(not_on_or_after="2026-11-21T12:30:00+01:00").xml(), request_id=None)
    corpus.hostile(kind, "expired-at-the-limit", "NotOnOrAfter is exactly the skew ago", "'on' is too late", "expired", PLAIN.but(not_on_or_after=at(-60)).xml())
    corpus.hostile(kind, "expired-years-ago", "NotOnOrAfter is years ago", "an old message", "expired", PLAIN.but(not_before="2016-01-01T00:00:00Z", not_on_or_after="2016-01-01T00:05:00Z").xml())


def write_audience(corpus):
    kind = "audience"
    why = "core 2.5.1.4: at least one restriction, and each names us exactly: CVE-2026-41577"
    for name, value in (
        ("other", "https://app.example.net"), ("other-connection", OTHER_ACS), ("longer", AUDIENCE + "/"), ("prefix", AUDIENCE[:-1]),
        ("upper-case", AUDIENCE.upper()), ("indented-longer", f"\n  {AUDIENCE}/\n"), ("no-break-space", f"\u00a0{AUDIENCE}"), ("inner-space", AUDIENCE.replace("/v1", "/ v1")), ("empty", ""), ("spn", "spn:" + AUDIENCE),
    ):
        corpus.hostile(kind, name, f"Audience: {name}", why, "audience_mismatch", PLAIN.but(audiences=audience(value)).xml())
    corpus.hostile(kind, "second-restriction-other", "Two restrictions, one for somebody else", "between restrictions all must fit", "audience_mismatch", PLAIN.but(audiences=audience(AUDIENCE) + audience("urn:other")).xml())
    corpus.hostile(kind, "first-restriction-other", "Two restrictions, the first for somebody else", "between restrictions all must fit", "audience_mismatch", PLAIN.but(audiences=audience("urn:other") + audience(AUDIENCE)).xml())
    corpus.hostile(kind, "split-over-two", "One audience split over two elements", "values are not joined", "audience_mismatch", PLAIN.but(audiences=audience(AUDIENCE[:20], AUDIENCE[20:])).xml())
    corpus.hostile(kind, "no-restriction", "Conditions without AudienceRestriction", why, "audience_missing", PLAIN.but(audiences="").xml())
    corpus.hostile(kind, "no-audience", "AudienceRestriction without Audience", why, "assertion_incomplete", PLAIN.but(audiences=audience()).xml())
    corpus.hostile(kind, "no-conditions", "No Conditions", why, "conditions_missing", PLAIN.but(conditions="").xml())
    kind = "unknown-condition"
    for name, text in (
        ("other-namespace", '<x:Condition xmlns:x="urn:example:condition"/>'),
        ("xsi-type", f'<saml:Condition xmlns:xsi="{n.XSI}" xmlns:x="urn:example:condition" xsi:type="x:Weekdays"/>'),
        ("look-alike", '<OneTimeUse xmlns="urn:example:condition"/>'),
        ("no-namespace", '<AudienceRestriction xmlns=""/>'),
    ):
        corpus.hostile(kind, name, f"An unknown condition: {name}", "core 2.5.1.1: what is not understood makes the assertion invalid", "condition_unknown", PLAIN.but(more_conditions=text).xml())


def write_confirmation(corpus):
    kind = "subject-confirmation"
    why = "profiles 4.1.4.2: a bearer confirmation for us, still good: CVE-2026-1190"
    data = f'<saml:SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="{at(300)}" Recipient="{ACS}"/>'
    for name, title, shape, code in (
        ("no-subject", "No Subject", PLAIN.but(subject=""), "subject_missing"),
        ("none", "No SubjectConfirmation", PLAIN.but(confirmation=""), "bearer_confirmation_missing"),
        ("sender-vouches", "Only sender-vouches", PLAIN.but(method=n.SENDER_VOUCHES), "bearer_confirmation_missing"),
        ("holder-of-key", "Only holder-of-key", PLAIN.but(method=n.HOLDER_OF_KEY), "bearer_confirmation_missing"),
        ("method-upper-case", "The method in another case", PLAIN.but(method=n.BEARER.upper()), "bearer_confirmation_missing"),
        ("no-method", "No Method", PLAIN.but(confirmation=f"<saml:SubjectConfirmation>{data}</saml:SubjectConfirmation>"), "assertion_incomplete"),
        ("no-data", "No SubjectConfirmationData", PLAIN.but(confirmation=f'<saml:SubjectConfirmation Method="{n.BEARER}"/>'), "recipient_missing"),
        ("no-recipient", "No Recipient", PLAIN.but(recipient=None), "recipient_missing"),
        ("recipient-other", "Recipient of another connection", PLAIN.but(recipient=OTHER_ACS), "recipient_mismatch"),
        ("recipient-longer", "Recipient with a slash more", PLAIN.but(recipient=ACS + "/"), "recipient_mismatch"),
        ("recipient-empty", "An empty Recipient", PLAIN.but(recipient=""), "recipient_mismatch"),
        ("not-before-ahead", "NotBefore on the confirmation lies ahead", UNSOLICITED.but(confirmation_not_before=at(120)), "confirmation_not_before"),
        ("not-before-no-time", "NotBefore on the confirmation is no time", UNSOLICITED.but(confirmation_not_before="soon"), "malformed_time"),
        ("no-expiry", "No NotOnOrAfter", PLAIN.but(confirmation_expires=None), "confirmation_expiry_missing"),
        ("expired", "NotOnOrAfter has passed", PLAIN.but(confirmation_expires=at(-120)), "confirmation_expired"),
        ("expired-at-the-limit", "NotOnOrAfter is exactly the skew ago", PLAIN.but(confirmation_expires=at(-60)), "confirmation_expired"),
        ("expired-response-signed", "NotOnOrAfter has passed, response signed", RESPONSE_ONLY.but(confirmation_expires=at(-120)), "confirmation_expired"),
    ):
        asked = message.REQUEST if shape.in_response_to else None
        corpus.hostile(kind, name, title, why, code, shape.xml(), request_id=asked)
    other = PLAIN.confirmation_xml().replace(ACS, OTHER_ACS)
    late = PLAIN.confirmation_xml().replace(at(300), at(-300))
    corpus.hostile(kind, "two-halves", "Two confirmations, each wrong in another respect", "one confirmation must fit whole; told is what the better one lacks", "confirmation_expired", PLAIN.but(confirmation=other + late).xml())


def write_in_response_to(corpus):
    kind = "in-response-to"
    other = "_0000000000000000000000000000000"
    why = "profiles 4.1.4.3: both places name the pending request"
    for name, title, shape, code in (
        ("response-other", "The response answers another request", PLAIN.but(in_response_to=other), "in_response_to_mismatch"),
        ("confirmation-other", "The confirmation answers another request", PLAIN.but(confirmation_in_response_to=other), "in_response_to_mismatch"),
        ("both-other", "Both answer another request", PLAIN.but(in_response_to=other, confirmation_in_response_to=other), "in_response_to_mismatch"),
        ("response-absent", "The response answers nothing", PLAIN.but(in_response_to=None), "in_response_to_missing"),
        ("confirmation-absent", "The confirmation answers nothing", PLAIN.but(confirmation_in_response_to=None), "in_response_to_missing"),
        ("unsolicited-for-request", "An unsolicited response while a request is pending", UNSOLICITED, "in_response_to_missing"),
        ("empty", "An empty InResponseTo", PLAIN.but(in_response_to="", confirmation_in_response_to=""), "in_response_to_mismatch"),
        ("upper-case", "The request's id in another case", PLAIN.but(in_response_to=REQUEST.upper()), "in_response_to_mismatch"),
    ):
        corpus.hostile(kind, name, title, why, code, shape.xml())
    kind = "unsolicited"
    why = "an unsolicited response answers nothing: a stolen one would"
    for name, title, shape in (
        ("both", "A response to somebody's request, brought as unsolicited", PLAIN),
        ("response-only", "Only the response says what it answers", PLAIN.but(confirmation_in_response_to=None)),
        ("confirmation-only", "Only the confirmation says what it answers", PLAIN.but(in_response_to=None)),
        ("response-signed", "The same under a signed response", RESPONSE_ONLY),
        ("empty-and-both", "Empty on the response, a request in the confirmation", PLAIN.but(in_response_to="")),
        ("blank", "A space as InResponseTo", PLAIN.but(in_response_to=" ", confirmation_in_response_to=" ")),
        ("constant", "A constant that no request of ours is", PLAIN.but(in_response_to="_constant", confirmation_in_response_to="_constant")),
    ):
        corpus.hostile(kind, name, title, why, "in_response_to_unasked", shape.xml(), request_id=None)


def write_statements(corpus):
    kind = "authn-statement"
    corpus.hostile(kind, "absent", "No AuthnStatement", "profiles 4.1.4.2: the person authenticated", "authn_statement_missing", PLAIN.but(authn_statement="").xml())
    corpus.hostile(kind, "no-instant", "AuthnStatement without AuthnInstant", "core 2.7.2", "assertion_incomplete", PLAIN.but(authn_instant=None).xml())
    corpus.hostile(kind, "session-ended", "SessionNotOnOrAfter has passed", "the session at the provider is over", "session_expired", PLAIN.but(session_expires=at(-120)).xml())
    kind = "name-id"
    corpus.hostile(kind, "empty", "An empty NameID", "nobody's name", "name_id_empty", PLAIN.but(name_id=f'<saml:NameID Format="{n.EMAIL}"></saml:NameID>').xml())
    corpus.hostile(kind, "blank", "A NameID of white space", "nobody's name", "name_id_empty", UNSOLICITED.but(name_id=f'<saml:NameID Format="{n.EMAIL}">\n  \t </saml:NameID>').xml(), request_id=None)
    corpus.hostile(kind, "encrypted-id", "EncryptedID", "encrypt the whole assertion or nothing", "name_id_encrypted", PLAIN.but(name_id="<saml:EncryptedID/>").xml())
    corpus.hostile(kind, "base-id", "BaseID", "an abstract element", "assertion_unexpected_element", PLAIN.but(name_id="<saml:BaseID/>").xml())
    corpus.hostile(kind, "child-element", "An element inside the NameID", "only text is a name", "assertion_mixed_content", PLAIN.but(name_id=replaced(PLAIN.name_id, "mary@", "mary<x>@</x>")).xml())
    kind = "attributes"
    corpus.hostile(kind, "no-name", "An Attribute without Name", "core 2.7.3.1", "attribute_without_name", PLAIN.but(attributes="<saml:Attribute><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>").xml())
    corpus.hostile(kind, "foreign-child", "An unknown element inside an Attribute", "core 2.7.3.1", "assertion_unexpected_element", PLAIN.but(attributes='<saml:Attribute Name="a"><x>y</x></saml:Attribute>').xml())
