# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""Engine-independent result checksums (row count, exact key hash, numeric sums).

Engines disagree about result *types* (decimal scale, avg as double or decimal,
string layout), so a result is reduced to
  rows   number of rows
  keys   order-independent 64-bit hash over the key columns of every row (exact)
  seq    order-dependent 64-bit hash over the ordered columns (exact; sorts only)
  nums   per numeric column: (sum, sum weighted by the row's key hash), compared
         with a relative tolerance -- the weighted sum ties values to their rows.
"""
import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_C1 = np.uint64(0xBF58476D1CE4E5B9)
_C2 = np.uint64(0x94D049BB133111EB)
_P = np.uint64(0x100000001B3)
_PINV = np.uint64(pow(0x100000001B3, -1, 1 << 64))
_COL = [np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
                               0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)]


def _mix(x):
    x = x.copy()
    x ^= x >> np.uint64(30)
    x *= _C1
    x ^= x >> np.uint64(27)
    x *= _C2
    x ^= x >> np.uint64(31)
    return x


_pow_cache = {}


def _powers(n):
    """P^i and P^-i for i in [0, n)"""
    if _pow_cache.get("n", 0) < n:
        p = np.full(n, _P, np.uint64); p[0] = 1
        q = np.full(n, _PINV, np.uint64); q[0] = 1
        _pow_cache.update(n=n, p=np.cumprod(p), q=np.cumprod(q))
    return _pow_cache["p"], _pow_cache["q"]


def _hash_strings(arr):
    """Polynomial hash of every string: vectorised with prefix sums, chunk by chunk."""
    arr = arr.cast(pa.large_binary()) if not pa.types.is_large_binary(arr.type) else arr
    n = len(arr)
    if n == 0:
        return np.zeros(0, np.uint64)
    bufs = arr.buffers()
    off = np.frombuffer(bufs[1], np.int64)[arr.offset:arr.offset + n + 1]
    base = int(off[0])
    size = int(off[-1]) - base
    data = np.frombuffer(bufs[2], np.uint8)[base:base + size] if size else np.zeros(0, np.uint8)
    p, q = _powers(max(size, 1) + 1)
    pre = np.zeros(size + 1, np.uint64)
    if size:
        np.cumsum((data.astype(np.uint64) + np.uint64(1)) * p[:size], out=pre[1:])
    o = off - base
    return (pre[o[1:]] - pre[o[:-1]]) * q[o[:-1]]


def _as_u64(arr):
    t = arr.type
    if pa.types.is_dictionary(t):
        arr = arr.dictionary_decode(); t = arr.type
    if pa.types.is_string_view(t):
        arr = arr.cast(pa.large_string()); t = arr.type
    if pa.types.is_binary_view(t):
        arr = arr.cast(pa.large_binary()); t = arr.type
    if pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_binary(t) or pa.types.is_large_binary(t):
        return _hash_strings(arr)
    if pa.types.is_decimal(t):
        d = arr.cast(pa.decimal128(38, 6))
        raw = np.frombuffer(d.buffers()[1], np.int64)
        return raw[2 * d.offset: 2 * (d.offset + len(d)): 2].astype(np.uint64)
    if pa.types.is_date(t):
        return arr.cast(pa.date32()).cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64).astype(np.uint64)
    if pa.types.is_timestamp(t):
        return arr.cast(pa.date32(), safe=False).cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64).astype(np.uint64)
    if pa.types.is_floating(t):
        return np.rint(arr.to_numpy(zero_copy_only=False) * 1e6).astype(np.int64).astype(np.uint64)
    return arr.to_numpy(zero_copy_only=False).astype(np.int64).astype(np.uint64)


def _as_f64(arr):
    if pa.types.is_decimal(arr.type):
        arr = arr.cast(pa.float64())
    return arr.to_numpy(zero_copy_only=False).astype(np.float64)


def checksum(table, keys, nums, seq=()):
    n = table.num_rows
    acc = np.uint64(0)
    sacc = np.uint64(0)
    sums = [[] for _ in nums]
    wsums = [[] for _ in nums]
    pos = 0
    cols = [table.column(i) for i in range(table.num_columns)]
    with np.errstate(over="ignore"):
        # table.to_batches aligns the chunk boundaries of all columns
        for batch in table.to_batches(max_chunksize=1 << 16):
            m = batch.num_rows
            if m == 0:
                continue
            h = np.zeros(m, np.uint64)
            for j, c in enumerate(keys):
                h += _mix(_as_u64(batch.column(c)) + _COL[j % 6]) * _COL[(j + 1) % 6]
            h = _mix(h + _COL[0])
            acc += h.sum(dtype=np.uint64)
            if seq:
                s = np.zeros(m, np.uint64)
                for j, c in enumerate(seq):
                    s += _mix(_as_u64(batch.column(c)) + _COL[j % 6]) * _COL[(j + 1) % 6]
                idx = np.arange(pos, pos + m, dtype=np.uint64)
                sacc += (_mix(s) * (idx * np.uint64(2) + np.uint64(1))).sum(dtype=np.uint64)
            w = (h & np.uint64(1023)).astype(np.float64) / 1024.0 if len(keys) else np.zeros(m)
            for k, c in enumerate(nums):
                v = _as_f64(batch.column(c))
                sums[k].append(float(v.sum()))
                wsums[k].append(float((v * w).sum()))
            pos += m
    assert pos == n, (pos, n)
    del cols
    return {"rows": n, "keys": f"{int(acc):016x}" if keys else "-", "seq": f"{int(sacc):016x}" if seq else "-",
            "nums": [[math.fsum(a), math.fsum(b)] for a, b in zip(sums, wsums)]}


def same(a, b, rel=1e-9, abs_per_row=0.0):
    """Compare two checksums; returns '' or a reason."""
    if a["rows"] != b["rows"]:
        return f"rows {a['rows']} vs {b['rows']}"
    if a["keys"] != b["keys"]:
        return "key hash"
    if a["seq"] != b["seq"]:
        return "order hash"
    for i, (x, y) in enumerate(zip(a["nums"], b["nums"])):
        for u, v in zip(x, y):
            if abs(u - v) > rel * max(abs(u), abs(v), 1e-30) + abs_per_row * max(a["rows"], 1):
                return f"num[{i}] {u!r} vs {v!r}"
    return ""
