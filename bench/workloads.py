# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""The workloads: SQL for the peers, a plan for TiForth, how results are compared.

`sql` is engine-neutral text; `{t}` is replaced by the adapter's way of naming an input table.  `over`
holds other text for one dialect.  Result columns are compared by position: `keys` exactly, `nums`
numerically.  `avg_tol`: absolute tolerance a row for avg() columns, since some engines round them.
`bar`: the time of the best peer TiForth wants to stay below, as a ratio.
"""
from collections import OrderedDict

W = OrderedDict()


def add(id, title, bar, tables, sql, plan, keys, nums, over=None, avg_tol=0.0):
    W[id] = dict(id=id, title=title, bar=bar, tables=tables, sql=" ".join(sql.split()),
                 plan={"version": 1, "plan": plan}, keys=list(keys), nums=list(nums),
                 over={k: " ".join(v.split()) for k, v in (over or {}).items()}, avg_tol=avg_tol)


def sql_for(w, dialect):
    return w["over"].get(dialect, w["sql"])


def table(name):
    return {"operator": "table", "table": name}


def filtered(predicate, input):
    return {"operator": "filter", "predicate": predicate, "input": input}


def projected(columns, input):
    return {"operator": "projection", "columns": [{"name": n, "expr": e} for n, e in columns], "input": input}


def grouped(keys, aggregates, input):
    calls = [(n, *e[:-1].split("(", 1)) for n, e in aggregates]
    return {"operator": "aggregate", "keys": [{"name": k, "expr": k} for k in keys],
            "aggregates": [{"name": n, "function": f, "args": [] if a == "*" else [a]} for n, f, a in calls],
            "input": input}


_L4 = ["l_orderkey", "l_quantity", "l_extendedprice", "l_shipdate"]
_DEC = ["l_extendedprice", "l_discount", "l_tax"]
_Q1 = ["l_returnflag", "l_linestatus", "l_quantity", "l_extendedprice", "l_discount", "l_tax", "l_shipdate"]
_CHARGE = "l_extendedprice * (1 - l_discount) * (1 + l_tax)"


def _range(low, high):
    return f"l_quantity < 24 AND l_shipdate >= DATE '{low}' AND l_shipdate < DATE '{high}'"


# -- a. filter --------------------------------------------------------------
for _id, _bar, _kept, _low, _high in [("a1", 1.05, "7%", "1994-01-01", "1995-01-01"),
                                      ("a2", 1.05, "28%", "1993-01-01", "1997-01-01")]:
    add(_id, f"filter, {_kept} kept, 4 fixed-width columns", _bar, {"lineitem": _L4},
        f"SELECT {', '.join(_L4)} FROM {{lineitem}} WHERE {_range(_low, _high)}",
        filtered(_range(_low, _high), table("lineitem")), keys=[0, 1, 2, 3], nums=[1, 2])
add("a3", "filter, 46% kept, key + 2 string columns", 1.3,
    {"lineitem": ["l_orderkey", "l_quantity", "l_shipmode", "l_comment"]},
    "SELECT l_orderkey, l_shipmode, l_comment FROM {lineitem} WHERE l_quantity < 24",
    projected([(n, n) for n in ("l_orderkey", "l_shipmode", "l_comment")],
              filtered("l_quantity < 24", table("lineitem"))), keys=[0, 1, 2], nums=[])

# -- b. projection ----------------------------------------------------------
add("b1", "price*(1-disc)*(1+tax), decimal(15,2), exact", 0.5, {"lineitem": _DEC},
    f"SELECT {_CHARGE} AS charge FROM {{lineitem}}",
    projected([("charge", _CHARGE)], table("lineitem")), keys=[0], nums=[0])
add("b2", "same, cast decimal to float64 first", 1.05, {"lineitem": _DEC}, """
  SELECT CAST(l_extendedprice AS DOUBLE) * (1 - CAST(l_discount AS DOUBLE)) * (1 + CAST(l_tax AS DOUBLE)) AS charge
  FROM {lineitem}""",
    projected([("charge", "CAST(l_extendedprice AS DOUBLE) * (1 - CAST(l_discount AS DOUBLE))"
                          " * (1 + CAST(l_tax AS DOUBLE))")], table("lineitem")), keys=[], nums=[0],
    over={"chdb": """SELECT toFloat64(l_extendedprice) * (1 - toFloat64(l_discount)) * (1 + toFloat64(l_tax)) AS charge
                     FROM {lineitem}"""})
add("b3", "same, input already float64", 1.05, {"lineitem_f64": _DEC},
    f"SELECT {_CHARGE} AS charge FROM {{lineitem_f64}}",
    projected([("charge", _CHARGE)], table("lineitem_f64")), keys=[], nums=[0])

# -- p. parts of b1: one operation of decimals ---------------------------------
for _id, _bar, _op, _expr in [("p1", 0.5, "sum", "l_extendedprice + l_tax"),
                              ("p2", 0.5, "difference", "l_extendedprice - l_discount"),
                              ("p3", 0.5, "product", "l_extendedprice * l_discount")]:
    add(_id, f"{_op} of two decimal(15,2)", _bar, {"lineitem": _DEC},
        f"SELECT {_expr} AS r FROM {{lineitem}}", projected([("r", _expr)], table("lineitem")), keys=[0], nums=[0])
add("p4", "count of rows where one decimal(15,2) is less than another", 0.5, {"lineitem": _DEC},
    "SELECT count(*) AS c FROM {lineitem} WHERE l_discount < l_tax",
    grouped([], [("c", "count(*)")], filtered("l_discount < l_tax", table("lineitem"))), keys=[0], nums=[])
add("p5", "quotient of two decimal(15,2)", 2.0, {"lineitem": ["l_extendedprice", "l_quantity"]},
    "SELECT l_extendedprice / l_quantity AS r FROM {lineitem}",
    projected([("r", "l_extendedprice / l_quantity")], table("lineitem")), keys=[], nums=[0], avg_tol=1e-6)
add("p6", "sum over a decimal(15,2)", 0.5, {"lineitem": ["l_extendedprice"]},
    "SELECT sum(l_extendedprice) AS s FROM {lineitem}",
    grouped([], [("s", "sum(l_extendedprice)")], table("lineitem")), keys=[], nums=[0])

# -- c. aggregation with few groups ------------------------------------------
_FLAGS = ["l_returnflag", "l_linestatus"]
_AVGS = [("a1", "avg(l_quantity)"), ("a2", "avg(l_extendedprice)"), ("a3", "avg(l_discount)"), ("c", "count(*)")]
_C1 = [("s1", "sum(l_quantity)"), ("s2", "sum(l_extendedprice)"), ("s3", "sum(l_discount)"), ("s4", "sum(l_tax)")] + _AVGS
_C2 = [("s1", "sum(l_quantity)"), ("s2", "sum(l_extendedprice)"), ("s3", "sum(l_extendedprice * (1 - l_discount))"),
       ("s4", f"sum({_CHARGE})")] + _AVGS


def _aggregates(aggregates):
    return ", ".join(f"{e} AS {n}" for n, e in aggregates)


add("c1", "group by 2 flags (4 groups), 8 plain aggregates on decimals", 0.4, {"lineitem": _Q1[:6]},
    f"SELECT l_returnflag, l_linestatus, {_aggregates(_C1)} FROM {{lineitem}} GROUP BY l_returnflag, l_linestatus",
    grouped(_FLAGS, _C1, table("lineitem")), keys=[0, 1, 9], nums=[2, 3, 4, 5, 6, 7, 8], avg_tol=2e-6)
add("c2", "TPC-H Q1 body (filter, decimal arithmetic, 8 aggregates)", 0.4, {"lineitem": _Q1}, f"""
  SELECT l_returnflag, l_linestatus, {_aggregates(_C2)} FROM {{lineitem}}
  WHERE l_shipdate <= DATE '1998-09-02' GROUP BY l_returnflag, l_linestatus""",
    grouped(_FLAGS, _C2, filtered("l_shipdate <= DATE '1998-09-02'", table("lineitem"))),
    keys=[0, 1, 9], nums=[2, 3, 4, 5, 6, 7, 8], avg_tol=2e-6)
