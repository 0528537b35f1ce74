"""Talking to our side: the framing of `crates/saml/examples/peer.rs`."""

import struct
import subprocess

BATCH = 500


def frame(mode, fields):
    body = mode
    for field in fields:
        octets = field if isinstance(field, bytes) else field.encode()
        body += struct.pack(">I", len(octets)) + octets
    return struct.pack(">I", len(body)) + body


def answers(program, records):
    """For each record, a tuple that begins with mode and fields: whether it was refused, and the octets."""
    request = b"".join(frame(record[0], record[1]) for record in records)
    output = subprocess.run([program], input=request, stdout=subprocess.PIPE, check=True).stdout
    at = 0
    for _ in records:
        (length,) = struct.unpack_from(">I", output, at)
        yield output[at + 4] != 0, output[at + 5 : at + 4 + length]
        at += 4 + length
    if at != len(output):
        raise ValueError("the peer answered more than it was asked")


def batches(records):
    batch = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
