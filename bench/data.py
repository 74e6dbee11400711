# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""The Arrow inputs every engine gets.

TPC-H Parquet files (tpchgen-cli) become, once a scale, one Arrow IPC file a table: strings as utf8,
decimals as decimal128(15,2), fields not nullable, 65,536 rows a batch.  Every engine loads the
columns it needs from those very files into memory.
"""
import os
import shutil
import subprocess
import sys

CHUNK = 65536
LINEITEM = ["l_orderkey", "l_quantity", "l_extendedprice", "l_discount", "l_tax", "l_returnflag", "l_linestatus",
            "l_shipdate", "l_shipmode", "l_comment"]
DECIMALS = ["l_extendedprice", "l_discount", "l_tax"]


def directory(root, scale):
    return os.path.join(root, f"sf{scale:g}")


def path(folder, table):
    return os.path.join(folder, table + ".arrow")


def _normalise(table):
    """Fixes string layout and nullability, and cuts into batches of CHUNK rows."""
    import pyarrow as pa
    fields = []
    for f in table.schema:
        is_text = pa.types.is_string(f.type) or pa.types.is_large_string(f.type) or pa.types.is_string_view(f.type)
        fields.append(pa.field(f.name, pa.string() if is_text else f.type, False))
    schema = pa.schema(fields)
    table = table.replace_schema_metadata(None).cast(schema).combine_chunks()
    return pa.Table.from_batches(table.to_batches(max_chunksize=CHUNK), schema=schema)


def _write(table, file):
    import pyarrow as pa
    with pa.OSFile(file + ".part", "wb") as f, pa.ipc.new_file(f, table.schema) as w:
        w.write_table(table, max_chunksize=CHUNK)
    os.rename(file + ".part", file)


def ensure(folder, scale):
    """Generates what is missing in `folder`."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    os.makedirs(folder, exist_ok=True)
    if all(os.path.exists(path(folder, t)) for t in ("lineitem", "lineitem_f64")):
        return
    parquet = os.path.join(folder, "lineitem.parquet")
    if not os.path.exists(parquet):
        print(f"generating TPC-H lineitem at scale {scale:g}", flush=True)
        tpchgen = os.path.join(os.path.dirname(sys.executable), "tpchgen-cli")
        part = os.path.join(folder, "part")
        subprocess.run([tpchgen, "parquet", "-s", f"{scale:g}", "-T", "lineitem", "-o", part, "-q"], check=True)
        os.rename(os.path.join(part, "lineitem.parquet"), parquet)
        shutil.rmtree(part)
    table = _normalise(pq.read_table(parquet, columns=LINEITEM))
    _write(table, path(folder, "lineitem"))
    doubles = table.select(DECIMALS).cast(pa.schema([pa.field(n, pa.float64(), False) for n in DECIMALS]))
    _write(doubles, path(folder, "lineitem_f64"))


def load(folder, tables):
    """{name: [columns]} -> {name: pyarrow.Table}, every buffer in this process's own memory."""
    import pyarrow as pa
    out = {}
    for name, columns in tables.items():
        with pa.OSFile(path(folder, name)) as f:
            reader = pa.ipc.open_file(f, options=pa.ipc.IpcReadOptions(
                included_fields=[i for i, n in enumerate(_names(folder, name)) if n in columns]))
            out[name] = reader.read_all().select(columns)
    return out


def _names(folder, table):
    import pyarrow as pa
    with pa.OSFile(path(folder, table)) as f:
        return pa.ipc.open_file(f).schema.names
