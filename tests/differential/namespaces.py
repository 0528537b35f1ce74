"""Names of namespaces: what our reader takes, libxml2 can canonicalise.

A name that is no URI makes canonicalisers fail, and a failure has been taken for an empty text before.
"""

import collections
import random
import sys

from lxml import etree

import peer

PIECES = (
    "urn", "http", "a", "Z", "1", "80", ":", ":", "/", "/", "//", "://", "@", "?", "#", "%", "%20", "%4", "%zz", "[", "]", "[::1]", ".", "..",
    "-", "_", "~", "!", "$", "'", "(", ")", "*", "+", ",", ";", "=", " ", "é", "\\", "^", "|", "{", "}", "`", "\t", "host", "www.w3.org",
)
STARTS = ("", "urn:", "http://", "http:", "x://u@h:80", "//", "a")


def names(seed, count):
    chance = random.Random(seed)
    for _ in range(count):
        name = chance.choice(STARTS) + "".join(chance.choice(PIECES) for _ in range(chance.randrange(6)))
        yield b"E", [f'<a xmlns:p="{name}"/>', ""], name


def compare(program, seed, count):
    """Compares `count` names; returns how they were taken, and how many only we took."""
    counts, broken = collections.Counter(), 0
    for batch in peer.batches(names(seed, count)):
        for (_, (text, _), name), (refused, _) in zip(batch, peer.answers(program, batch)):
            theirs = can_be_canonicalised(text)
            verdict = ("neither", "only libxml2")[theirs] if refused else ("WE ACCEPT MORE", "both")[theirs]
            counts[verdict] += 1
            if verdict == "WE ACCEPT MORE":
                broken += 1
                print(f"BROKEN: only we take {name!r}", file=sys.stderr)
    return counts, broken


def can_be_canonicalised(text):
    try:
        root = etree.fromstring(text, etree.XMLParser(no_network=True, resolve_entities=False))
        return bool(etree.tostring(root, method="c14n", exclusive=True))
    except (etree.XMLSyntaxError, etree.C14NError, ValueError):
        return False
