"""Our canonicalisation and libxml2's, octet for octet, on random documents."""

import collections
import random
import sys

from lxml import etree

import documents
import peer

# lxml passes only those prefixes on to libxml2 that its dictionary of names knows: this makes #default one of them.
etree.HTML('<p #default="">')
MOST_SHOWN = 5


def expected(text, exclusive, prefixes):
    """libxml2's canonical form of a whole document."""
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    listed = prefixes.split() or None
    return etree.tostring(root, method="c14n", exclusive=exclusive, with_comments=False, inclusive_ns_prefixes=listed)


def cases(seed, count):
    """Records for the peer, each with the octets that must come back.

    A subtree is expected as libxml2 canonicalises it alone, with everything declared on it that was in force around it:
    canonical form is defined on the tree, not on where it hangs.
    """
    chance = random.Random(seed)
    writer = documents.Writer(chance)
    for _ in range(count):
        root = writer.document()
        text = writer.write(root)
        prefixes = documents.prefix_list(chance, root)
        yield b"E", [text, prefixes], expected(text, True, prefixes)
        if chance.random() < 0.5:
            yield b"I", [text], expected(text, False, "")
        for value in chance.sample(sorted(writer.with_id), k=min(2, len(writer.with_id))):
            node = writer.with_id[value]
            prefixes = documents.prefix_list(chance, node)
            yield b"A", [text, prefixes, value], expected(writer.write_alone(node, False), True, prefixes)
            yield b"J", [text, value], expected(writer.write_alone(node, True), False, "")


def compare(program, seed, count):
    """Compares on `count` documents; returns how many comparisons were made in each mode, and how many differed."""
    made, different = collections.Counter(), 0
    for batch in peer.batches(cases(seed, count)):
        for (mode, fields, want), (refused, got) in zip(batch, peer.answers(program, batch)):
            made[mode.decode()] += 1
            if refused or got != want:
                different += 1
                if different <= MOST_SHOWN:
                    show(mode.decode(), fields, want, got)
    return made, different


def show(mode, fields, want, got):
    same = next((at for at, pair in enumerate(zip(want, got)) if pair[0] != pair[1]), min(len(want), len(got)))
    around = slice(max(0, same - 80), same + 80)
    print(f"DIFFERENT in mode {mode} with {fields[1:]}\n  document {fields[0]!r}", file=sys.stderr)
    print(f"  libxml2  …{want[around]!r}\n  ours     …{got[around]!r}", file=sys.stderr)
