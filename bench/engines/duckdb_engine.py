# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
import workloads
from engines.base import Engine, render


class DuckDB(Engine):
    NOTE = "registered pyarrow Tables (decimal128 narrowed to int64 on every scan); result via to_arrow_table()"
    DIALECT = "duckdb"

    def __init__(self, threads):
        super().__init__(threads)
        import duckdb
        self.duckdb = duckdb
        self.con = duckdb.connect(":memory:")
        self.con.execute(f"SET threads={threads}")
        # results carry no order unless the query asks for one, as in the other engines
        self.con.execute("SET preserve_insertion_order=false")

    def version(self):
        return "duckdb " + self.duckdb.__version__

    def register(self, tables):
        for n, t in tables.items():
            self.con.register(n, t)
        self.names = list(tables)

    def _fn(self, sql):
        con = self.con
        return lambda: con.sql(sql).to_arrow_table()

    def prepare(self, w):
        return self._fn(render(workloads.sql_for(w, self.DIALECT), w["tables"]))


ENGINES = {"duckdb": DuckDB}
