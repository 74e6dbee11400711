# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""One peer with one workload in this process; answers requests on standard input, a line each.

  run          -> ok <milliseconds> <rows>
  save <path>  -> ok        writes the last result as an Arrow IPC file
  (end)        -> exits
The first line out is "ready <version>", "n/a <reason>" or "error <reason>".
"""
import argparse
import gc
import importlib.util
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def engine_class(name):
    folder = os.path.join(HERE, "engines")
    file = name.split("-")[0] + "_engine.py"
    spec = importlib.util.spec_from_file_location("bench_" + file[:-3], os.path.join(folder, file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.ENGINES[name]


def say(out, *words):
    out.write(" ".join(str(w) for w in words).replace("\n", " ") + "\n")
    out.flush()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--engine", required=True)
    ap.add_argument("--workload", required=True)
    ap.add_argument("--threads", type=int, required=True)
    ap.add_argument("--data", required=True)
    a = ap.parse_args()
    # what an engine prints must not reach the protocol
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    result = None
    try:
        for k in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(k, str(a.threads))
        cls = engine_class(a.engine)
        os.environ.update(cls.env(a.threads))
        import pyarrow as pa
        import data
        import workloads
        pa.set_cpu_count(a.threads)
        w = workloads.W[a.workload]
        e = cls(a.threads)
        e.register(data.load(a.data, w["tables"]))
        fn = e.prepare(w)
        gc.disable()
        for _ in range(cls.WARMUPS):
            result = None
            e.forget()
            result = fn()
    except BaseException as ex:  # engines raise all kinds of things
        from engines.base import Unsupported
        say(out, "n/a" if isinstance(ex, Unsupported) else "error", f"{type(ex).__name__}: {str(ex)[:300]}")
        os._exit(0)
    say(out, "ready", e.version())
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "run":
                result = None
                e.forget()
                gc.collect()
                t = time.perf_counter()
                result = fn()
                say(out, "ok", (time.perf_counter() - t) * 1e3, result.num_rows)
            elif words[0] == "save":
                with pa.OSFile(words[1], "wb") as f, pa.ipc.new_file(f, result.schema) as writer:
                    writer.write_table(result)
                say(out, "ok")
        except BaseException as ex:
            say(out, "error", f"{type(ex).__name__}: {str(ex)[:300]}")
    os._exit(0)   # some engines hang in teardown


if __name__ == "__main__":
    main()
