"""An ordinary SAML response with a knob on every part that a case may want to turn."""

import dataclasses
import datetime
from xml.sax.saxutils import escape, quoteattr

import dsig
import names as n
import xmlenc

NOW = "2026-11-21T12:00:00Z"
IDP = "https://idp.example.org/saml/metadata"
ACS = "https://sso.example.com/v1/b2b/sso/callback/saml-connection-live-6d1c0f5e-4a3b-4c2d-9e8f-7a6b5c4d3e2f"
AUDIENCE = ACS
REQUEST = "_7f3d9a1c5e8b4260a1c2e3f405162738"
RESPONSE = "_response-5b1e0c7a9d2f4836"
ASSERTION = "_assertion-0a9b8c7d6e5f4132"
SESSION = "_session-1f2e3d4c5b6a"
USER = "mary@example.org"


def at(seconds=0, fraction=""):
    """A time of SAML, counted from the moment of judgement."""
    moment = datetime.datetime.fromisoformat(NOW) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


def attribute(name, *values, name_format=n.BASIC_NAME, friendly=None, kind="xs:string"):
    """One Attribute with its values; `kind` is the xsi:type, or None for none."""
    typed = f' xmlns:xs="{n.XS}" xmlns:xsi="{n.XSI}" xsi:type="{kind}"' if kind else ""
    written = "".join(f"<saml:AttributeValue{typed}>{escape(value)}</saml:AttributeValue>" for value in values)
    friendly = f" FriendlyName={quoteattr(friendly)}" if friendly else ""
    form = f' NameFormat="{name_format}"' if name_format else ""
    return f"<saml:Attribute Name={quoteattr(name)}{form}{friendly}>{written}</saml:Attribute>"


ATTRIBUTES = attribute("email", USER) + attribute("groups", "staff", "admins")
IDENTITY = {"email": [USER], "groups": ["staff", "admins"]}


@dataclasses.dataclass(frozen=True)
class Message:
    """A Response by SP-initiated sign-in. Texts are XML; None leaves an element or attribute out."""

    # Which of "assertion" and "response" are signed, in the order of signing.
    signed: tuple = ("assertion",)
    style: dsig.Style = dsig.PLAIN
    response_style: dsig.Style = None
    seal: xmlenc.Seal = None

    response_id: str = RESPONSE
    version: str = "2.0"
    issue_instant: str = at(-2)
    destination: str = ACS
    in_response_to: str = REQUEST
    response_issuer: str = f"<saml:Issuer>{IDP}</saml:Issuer>"
    response_attributes: str = ""
    extensions: str = ""
    status: str = f'<samlp:Status><samlp:StatusCode Value="{n.SUCCESS}"/></samlp:Status>'
    before_assertion: str = ""
    after_assertion: str = ""

    assertion_id: str = ASSERTION
    assertion_version: str = "2.0"
    assertion_instant: str = at(-2)
    assertion_issuer: str = f"<saml:Issuer>{IDP}</saml:Issuer>"
    assertion_attributes: str = ""
    name_id: str = f'<saml:NameID Format="{n.EMAIL}">{USER}</saml:NameID>'
    subject: str = None
    confirmation: str = None
    method: str = n.BEARER
    recipient: str = ACS
    confirmation_expires: str = at(300)
    confirmation_not_before: str = None
    confirmation_in_response_to: str = REQUEST
    confirmation_address: str = None
    more_confirmations: str = ""
    conditions: str = None
    not_before: str = at(-300)
    not_on_or_after: str = at(300)
    audiences: str = f"<saml:AudienceRestriction><saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction>"
    more_conditions: str = ""
    advice: str = ""
    authn_instant: str = at(-30)
    session_index: str = SESSION
    session_expires: str = None
    authn_statement: str = None
    attributes: str = ATTRIBUTES
    more_statements: str = ""

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def confirmation_xml(self):
        if self.confirmation is not None:
            return self.confirmation
        data = attributes(
            Address=self.confirmation_address,
            InResponseTo=self.confirmation_in_response_to,
            NotBefore=self.confirmation_not_before,
            NotOnOrAfter=self.confirmation_expires,
            Recipient=self.recipient,
        )
        return (
            f'<saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData{data}/>'
            "</saml:SubjectConfirmation>"
        )

    def subject_xml(self):
        if self.subject is not None:
            return self.subject
        return f"<saml:Subject>{self.name_id}{self.confirmation_xml()}{self.more_confirmations}</saml:Subject>"

    def conditions_xml(self):
        if self.conditions is not None:
            return self.conditions
        limits = attributes(NotBefore=self.not_before, NotOnOrAfter=self.not_on_or_after)
        return f"<saml:Conditions{limits}>{self.audiences}{self.more_conditions}</saml:Conditions>"

    def statements_xml(self):
        authn = self.authn_statement
        if authn is None:
            when = attributes(
                AuthnInstant=self.authn_instant,
                SessionIndex=self.session_index,
                SessionNotOnOrAfter=self.session_expires,
            )
            authn = (
                f"<saml:AuthnStatement{when}><saml:AuthnContext><saml:AuthnContextClassRef>{n.PASSWORD}"
                "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
            )
        held = f"<saml:AttributeStatement>{self.attributes}</saml:AttributeStatement>" if self.attributes else ""
        return authn + held + self.more_statements

    def assertion_xml(self):
        """The assertion alone, with the place of its signature marked."""
        head = attributes(ID=self.assertion_id, Version=self.assertion_version, IssueInstant=self.assertion_instant)
        return (
            f'<saml:Assertion xmlns:saml="{n.SAML}"{head}{self.assertion_attributes}>{self.assertion_issuer or ""}'
            f"{{{{sign:{self.assertion_id}}}}}{self.subject_xml()}{self.conditions_xml()}{self.advice}"
            f"{self.statements_xml()}</saml:Assertion>"
        )

    def wrap(self, assertion):
        """The response around whatever stands in the assertion's place."""
        head = attributes(
            ID=self.response_id,
            Version=self.version,
            IssueInstant=self.issue_instant,
            Destination=self.destination,
            InResponseTo=self.in_response_to,
        )
        return (
            f'<samlp:Response xmlns:samlp="{n.SAMLP}" xmlns:saml="{n.SAML}"{head}{self.response_attributes}>'
            f'{self.response_issuer or ""}{{{{sign:{self.response_id}}}}}{self.extensions}{self.status}'
            f"{self.before_assertion}{assertion}{self.after_assertion}</samlp:Response>"
        )

    def signed_assertion(self):
        """The assertion alone, signed when the message says so."""
        text = self.assertion_xml()
        if "assertion" in self.signed:
            text = dsig.sign(text, self.assertion_id, self.style)
        return unmarked(text, self.assertion_id)

    def xml(self):
        """The finished message."""
        if self.seal:
            text = self.wrap(xmlenc.encrypt(self.signed_assertion(), self.seal))
        else:
            # Signed where it stands: InclusiveNamespaces may name what only the response declares.
            signing = "assertion" in self.signed
            assertion = self.assertion_xml()
            text = self.wrap(assertion if signing else unmarked(assertion, self.assertion_id))
            if signing:
                text = dsig.sign(text, self.assertion_id, self.style)
        if "response" in self.signed:
            text = dsig.sign(text, self.response_id, self.response_style or self.style)
        return unmarked(text, self.response_id)


def unmarked(text, target):
    return text.replace(f"{{{{sign:{target}}}}}", "")


def attributes(**values):
    """Attributes in the order given, without those that are None."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


PLAIN = Message()
BOTH = Message(signed=("assertion", "response"))
RESPONSE_ONLY = Message(signed=("response",))
UNSIGNED = Message(signed=())
# Sent by the provider without our asking.
UNSOLICITED = Message(in_response_to=None, confirmation_in_response_to=None)
