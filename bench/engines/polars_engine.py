# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""Polars through its lazy API."""
from datetime import date

from engines.base import Engine, Unsupported


class Polars(Engine):
    NOTE = "pl.from_arrow(rechunk=False) (utf8 becomes string views at registration, the rest is zero-copy); lazy plan, streaming engine; to_arrow(newest)"
    DIALECT = "polars"
    ENGINE = "streaming"

    @staticmethod
    def env(threads):
        return {"POLARS_MAX_THREADS": str(threads)}

    def __init__(self, threads):
        super().__init__(threads)
        import polars as pl
        self.pl = pl
        assert pl.thread_pool_size() == threads, pl.thread_pool_size()
        self.compat = pl.CompatLevel.newest()

    def version(self):
        return "polars " + self.pl.__version__

    def register(self, tables):
        self.t = {n: self.pl.from_arrow(t, rechunk=False).lazy() for n, t in tables.items()}

    def _collect(self, lf):
        engine, compat = self.ENGINE, self.compat
        return lambda: lf.collect(engine=engine).to_arrow(compat_level=compat)

    def prepare(self, w):
        fn = getattr(self, "op_" + w["id"], None)
        if fn is None:
            raise Unsupported("no lazy plan written")
        return self._collect(fn(self.pl, self.pl.col, self.t))

    # -- operators ---------------------------------------------------------
    def _flt(self, pl, c, t, lo, hi):
        return t["lineitem"].filter((c("l_quantity") < 24) & (c("l_shipdate") >= lo) & (c("l_shipdate") < hi)).select(
            "l_orderkey", "l_quantity", "l_extendedprice", "l_shipdate")

    def op_a1(self, pl, c, t):
        return self._flt(pl, c, t, date(1994, 1, 1), date(1995, 1, 1))

    def op_a2(self, pl, c, t):
        return self._flt(pl, c, t, date(1993, 1, 1), date(1997, 1, 1))

    def op_a3(self, pl, c, t):
        return t["lineitem"].filter(c("l_quantity") < 24).select("l_orderkey", "l_shipmode", "l_comment")

    # Polars rounds a decimal product to the larger operand scale; raising the scale of the
    # first operand keeps all six digits, as SQL engines do.
    def _charge(self, pl, c):
        return c("l_extendedprice").cast(pl.Decimal(38, 6)) * (1 - c("l_discount")) * (1 + c("l_tax"))

    def op_b1(self, pl, c, t):
        return t["lineitem"].select(self._charge(pl, c).alias("charge"))

    def op_b2(self, pl, c, t):
        f = lambda n: c(n).cast(pl.Float64)
        return t["lineitem"].select((f("l_extendedprice") * (1 - f("l_discount")) * (1 + f("l_tax"))).alias("charge"))

    def op_b3(self, pl, c, t):
        return t["lineitem_f64"].select((c("l_extendedprice") * (1 - c("l_discount")) * (1 + c("l_tax"))).alias("charge"))

    def op_c1(self, pl, c, t):
        return t["lineitem"].group_by("l_returnflag", "l_linestatus").agg(
            s1=c("l_quantity").sum(), s2=c("l_extendedprice").sum(), s3=c("l_discount").sum(), s4=c("l_tax").sum(),
            a1=c("l_quantity").mean(), a2=c("l_extendedprice").mean(), a3=c("l_discount").mean(), c=pl.len())

    def op_c2(self, pl, c, t):
        dp = c("l_extendedprice") * (1 - c("l_discount")).cast(pl.Decimal(38, 4))      # fastest exact form here
        ch = dp * (1 + c("l_tax")).cast(pl.Decimal(38, 6))
        return t["lineitem"].filter(c("l_shipdate") <= date(1998, 9, 2)).group_by("l_returnflag", "l_linestatus").agg(
            s1=c("l_quantity").sum(), s2=c("l_extendedprice").sum(), s3=dp.sum(), s4=ch.sum(),
            a1=c("l_quantity").mean(), a2=c("l_extendedprice").mean(), a3=c("l_discount").mean(), c=pl.len())


class PolarsMem(Polars):
    NOTE = "as polars, in-memory engine"
    ENGINE = "in-memory"


ENGINES = {"polars": Polars, "polars-mem": PolarsMem}
