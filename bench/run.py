#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""Measures TiForth and its peers side by side and prints one table.

    bench/run.sh                                  every workload, one thread and two, scale 1
    bench/run.sh --workload b1,c --threads 1 --engines tiforth,duckdb --runs 9

A workload and a thread count make a row.  Every engine of the row has a process of its own with the
row's data in memory, pinned to as many processors as the row has threads.  The engines then run in
turn, `--runs` rounds; the table shows each engine's median, and TiForth's as a ratio to the best
peer's.  Results are compared between engines before a row counts.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PACKAGES = ["numpy", "pyarrow", "duckdb", "datafusion", "polars", "chdb", "tpchgen-cli"]
# Whoever frees memory between rounds keeps it. Else mimalloc (TiForth, DataFusion, Acero) gives it back
# while the others have their turn, and half of a run goes into getting it again.
ENVIRONMENT = {"MIMALLOC_PURGE_DELAY": "-1"}
# Is the number of rounds before the measured ones: allocators need some until they have enough.
WARM_ROUNDS = 5
PEERS = ["duckdb", "datafusion", "polars", "polars-mem", "chdb", "acero"]


def into_venv(folder):
    """Runs this script again inside the virtual environment, made first where it is missing."""
    python = os.path.join(folder, "bin", "python")
    if os.path.abspath(sys.prefix) == os.path.abspath(folder):
        return
    # Lists what pip was done with, so that a setup that was interrupted goes on where it stopped.
    done_file = os.path.join(folder, "packages")
    if not os.path.exists(python):
        print("setting up", folder, flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = open(done_file).read().split() if os.path.exists(done_file) else []
    for package in (p for p in PACKAGES if p not in done):
        print("installing", package, flush=True)
        if subprocess.run([python, "-m", "pip", "install", "-q", package]).returncode != 0:
            print(f"could not install {package}; what needs it is left out")
            continue
        with open(done_file, "a") as f:
            f.write(package + "\n")
    os.execv(python, [python, os.path.join(HERE, "run.py")] + sys.argv[1:])


class Engine:
    """One process with one engine and one workload."""

    def __init__(self, name, command, cpus):
        self.name = name
        self.times = []
        self.rows = None
        self.process = subprocess.Popen(["taskset", "-c", cpus] + command, stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
                                        env={**os.environ, **ENVIRONMENT})
        word, self.says = self.answer()
        self.failed = None if word == "ready" else word

    def answer(self):
        line = self.process.stdout.readline().strip()
        word, _, rest = line.partition(" ")
        return word or "error", rest or "(the process ended)"

    def ask(self, request):
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except OSError:
            return "error", "(the process ended)"
        return self.answer()

    def run(self, is_measured):
        word, rest = self.ask("run")
        if word != "ok":
            self.failed, self.says = "error", rest
            return
        ms, rows = rest.split()
        if is_measured:
            self.times.append(float(ms))
        self.rows = int(rows)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def cell(w, engine, threads, folder, worker):
    import data
    cpus = ",".join(str(c) for c in sorted(os.sched_getaffinity(0))[:threads])
    if engine == "tiforth":
        command = [worker, "--threads", str(threads), "--plan", json.dumps(w["plan"])]
        for name, columns in w["tables"].items():
            command += ["--table", f"{name}={data.path(folder, name)}", "--columns", ",".join(columns)]
    else:
        command = [sys.executable, os.path.join(HERE, "peer.py"), "--engine", engine, "--workload", w["id"],
                   "--threads", str(threads), "--data", folder]
    return Engine(engine, command, cpus)


def verify(w, engines, scratch):
    """Compares the results of a row; returns {engine: what differs}."""
    import pyarrow as pa
    from checksum import checksum, same
    sums = {}
    for e in engines:
        file = os.path.join(scratch, "result.arrow")
        word, rest = e.ask("save " + file)
        if word != "ok":
            sums[e.name] = rest
            continue
        with pa.OSFile(file) as f:
            sums[e.name] = checksum(pa.ipc.open_file(f).read_all(), w["keys"], w["nums"])
        os.remove(file)
    good = [(n, s) for n, s in sums.items() if isinstance(s, dict)]
    # the result most engines agree with is the right one
    agrees = lambda a: sum(not same(a, b, abs_per_row=w["avg_tol"]) for _, b in good)
    right = max((s for _, s in good), key=agrees, default=None)
    out = {}
    for name, s in sums.items():
        why = s if isinstance(s, str) else same(right, s, abs_per_row=w["avg_tol"])
        if why:
            out[name] = why
    return out


def measure(w, threads, names, args, folder, worker, scratch):
    engines = [cell(w, n, threads, folder, worker) for n in names]
    row = {"workload": w["id"], "threads": threads, "cells": {}}
    try:
        live = [e for e in engines if not e.failed]
        for round in range(WARM_ROUNDS + args.runs):
            # another engine begins each round
            k = round % max(len(live), 1)
            for e in live[k:] + live[:k]:
                if not e.failed:
                    e.run(round >= WARM_ROUNDS)
        live = [e for e in live if not e.failed]
        wrong = verify(w, live, scratch) if args.verify else {}
        for e in engines:
            c = {"says": e.says, "status": e.failed or ("differs" if e.name in wrong else "ok")}
            if e.times:
                c.update(median=statistics.median(e.times), min=min(e.times), times=e.times, rows=e.rows)
            if e.name in wrong:
                c["says"] = wrong[e.name]
            row["cells"][e.name] = c
    finally:
        for e in engines:
            e.close()
    return row


def machine():
    model = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    memory = next((int(l.split()[1]) for l in open("/proc/meminfo") if l.startswith("MemTotal")), 0)
    simd = next((l for l in open("/proc/cpuinfo") if l.startswith("flags")), "")
    simd = "AVX-512" if "avx512bw" in simd else "AVX2" if "avx2" in simd else "baseline"
    return (f"{model}, {os.cpu_count()} processors, {simd}, {memory / 2**20:.1f} GiB, "
            f"{platform.system()} {platform.release()}, Python {platform.python_version()}")


def render(rows, names, args, versions):
    """The table, as Markdown that reads well in a terminal too."""
    import workloads
    peers = [n for n in names if n != "tiforth"]
    header = ["id", "thr"] + names + ["best peer", "ratio", "bar", ""]
    lines = [header]
    for r in rows:
        def text(n):
            c = r["cells"].get(n, {})
            if "median" not in c:
                return c.get("status", "-")
            return f"{c['median']:.1f}" + (" X" if c["status"] == "differs" else "")
        ok = {n: c["median"] for n, c in r["cells"].items() if c["status"] == "ok" and "median" in c}
        best = min((n for n in ok if n in peers), key=ok.get, default=None)
        bar = workloads.W[r["workload"]]["bar"]
        ratio = ok["tiforth"] / ok[best] if best and "tiforth" in ok else None
        met = "" if ratio is None else "met" if ratio <= bar else "not met"
        lines.append([r["workload"], str(r["threads"])] + [text(n) for n in names] +
                     [best or "-", "-" if ratio is None else f"{ratio:.2f}", f"{bar:.2f}", met])
    width = [max(len(l[i]) for l in lines) for i in range(len(header))]
    lines.insert(1, ["-" * w for w in width])
    table = "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(l, width)) + " |" for l in lines)
    titles = "\n".join(f"- {r['workload']}: {workloads.W[r['workload']]['title']}"
                       for r in {r["workload"]: r for r in rows}.values())
    notes = [f"- {r['workload']}, {r['threads']} thread(s), {n}: {c['status']}: {c['says']}"
             for r in rows for n, c in r["cells"].items() if c["status"] != "ok"]
    return (f"Medians of {args.runs} interleaved runs, milliseconds; scale {args.scale:g}; "
            f"{datetime.date.today().isoformat()}.\n\nMachine: {machine()}.\n\n"
            f"Versions: {'; '.join(versions[n] for n in names if n in versions)}.\n\n{table}\n\n{titles}\n"
            + ("\n" + "\n".join(notes) + "\n" if notes else ""))


def build(args):
    """Builds TiForth's side and returns its path."""
    command = args.cargo.split() + ["build", "--profile", args.profile, "-p", "tiforth-bench"]
    subprocess.run(command, cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    return os.path.join(target, args.profile, "tiforth-bench")


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--workload", default="a,b,c", help="ids or letters, comma between [a,b,c]")
    ap.add_argument("--threads", default="1,2", help="thread counts, comma between [1,2]")
    ap.add_argument("--scale", type=float, default=1.0, help="TPC-H scale factor [1]")
    ap.add_argument("--engines", default=",".join(["tiforth"] + PEERS), help="comma between [all]")
    ap.add_argument("--runs", type=int, default=7, help="measured rounds [7]")
    ap.add_argument("--no-verify", dest="verify", action="store_false", help="do not compare the results")
    ap.add_argument("--out", help="also write the table to this file")
    ap.add_argument("--json", help="also write all times to this file")
    ap.add_argument("--data", default=os.environ.get("BENCH_DATA", os.path.join(HERE, "data")))
    ap.add_argument("--venv", default=os.environ.get("BENCH_VENV", os.path.join(HERE, ".venv")))
    ap.add_argument("--cargo", default=os.environ.get("BENCH_CARGO", "cargo"), help="the cargo command [cargo]")
    ap.add_argument("--profile", default="release", help="the cargo profile [release]")
    ap.add_argument("--worker", help="a tiforth-bench built before")
    return ap.parse_args()


def main():
    args = arguments()
    into_venv(args.venv)
    sys.path.insert(0, HERE)
    import data
    import workloads
    wanted = args.workload.split(",")
    ids = [i for i in workloads.W if any(i == x or (len(x) == 1 and i.startswith(x)) for x in wanted)]
    names = args.engines.split(",")
    threads = [int(t) for t in args.threads.split(",")]
    unknown = [n for n in names if n != "tiforth" and n not in PEERS]
    if unknown or not ids:
        sys.exit(f"unknown engine {', '.join(unknown)}" if unknown else f"no workload is named {args.workload}")
    if max(threads) > len(os.sched_getaffinity(0)):
        sys.exit("there are fewer processors than threads asked for")
    worker = (args.worker or build(args)) if "tiforth" in names else None
    folder = data.directory(args.data, args.scale)
    data.ensure(folder, args.scale)
    rows, versions = [], {}
    with tempfile.TemporaryDirectory() as scratch:
        for i in ids:
            for t in threads:
                row = measure(workloads.W[i], t, names, args, folder, worker, scratch)
                rows.append(row)
                versions.update({n: c["says"] for n, c in row["cells"].items() if c["status"] == "ok"})
                ms = {n: round(c["median"], 1) if "median" in c else c["status"] for n, c in row["cells"].items()}
                print(f"{i} {t}: {ms}", file=sys.stderr, flush=True)
    text = render(rows, names, args, versions)
    print(text)
    if args.out:
        with open(args.out, "w") as f:
            f.write(text)
    if args.json:
        with open(args.json, "w") as f:
            json.dump(rows, f, indent=1)


if __name__ == "__main__":
    main()
