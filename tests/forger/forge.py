"""Writes the corpus anew, with fresh keys.

    python forge.py [--only PATTERN] [DIRECTORY]

PATTERN is of paths, such as `hostile/audience/*`: other cases stay as they are.
"""

import argparse
import pathlib

import case
import good_crypto
import good_idps
import good_profile
import good_servers
import hostile_binding
import hostile_encryption
import hostile_keys
import hostile_profile
import hostile_signature
import hostile_wrapping
import hostile_xml

WRITERS = (
    good_idps, good_servers, good_crypto, good_profile,
    hostile_wrapping, hostile_signature, hostile_keys, hostile_profile, hostile_xml, hostile_encryption, hostile_binding,
)


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only")
    parser.add_argument("directory", nargs="?", default=here.parent / "corpus")
    options = parser.parse_args()
    corpus = case.Corpus(options.directory, options.only)
    for writer in WRITERS:
        writer.write(corpus)
    print(f"{corpus.count['good']} good and {corpus.count['hostile']} hostile cases in {corpus.root}")


if __name__ == "__main__":
    main()
