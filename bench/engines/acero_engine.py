# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""pyarrow compute / Acero.  No SQL: every operator is an Acero declaration."""
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.acero as ac
import pyarrow.compute as pc

from engines.base import Engine, Unsupported

f = pc.field


class Acero(Engine):
    NOTE = "Acero declarations over the same Table, zero-copy; result Table. Decimal products need narrowing casts (precision would pass 38)"
    DIALECT = "acero"

    @staticmethod
    def env(threads):
        return {"OMP_NUM_THREADS": str(threads), "ARROW_IO_THREADS": str(threads)}

    def __init__(self, threads):
        super().__init__(threads)
        pa.set_cpu_count(threads)
        pa.set_io_thread_count(threads)

    def version(self):
        return f"pyarrow {pa.__version__} (pool {pa.default_memory_pool().backend_name})"

    def register(self, tables):
        self.t = tables

    def src(self, name):
        return ac.Declaration("table_source", ac.TableSourceNodeOptions(self.t[name]))

    def run(self, *nodes):
        decl = ac.Declaration.from_sequence(list(nodes))
        thr = self.threads > 1
        return lambda: decl.to_table(use_threads=thr)

    def prepare(self, w):
        fn = getattr(self, "op_" + w["id"], None)
        if fn is None:
            raise Unsupported("no Acero plan written")
        return fn()

    @staticmethod
    def flt(e):
        return ac.Declaration("filter", ac.FilterNodeOptions(e))

    @staticmethod
    def proj(**kw):
        return ac.Declaration("project", ac.ProjectNodeOptions(list(kw.values()), list(kw)))

    @staticmethod
    def agg(aggs, keys):
        return ac.Declaration("aggregate", ac.AggregateNodeOptions(aggs, keys=keys))

    def d(self, s, p=15, sc=2):
        return pa.scalar(Decimal(s), pa.decimal128(p, sc))

    # -- filter / project ---------------------------------------------------
    def _flt(self, lo, hi):
        e = (f("l_quantity") < self.d("24")) & (f("l_shipdate") >= pa.scalar(lo)) & (f("l_shipdate") < pa.scalar(hi))
        return self.run(self.src("lineitem"), self.flt(e))

    def op_a1(self):
        return self._flt(date(1994, 1, 1), date(1995, 1, 1))

    def op_a2(self):
        return self._flt(date(1993, 1, 1), date(1997, 1, 1))

    def op_a3(self):
        return self.run(self.src("lineitem"), self.flt(f("l_quantity") < self.d("24")),
                        self.proj(l_orderkey=f("l_orderkey"), l_shipmode=f("l_shipmode"), l_comment=f("l_comment")))

    def _one(self, e):
        # narrow (1 +/- x) to decimal(3,2): the product would otherwise need precision 49
        return e.cast(pa.decimal128(3, 2))

    def _dp(self):
        one = pc.scalar(self.d("1.00", 3, 2))
        return pc.multiply(f("l_extendedprice"), self._one(pc.subtract(one, f("l_discount"))))

    def _charge(self):
        one = pc.scalar(self.d("1.00", 3, 2))
        return pc.multiply(self._dp(), self._one(pc.add(one, f("l_tax"))))

    def op_b1(self):
        return self.run(self.src("lineitem"), self.proj(charge=self._charge()))

    def _f64(self, cast):
        g = (lambda n: f(n).cast(pa.float64())) if cast else f
        one = pc.scalar(1.0)
        return pc.multiply(pc.multiply(g("l_extendedprice"), pc.subtract(one, g("l_discount"))), pc.add(one, g("l_tax")))

    def op_b2(self):
        return self.run(self.src("lineitem"), self.proj(charge=self._f64(True)))

    def op_b3(self):
        return self.run(self.src("lineitem_f64"), self.proj(charge=self._f64(False)))

    # -- aggregate ------------------------------------------------------------
    # Acero's mean of a decimal keeps the input scale; to match SQL the harness divides
    # the sums by the count on the (4-row) result.
    def _q1(self, pre, cols):
        keys = ["l_returnflag", "l_linestatus"]
        aggs = [(c, "hash_sum", None, o) for c, o in cols] + [([], "hash_count_all", None, "c")]
        base = self.run(*pre, self.agg(aggs, keys))

        def fn():
            r = base()
            n = r["c"].cast(pa.float64())
            avg = lambda c: pc.divide(r[c].cast(pa.float64()), n)
            return pa.Table.from_arrays([r[keys[0]], r[keys[1]], r["s1"], r["s2"], r["s3"], r["s4"], avg("s1"), avg("s2"),
                                         avg("d"), r["c"]], names=keys + ["s1", "s2", "s3", "s4", "a1", "a2", "a3", "c"])
        return fn

    def op_c1(self):
        return self._q1([self.src("lineitem")],
                        [("l_quantity", "s1"), ("l_extendedprice", "s2"), ("l_discount", "s3"), ("l_tax", "s4"), ("l_discount", "d")])

    def op_c2(self):
        pre = [self.src("lineitem"), self.flt(f("l_shipdate") <= pa.scalar(date(1998, 9, 2))),
               self.proj(l_returnflag=f("l_returnflag"), l_linestatus=f("l_linestatus"), q=f("l_quantity"),
                         e=f("l_extendedprice"), dp=self._dp(), ch=self._charge(), disc=f("l_discount"))]
        return self._q1(pre, [("q", "s1"), ("e", "s2"), ("dp", "s3"), ("ch", "s4"), ("disc", "d")])


ENGINES = {"acero": Acero}
