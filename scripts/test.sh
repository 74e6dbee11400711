#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
#
# Checks everything: formatting, lints, tests (TiDB's answers among them), documents.
# Needs a network only where the toolchain or the crates of Cargo.lock are not at hand yet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }

# What a clean machine lacks: the toolchain that rust-toolchain.toml names, with its components.
if ! command -v cargo >/dev/null 2>&1; then
  export PATH="$HOME/.cargo/bin:$PATH"
  command -v cargo >/dev/null 2>&1 || {
    echo "Rust is wanted: install rustup from rust-lang.org, then run this again" >&2
    exit 1
  }
fi
if command -v rustup >/dev/null 2>&1; then
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 || {
    say "installing the toolchain of rust-toolchain.toml"
    rustup toolchain install
  }
fi
if ! command -v cc >/dev/null 2>&1; then
  echo "a C linker is wanted (cc): install gcc or clang" >&2
  exit 1
fi
say "$(cargo --version), $(cargo clippy --version)"

say "formatting"
scripts/format.sh --check

say "lints"
cargo clippy --locked --profile ci --workspace --all-targets -- -D warnings

say "documents"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --profile ci --no-deps --workspace

# The record of what TiDB's answers are not met yet (conformance/record) is one of these tests.
say "tests"
cargo test --locked --profile ci --workspace
