#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
#
# Formats every Rust file, or with --check tells which are not formatted. `cargo fmt` alone misses
# the files that a list declares (the functions of a family, the operators): it looks into no macro.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo fmt --all "$@"
edition=$(sed -n 's/^edition = "\(.*\)"$/\1/p' Cargo.toml)
find crates bench -name target -prune -o -name '*.rs' -print0 |
  xargs -0 rustfmt --edition "$edition" "$@"
