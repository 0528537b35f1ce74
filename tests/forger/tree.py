"""Moving the parts of a signed message about, without touching what the signature covers."""

import copy
import re

from lxml import etree

import dsig
import message
import names as n

EVIL = "admin@example.org"
EVIL_RESPONSE = "_response-of-the-attacker"
EVIL_ASSERTION = "_assertion-of-the-attacker"


def evil(base=message.UNSIGNED, **changes):
    """A message that nobody signed, about somebody else, right in everything but that."""
    return base.but(
        signed=(),
        response_id=EVIL_RESPONSE,
        assertion_id=EVIL_ASSERTION,
        name_id=f'<saml:NameID Format="{n.EMAIL}">{EVIL}</saml:NameID>',
        attributes=message.attribute("email", EVIL) + message.attribute("groups", "admins"),
    ).but(**changes)


class Tree:
    """A parsed message with short names for its parts."""

    def __init__(self, text):
        self.root = dsig.parse(text)

    @property
    def assertion(self):
        return self.root.find(f".//{{{n.SAML}}}Assertion")

    @property
    def response_signature(self):
        return self.root.find(f"{{{n.DS}}}Signature")

    @property
    def assertion_signature(self):
        return self.assertion.find(f"{{{n.DS}}}Signature")

    def find(self, local, namespace=n.SAML):
        return self.root.find(f".//{{{namespace}}}{local}")

    def text(self):
        return etree.tostring(self.root).decode()


def element(local, namespace, parent=None, **attributes):
    """A new element, at the end of `parent`."""
    made = etree.Element(f"{{{namespace}}}{local}", attributes)
    if parent is not None:
        parent.append(made)
    return made


def detached(node):
    """The node, taken out of its tree; the text after it stays where it was."""
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)
    return node


def copied(node):
    return copy.deepcopy(node)


def replaced(text, old, new, count=1):
    """`text` with `old` replaced; a forgery that changes nothing is a mistake."""
    if old not in text:
        raise ValueError(f"not in the message: {old}")
    return text.replace(old, new, count)


def edited(text, pattern, new, count=1):
    """As `replaced`, by regular expression."""
    result, found = re.subn(pattern, new, text, count=count, flags=re.S)
    if not found:
        raise ValueError(f"not in the message: {pattern}")
    return result
