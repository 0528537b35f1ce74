"""The way a message arrives (security a.1 and a.4): form bodies that must not become a response."""

import base64
import urllib.parse
import zlib

from case import base64_text
from message import PLAIN

GOOD = PLAIN.xml()


def write(corpus):
    write_base64(corpus)
    write_deflate(corpus)


def form(value, **more):
    return urllib.parse.urlencode({"SAMLResponse": value, **more})


def deflated(text):
    """Raw DEFLATE, as the Redirect binding has it (bindings 3.4.4.1)."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(text.encode()) + squeeze.flush()


def write_base64(corpus):
    kind = "message-base64"
    right = base64_text(GOOD)
    why = "base64 with white space and nothing else: two decoders must see one message"
    for name, title, value in (
        ("foreign-character", "A character that base64 does not have", "*" + right),
        ("url-alphabet", "The URL alphabet", base64.urlsafe_b64encode((GOOD + "<<<???>>>").encode()).decode()),
        ("no-padding", "No padding", right.rstrip("=") if right.endswith("=") else base64_text(GOOD + " ").rstrip("=")),
        ("more-padding", "Padding too long", right + "=="),
        ("two-values", "One encoding after another", base64_text(GOOD + "  ") + right),
        ("not-encoded", "XML that was not encoded", GOOD),
        ("encoded-twice", "Encoded twice", base64_text(right)),
        ("percent-encoded", "Still percent-encoded", urllib.parse.quote(right, safe="")),
        ("white-space", "A space that base64 does not have", "\u00a0" + right),
        ("empty", "An empty parameter", ""),
    ):
        code = {"encoded-twice": "xml_outside_root", "empty": "response_empty"}.get(name, "response_not_base64")
        corpus.hostile(kind, name, title, why, code, value, file="response.b64")
    kind = "message-parameters"
    corpus.hostile(kind, "two-messages", "SAMLResponse twice", "which one counts is nobody's choice", "input_field_repeated", form(right) + "&" + form(right), file="form.txt")
    corpus.hostile(kind, "no-message", "No SAMLResponse", "nothing to judge", "response_not_base64", "RelayState=x", file="form.txt")
    corpus.hostile(kind, "request-only", "Only a SAMLRequest", "the names of the parameters are not mixed: CVE-2025-27773", "input_is_a_request", urllib.parse.urlencode({"SAMLRequest": right}), file="form.txt")
    corpus.hostile(kind, "other-case", "samlresponse in lower case", "names are exact", "response_not_base64", urllib.parse.urlencode({"samlresponse": right}), file="form.txt")


def write_deflate(corpus):
    kind = "deflate"
    why = "the POST binding does not compress: CVE-2023-28119, CVE-2025-25293, CVE-2025-27773"
    bomb = "<x>" + "A" * (16 * 1024 * 1024)
    for name, title, octets, code in (
        ("deflated", "A deflated response, as over the Redirect binding", deflated(GOOD), "response_deflated"),
        ("zlib", "A response compressed by zlib", zlib.compress(GOOD.encode()), "xml_not_utf8"),
        ("bomb", "Sixteen megabytes in sixteen kilobytes", deflated(bomb), "response_deflated"),
    ):
        corpus.hostile(kind, name, title, why, code, base64_text(octets), file="response.b64")
        corpus.hostile(kind, f"{name}-octets", f"{title} (the octets themselves)", why, "xml_not_utf8", octets)
