# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
import sys

import workloads
from engines.base import Engine, render


class Chdb(Engine):
    NOTE = "Python() table function over the pyarrow Table (copied to ClickHouse columns on every scan); result as Arrow, uncompressed, native parallel writer"
    DIALECT = "chdb"
    WARMUPS = 5            # ClickHouse compiles expressions and aggregates at the 4th execution

    def __init__(self, threads):
        super().__init__(threads)
        import chdb
        import pyarrow as pa
        self.chdb, self.pa = chdb, pa
        self.con = chdb.connect(":memory:")
        for k, v in [("max_threads", threads),
                     ("output_format_arrow_compression_method", "'none'"),   # default is lz4
                     ("output_format_arrow_parallel_encoding", 1 if threads > 1 else 0),
                     ("output_format_arrow_use_native_writer", 1),
                     ("join_use_nulls", 1)]:      # SQL outer joins (Q13 is wrong without it)
            self.con.query(f"SET {k} = {v}")
        assert str(self.con.query("SELECT getSetting('max_threads')")).strip() == str(threads)

    def version(self):
        return f"chdb {self.chdb.__version__} (ClickHouse {self.chdb.engine_version})"

    def register(self, tables):
        # Python(name) looks the name up in Python's globals
        for n, t in tables.items():
            setattr(sys.modules["__main__"], "peer_" + n, t)
            setattr(sys.modules[__name__], "peer_" + n, t)
            globals()["peer_" + n] = t
        self.wrap = "Python(peer_{0}) AS {0}"

    def _fn(self, sql):
        con, ipc = self.con, self.pa.ipc

        def run():
            # chdb's own "ArrowTable" frees the bytes its result lies in: they are held here
            answer = con.query(sql, "Arrow")
            self.kept = (answer, answer.get_memview())
            return ipc.open_file(self.kept[1].view()).read_all()
        return run

    def forget(self):
        self.kept = None

    def prepare(self, w):
        return self._fn(render(workloads.sql_for(w, self.DIALECT), w["tables"], self.wrap))


ENGINES = {"chdb": Chdb}
