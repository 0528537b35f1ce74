"""Our verdict on signatures and libxmlsec's: on the corpus, and on changed messages.

What we accept, it must accept too. Where only the spelling of a good message is changed, both must accept.
"""

import collections
import json
import pathlib
import random
import sys

import mutations
import oracle
import peer

MOST_SHOWN = 5


class Case:
    """A message of the corpus, and the certificates that its connection knows."""

    def __init__(self, folder):
        case = json.loads((folder / "case.json").read_text())
        self.name = f"{folder.parent.name}/{folder.name}"
        self.octets = (folder / case["input"]).read_bytes() if case["input"] == "response.xml" else None
        self.certificates = "".join(case["certificates"])
        self.keys = oracle.keys_of(case["certificates"])
        legacy = case["legacy"]
        self.policy = " ".join(name for name, on in (("sha1", legacy["sha1"]), ("inclusive", legacy["inclusive_c14n"])) if on)

    def record(self, kind, octets):
        return b"V", [octets, self.certificates, self.policy], self, kind


def load(corpus, part):
    folders = sorted(path.parent for path in pathlib.Path(corpus, part).rglob("case.json"))
    return [case for case in map(Case, folders) if case.octets is not None]


def records(seed, count, good, hostile):
    """Every message of the corpus, then `count` changed ones."""
    for case in good + hostile:
        yield case.record("corpus", case.octets)
    chance = random.Random(seed)
    signed = [case for case in good if b"Signature" in case.octets]
    for _ in range(count):
        case = chance.choice(signed)
        kind = chance.choice(("spelling", "damage", "graft"))
        octets = getattr(mutations, kind)(chance, case.octets)
        yield case.record(kind, octets)


def compare(program, seed, count, corpus):
    """Compares; returns a count for each kind of message and verdict, and how many broke the rule."""
    good, hostile = load(corpus, "good"), load(corpus, "hostile")
    counts, broken = collections.Counter(), 0
    for batch in peer.batches(records(seed, count, good, hostile)):
        for (_, (octets, _, _), case, kind), (refused, answer) in zip(batch, peer.answers(program, batch)):
            ours = None if refused else set(answer.decode().split("\n")) - {""}
            verdict = judged(ours, octets, case)
            counts[kind, verdict] += 1
            must_agree = kind == "spelling"
            if verdict == "WE ACCEPT MORE" or (must_agree and verdict != "both accept"):
                broken += 1
                if broken <= MOST_SHOWN:
                    print(f"BROKEN: {case.name}, {kind}: {verdict}; ours: {answer!r}\n  {octets!r}", file=sys.stderr)
    return counts, broken


def judged(ours, octets, case):
    """The two verdicts side by side."""
    theirs = oracle.covered(octets, case.keys)
    if ours is not None:
        return "both accept" if theirs is not None and ours <= theirs else "WE ACCEPT MORE"
    return "both refuse" if not theirs else "only libxmlsec accepts"
