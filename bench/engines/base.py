# SPDX-License-Identifier: Apache-2.0
# Copyright The TiForth Authors
"""Adapter contract.  An adapter file defines ENGINES = {"name": Class}.

  Class.env(threads) -> dict            set in os.environ before anything is imported
  e = Class(threads)                    import the engine, set its thread count
  e.version() -> str
  e.register(tables)                    {name: pyarrow.Table}; not part of the time
  fn = e.prepare(workload)              raise Unsupported when it cannot
  fn() -> pyarrow.Table                 the timed call: plan, execution, result as Arrow
"""


class Unsupported(Exception):
    pass


class Engine:
    NOTE = ""              # one line: how input and output are handled
    DIALECT = "ansi"
    WARMUPS = 1            # calls before the measured ones (more for an engine that compiles hot code)

    @staticmethod
    def env(threads):
        return {}

    def __init__(self, threads):
        self.threads = threads

    def version(self):
        return "?"

    def register(self, tables):
        raise NotImplementedError

    def prepare(self, w):
        raise Unsupported("not implemented")

    def forget(self):
        """Frees what the engine holds of its last result; not part of the time."""


def render(sql, names, wrap="{}"):
    return sql.format(**{n: wrap.format(n) for n in names})
