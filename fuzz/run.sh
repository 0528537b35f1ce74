#!/bin/sh
# Runs every fuzz target for SECONDS each, one after another; stops at the first finding.
# Needs a nightly toolchain and cargo-fuzz. The seeds are read only; what is found grows in fuzz/corpus.
set -eu
seconds="${1:?usage: fuzz/run.sh SECONDS}"
cd "$(dirname "$0")"
for target in jws jwk_set discovery id_token saml_xml saml_c14n saml_verify saml_decrypt saml_metadata saml_response; do
  mkdir -p "corpus/$target"
  cargo +nightly fuzz run --fuzz-dir . "$target" "corpus/$target" "seeds/$target" -- \
    -max_total_time="$seconds" -max_len=8192 -timeout=10 -print_final_stats=1
done
