"""Runs of one project: a copy of it, its steps in order, and what each leaves behind."""
import contextlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time

import duckdb
import yaml

HERE = pathlib.Path(__file__).resolve().parent
WAREHOUSE = "dev.duckdb"  # where elt, and dbt-duckdb without a path, keep the target dev
NULL = "∅"


def read_yaml(path):
    return yaml.safe_load(pathlib.Path(path).read_text())


@contextlib.contextmanager
def inside(folder):
    """Relative paths in SQL are those of the project."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class Run:
    """A program on a copy of a project. Subclasses say how the program is called."""

    command = []
    forced = []  # what has a command do even what is done already

    def __init__(self, source, home, spec):
        self.home, self.spec = home, spec
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(source, home, ignore=shutil.ignore_patterns("golden.json", "conformance.yml", "target", "logs"))
        (home / "data").mkdir(exist_ok=True)
        (home / "out").mkdir(exist_ok=True)
        packages = home / "packages"
        for package in sorted(packages.iterdir()) if packages.exists() else []:
            # What `dbt deps` makes of a local package.
            (home / "dbt_packages").mkdir(exist_ok=True)
            (home / "dbt_packages" / package.name).symlink_to(pathlib.Path("..") / "packages" / package.name)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "ELT_", "PYTHON"))}
        self.env |= {"TZ": "UTC", "NO_COLOR": "1", "CI": "1"}

    def outcome(self):
        out = {"steps": [self.step(s) for s in self.spec["steps"]]}
        if self.spec.get("manifest", True):
            out["manifest"] = manifest_outline(self.home / "target/manifest.json")
        out["ls"] = self.listings(self.spec.get("ls") or [])
        out["inline"] = self.inlines(self.spec.get("inline") or [])
        return out

    def step(self, step):
        for path, text in (step.get("put") or {}).items():
            target = self.home / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.home / text, target)
            os.utime(target, (time.time() + 2, time.time() + 2))
        for path in step.get("remove") or []:
            (self.home / path).unlink()
        if step.get("sql"):
            try:
                with inside(self.home), duckdb.connect(WAREHOUSE) as db:
                    db.execute(step["sql"])
            except duckdb.Error as e:
                # What the step before left is not what dbt leaves: the comparison will tell.
                return {"name": step.get("name") or step["run"], "run": step["run"], "fails": None, "seconds": None, "exit": "none",
                        "output": f"sql of the step: {e}", "verdicts": None, "freshness": None, "catalog": None, "tables": {}}
        artifacts = {"verdicts": "run_results.json", "freshness": "sources.json", "catalog": "catalog.json"}
        before = {name: self.read(f"target/{name}") for name in artifacts.values()}
        env = self.env | {k: str(v) for k, v in (step.get("env") or {}).items()}
        args = shlex.split(step["run"]) + (self.forced if step.get("force") else [])
        out = {"name": step.get("name") or step["run"], "run": step["run"], "fails": step.get("fails"), **self.call(args, env)}
        for part, name in artifacts.items():
            text = self.read(f"target/{name}")
            outline = catalog_outline if part == "catalog" else verdicts
            out[part] = outline(text) if text is not None and text != before[name] else None
        out["tables"] = self.tables(step) if step.get("tables", True) else None
        for path, saved in (step.get("save") or {}).items():
            (self.home / saved).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.home / path, self.home / saved)
        (self.home / f"out/{len(list((self.home / 'out').iterdir()))}.txt").write_text(out["output"])
        return out

    def call(self, args, env):
        started = time.perf_counter()
        done = subprocess.run([*self.command, *args], cwd=self.home, env=env, capture_output=True, text=True)
        return {"seconds": time.perf_counter() - started, "exit": done.returncode, "output": done.stdout + done.stderr}

    def read(self, name):
        path = self.home / name
        return path.read_text() if path.exists() else None

    def tables(self, step):
        """Every relation: its columns with types, and its rows as sorted text."""
        if not (self.home / WAREHOUSE).exists():
            return {}
        mask = self.spec.get("mask") or {}
        with inside(self.home), duckdb.connect(WAREHOUSE, read_only=True) as db:
            db.execute("set timezone = 'UTC'")
            names = db.execute("select table_schema, table_name from information_schema.tables"
                               " where table_catalog = current_database() and not starts_with(table_schema, '_')").fetchall()
            return {f"{schema}.{name}": dump(db, schema, name, mask) for schema, name in sorted(names)}

    def call(self, args, env):
        started = time.perf_counter()
        done = subprocess.run([*self.command, *args], cwd=self.home, env=env, capture_output=True, text=True)
        return {"seconds": time.perf_counter() - started, "exit": done.returncode, "output": done.stdout + done.stderr}

    def read(self, name):
        path = self.home / name
        return path.read_text() if path.exists() else None

    def tables(self, step):
        """Every relation: its columns with types, and its rows as sorted text."""
        if not (self.home / WAREHOUSE).exists():
            return {}
        mask = self.spec.get("mask") or {}
        with inside(self.home), duckdb.connect(WAREHOUSE, read_only=True) as db:
            db.execute("set timezone = 'UTC'")
            names = db.execute("select table_schema, table_name from information_schema.tables"
                               " where table_catalog = current_database() and not starts_with(table_schema, '_')").fetchall()
            return {f"{schema}.{name}": dump(db, schema, name, mask) for schema, name in sorted(names)}

    def listings(self, selections):
        return {s: sorted(l.split()[-1] for l in self.capture("ls", "--output", "name", *shlex.split(s))) for s in selections}

    def inlines(self, templates):
        return {t: "\n".join(self.capture("compile", "--inline", t)).strip() for t in templates}

    def capture(self, *args):
        done = subprocess.run([*self.command, *args, "-q"], cwd=self.home, env=self.env,
                              capture_output=True, text=True)
        if done.returncode:
            return ["error"]
        return done.stdout.splitlines()


def dump(db, schema, name, mask):
    table = f'"{schema}"."{name}"'
    try:
        columns = db.execute(f"describe {table}").fetchall()
        masked = mask.get(f"{schema}.{name}", []) + mask.get("*", [])
        values = [f"coalesce(cast(\"{c[0]}\" as varchar), '{NULL}')" if c[0] not in masked
                  else f"case when \"{c[0]}\" is null then '{NULL}' else '*' end" for c in columns]
        rows = db.execute(f"select {', '.join(values)} from {table}").fetchall()
    except duckdb.Error as e:
        return {"columns": [], "rows": ["error: " + str(e).split("\n")[0]]}
    return {"columns": [f"{c[0]} {c[1]}" for c in columns], "rows": sorted(" | ".join(r) for r in rows)}


def plain_id(node_id):
    """A node's ID without the hash that ends those of generic tests."""
    parts = node_id.split(".")
    return ".".join(parts[:-1]) if parts[0] == "test" and len(parts) > 3 else node_id


def verdicts(text):
    """Status of each node, sorted; the same test of two columns may stand there twice."""
    # dbt's operations are hooks, which succeed with their command; exposures do nothing; elt loads sources, too.
    beside = ("operation.", "exposure.") if "/sources/" in text[:300] else ("operation.", "exposure.", "source.")
    wanted = [r for r in json.loads(text)["results"] if not r["unique_id"].startswith(beside)]
    return sorted(f"{plain_id(r['unique_id'])} {r['status']}" for r in wanted)


def catalog_outline(text):
    catalog = json.loads(text)
    return sorted(f"{node_id} {', '.join(c['name'] + ' ' + c['type'] for c in sorted(node['columns'].values(), key=lambda c: c['index']))}"
                  for node_id, node in {**catalog["nodes"], **catalog["sources"]}.items())


def manifest_outline(path):
    if not path.exists():
        return None
    manifest = json.loads(path.read_text())
    own = {k: v for k, v in {**manifest["nodes"], **manifest["sources"], **manifest["exposures"],
                             **manifest.get("unit_tests", {})}.items() if v["package_name"] != "dbt"}
    lines = []
    for node_id, node in own.items():
        if node_id.startswith(("operation.", "analysis.")):
            continue
        kind = node["resource_type"]
        if not node["config"].get("enabled", True):
            lines.append(f"disabled {plain_id(node_id)}")  # a test that reads what is disabled: dbt leaves it where it is
            continue
        line = plain_id(node_id)
        if kind in ("model", "seed", "snapshot"):
            relation = f"{node['schema']}.{node['alias']}" if node["config"]["materialized"] != "ephemeral" else ""
            line += f" {node['config']['materialized']} {relation} fqn={'.'.join(node['fqn'])}"
            line += "".join(f" {k}={node[k]}" for k in ("group", "access", "version") if node.get(k))
        if kind == "source":
            line += f" {node['schema']}.{node['identifier']}"
        if kind == "test":
            line += f" {node['config']['severity'].lower()}"
        if node.get("tags"):
            line += f" tags={','.join(sorted(set(node['tags'])))}"
        if node.get("meta"):
            line += f" meta={json.dumps(node['meta'], sort_keys=True, separators=(',', ':'))}"
        if kind != "source":
            line += f" <- {' '.join(sorted(set(map(plain_id, node['depends_on'].get('nodes', [])))))}"
        lines.append(line.strip())
    lines += [f"disabled {plain_id(node_id)}" for node_id in manifest.get("disabled") or {}]
    return sorted(lines)


def write_profile(source, home):
    """Where dbt is to find the warehouse of a project; the environment that tells it so."""
    profile = read_yaml(source / "dbt_project.yml")["profile"]
    output = {"type": "duckdb", "path": str(home / WAREHOUSE), "threads": 4}
    (home / "out/profiles.yml").write_text(yaml.safe_dump({profile: {"target": "dev", "outputs": {"dev": output}}}))
    return {"DBT_PROFILES_DIR": str(home / "out"), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false",
            "DBT_PARTIAL_PARSE": "false"}


class Dbt(Run):
    def __init__(self, source, home, spec):
        super().__init__(source, home, spec)
        self.command = [str(pathlib.Path(sys.executable).parent / "dbt")]
        self.env |= write_profile(source, home)
        self.worker = None

    def outcome(self):
        try:
            return super().outcome()
        finally:
            if self.worker:
                self.worker.stdin.close()
                self.worker.wait()

    def call(self, args, env):
        """The first call is dbt as people run it, and its time counts; the others share a process."""
        if self.worker is None:
            self.start_worker()
            return super().call(args, env)
        answer = self.ask(args, {k: v for k, v in env.items() if self.env.get(k) != v})
        return {"seconds": None, "exit": answer["exit"], "output": answer["output"]}

    def start_worker(self):
        self.worker = subprocess.Popen([sys.executable, str(HERE / "dbtcalls.py")], cwd=self.home, env=self.env, text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, args, env, parsed=False):
        self.worker.stdin.write(json.dumps({"args": args, "env": env, "parsed": parsed}) + "\n")
        self.worker.stdin.flush()
        return json.loads(self.worker.stdout.readline())

    def listings(self, selections):
        return {s: sorted(self.ask(["--quiet", "ls", "--output", "name", *shlex.split(s)], {}, parsed=True)["lines"]) for s in selections}

    def inlines(self, templates):
        env = {"DBT_PARTIAL_PARSE": "true"}  # no file changes between these
        return {t: "\n".join(self.ask(["--quiet", "compile", "--inline", t], env)["lines"]).strip() for t in templates}


class Elt(Run):
    forced = ["--force"]

    def __init__(self, source, home, spec, program):
        super().__init__(source, home, spec)
        self.source = source
        self.command = [str(program)]

    def outcome(self):
        out = super().outcome()
        if not self.spec.get("manifest", True):
            return out
        env = self.env | write_profile(self.source, self.home)
        done = subprocess.run([sys.executable, str(HERE / "readback.py"), str(self.home)], env=env, capture_output=True, text=True)
        return out | {"unreadable": json.loads(done.stdout) if done.returncode == 0 else done.stderr.splitlines()}
