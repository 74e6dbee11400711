#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors

# The benchmark, one command. All options are those of run.py; try --help.
set -euo pipefail
exec python3 "$(dirname "$0")/run.py" "$@"
