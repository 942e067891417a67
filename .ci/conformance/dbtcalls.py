"""dbt in one process for many calls, for it takes seconds to start.

Reads calls from standard input, a JSON object a line: args; env to set for the call; and parsed, whether the project is
as it was at the last such call, so that it need not be read again. Prints a JSON object a line for each: exit, the status that the dbt command would have; output; and lines, what `ls` or `compile --inline` gave.
"""
import contextlib
import io
import json
import os
import sys

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner


manifests = []


def call(args, env, parsed=False):
    before = dict(os.environ)
    os.environ.update(env)
    text = io.StringIO()
    try:
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            if parsed and not manifests:
                manifests.append(dbtRunner().invoke(["--quiet", "parse"]).result)
            done = dbtRunner(manifest=manifests[0] if parsed else None).invoke(args)
    finally:
        DuckDBConnectionManager.close_all_connections()
        os.environ.clear()
        os.environ.update(before)
    status = 0 if done.success else 2 if done.exception else 1
    return {"exit": status, "output": text.getvalue() + str(done.exception or ""), "lines": lines(args, done)}


def lines(args, done):
    if not done.success:
        return ["error"]
    if "ls" in args:
        return done.result
    if "--inline" in args:
        return done.result.results[0].node.compiled_code.splitlines()
    return []


answers = sys.stdout
for line in sys.stdin:
    answers.write(json.dumps(call(**json.loads(line))) + "\n")
    answers.flush()
