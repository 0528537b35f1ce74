"""Changes to signed messages: some that leave their meaning alone, and many that do not."""

import copy
import re

from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
IDS = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
# Characters that mean something to XML, and some that mean something to base64.
TOKENS = (b"<", b">", b"/", b'"', b"'", b"&", b";", b"=", b" ", b"\n", b"\r", b"\t", b"\0", b"A", b"=", b"]]>", b"&#10;", b"&#x41;", b"&amp;", b"<x/>", b"\xc3\xa9", b"\xff")


def spelling(random, octets):
    """The same tree, written otherwise: every verifier must see the same message."""
    text = octets.decode()
    choice = random.randrange(6)
    if choice == 0:
        # A line end or more between the attributes of start tags; signed octets do not know it.
        return re.sub(r'(<[A-Za-z][^<>"]*) (?=[A-Za-z:]+=")', lambda m: m[1] + random.choice((" ", "  ", "\n", "\t")), text).encode()
    if choice == 1:
        return re.sub(r"/>", lambda m: " />" if random.random() < 0.5 else "/>", text).encode()
    if choice == 2:
        return re.sub(r"<([A-Za-z0-9]+:[A-Za-z]+)([^<>]*)/>", r"<\1\2></\1>", text).encode()
    if choice == 3:
        return re.sub(r'="([^"\'<>&]*)"', lambda m: f"='{m[1]}'" if random.random() < 0.5 else m[0], text).encode()
    if choice == 4:
        return re.sub(r">([^<>&]{2,40})<", lambda m: f">&#{ord(m[1][0])};{m[1][1:]}<", text, count=5).encode()
    # Line ends are one character, however they are written.
    return text.replace("\n", "\r\n").encode() if "\r" not in text else octets


def damage(random, octets):
    """Octets changed, inserted, removed, repeated or swapped."""
    changed = bytearray(octets)
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        at = random.randrange(len(changed))
        choice = random.randrange(6)
        if choice == 0:
            changed[at] ^= 1 << random.randrange(8)
        elif choice == 1:
            changed[at:at] = random.choice(TOKENS)
        elif choice == 2:
            del changed[at : at + random.choice((1, 1, 2, 10, 100))]
        elif choice == 3:
            piece = changed[at : at + random.choice((1, 10, 200))]
            to = random.randrange(len(changed))
            changed[to:to] = piece
        elif choice == 4:
            changed[at] = random.randrange(32, 127)
        else:
            changed[at : at + 1] = random.choice(TOKENS)
        if not changed:
            return octets
    return bytes(changed)


def graft(random, octets):
    """Elements moved, copied, removed, renamed, or given another ID or text."""
    try:
        root = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return damage(random, octets)
    for _ in range(random.choice((1, 1, 2, 3))):
        elements = [element for element in root.iter(etree.Element)]
        one, other = random.choice(elements), random.choice(elements)
        choice = random.randrange(8)
        if choice == 0 and one is not root and one not in other.iterancestors() and one is not other:
            one.getparent().remove(one)
            other.insert(random.randrange(len(other) + 1), one)
        elif choice == 1:
            other.insert(random.randrange(len(other) + 1), copy.deepcopy(one))
        elif choice == 2 and one is not root:
            one.getparent().remove(one)
        elif choice == 3:
            one.text = (one.text or "") + random.choice(("x", " ", "\n", "A"))
        elif choice == 4:
            values = [element.get("ID") for element in elements if element.get("ID")]
            if values:
                one.set(random.choice(IDS), random.choice(values))
        elif choice == 5 and one.attrib:
            name = random.choice(list(one.attrib))
            one.set(name, one.get(name) + random.choice(("x", " ", "#", "")))
        elif choice == 6:
            swap_values(random, root)
        elif choice == 7 and one is not root:
            one.addnext(copy.deepcopy(one))
    return etree.tostring(root)


def swap_values(random, root):
    """One digest, signature value or key for another, or a whole signature."""
    name = random.choice((DS + "DigestValue", DS + "SignatureValue", DS + "Signature", DS + "SignedInfo", DS + "KeyInfo", SAML + "Assertion"))
    found = list(root.iter(name))
    if len(found) > 1:
        one, other = random.sample(found, 2)
        if one not in other.iterancestors() and other not in one.iterancestors():
            copied = copy.deepcopy(other)
            one.getparent().replace(one, copied)
