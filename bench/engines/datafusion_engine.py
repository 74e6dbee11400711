# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
import os

import pyarrow as pa

import workloads
from engines.base import Engine, render

# rows per batch of the in-memory table: zero-copy slices (8192 measured 0-8% slower than 65536)
BATCH = int(os.environ.get("BENCH_DATAFUSION_BATCH", "65536"))


class DataFusion(Engine):
    NOTE = "MemTable over zero-copy batches, one partition per thread; result RecordBatches as a Table"
    DIALECT = "datafusion"

    @staticmethod
    def env(threads):
        return {"TOKIO_WORKER_THREADS": str(threads)}

    def __init__(self, threads):
        super().__init__(threads)
        import datafusion
        self.df = datafusion
        cfg = datafusion.SessionConfig().with_target_partitions(threads)
        self.ctx = datafusion.SessionContext(cfg)

    def version(self):
        return "datafusion " + self.df.__version__

    def register(self, tables):
        for n, t in tables.items():
            batches = t.to_batches(max_chunksize=BATCH) or [pa.RecordBatch.from_pylist([], schema=t.schema)]
            k = self.threads
            per = (len(batches) + k - 1) // k
            parts = [batches[i * per:(i + 1) * per] for i in range(k)]
            self.ctx.register_record_batches(n, [p for p in parts if p])

    def _fn(self, sql):
        ctx = self.ctx
        return lambda: ctx.sql(sql).to_arrow_table()

    def prepare(self, w):
        return self._fn(render(workloads.sql_for(w, self.DIALECT), w["tables"]))


ENGINES = {"datafusion": DataFusion}
