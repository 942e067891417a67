#!/usr/bin/env python3
"""Run the projects of cmd/elt/testdata/dbt through dbt and through elt, and compare.

    conformance.py [--update] [--keep-going] [--dbt-only] [PROJECT…]

Needs python3 (3.10 or later) with venv, and PyPI once: dbt goes into a virtual environment of its own below
$ELT_CONFORMANCE_CACHE (default: ~/.cache/elt-conformance). elt is bin/elt, or $ELT.

Compared after each step of a project's conformance.yml: exit status, the verdict of every node and test, every table and
view with its columns, types and rows, the rows of sources.json; in the end the manifest in outline, what `ls` selects and
what `compile --inline` prints, and whether dbt itself can read the artifacts that elt wrote. What dbt gave is kept in
golden.json beside conformance.yml, for `go test`, which needs no Python; --update writes it.

Exit status 1: something differs that pending.yml does not name.
"""
import argparse
import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROJECTS = ROOT / "cmd/elt/testdata/dbt"
WORK = ROOT / "target/conformance"


def ensure_environment():
    """Continue inside the virtual environment; make it first where it is missing."""
    wanted = (HERE / "requirements.txt").read_bytes()
    key = hashlib.sha256(wanted + sys.version.encode()).hexdigest()[:12]
    cache = pathlib.Path(os.environ.get("ELT_CONFORMANCE_CACHE") or pathlib.Path.home() / ".cache/elt-conformance")
    home = cache / key
    python = home / "bin/python"
    if os.environ.get("ELT_CONFORMANCE_INSIDE") == key:
        return
    if not (home / "complete").exists():
        print(f"installing dbt into {home}", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
        (home / "complete").touch()
    os.environ["ELT_CONFORMANCE_INSIDE"] = key
    os.execv(python, [str(python), *sys.argv])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true", help="write what dbt gives to golden.json")
    parser.add_argument("--dbt-only", action="store_true", help="do not run elt")
    parser.add_argument("projects", nargs="*")
    options = parser.parse_args()

    sys.dont_write_bytecode = True
    import compare
    import runs

    elt = pathlib.Path(os.environ.get("ELT") or ROOT / "bin/elt").resolve()
    names = options.projects or sorted(p.parent.name for p in PROJECTS.glob("*/conformance.yml"))
    pending = runs.read_yaml(PROJECTS / "pending.yml") or {}
    report = Report()
    for name in names:
        spec = runs.read_yaml(PROJECTS / name / "conformance.yml")
        dbt = runs.Dbt(PROJECTS / name, WORK / "dbt" / name, spec).outcome()
        golden = PROJECTS / name / "golden.json"
        if options.update:
            golden.write_text(compare.render(dbt))
        stale = [] if options.update else compare.against_golden(golden, dbt)
        if options.dbt_only:
            report.add(name, dbt, None, stale, [], [])
            continue
        got = runs.Elt(PROJECTS / name, WORK / "elt" / name, spec, elt).outcome()
        found = compare.differences(dbt, got)
        known = [d for d in found if compare.is_pending(pending, name, d)]
        report.add(name, dbt, got, stale, [d for d in found if d not in known], known)
    return report.close()


class Report:
    """What is printed, and the exit status that comes of it."""

    def __init__(self):
        self.ratios, self.failed = [], 0
        print(f"{'project':24}{'steps':>6}{'dbt':>9}{'elt':>9}{'ratio':>8}   verdict", flush=True)

    def add(self, name, dbt, got, stale, found, known):
        steps = len(dbt["steps"])
        timed = [i for i, s in enumerate(dbt["steps"]) if s["seconds"]]
        spent = sum(dbt["steps"][i]["seconds"] for i in timed)
        ours, ratio = "", ""
        if got:
            mine = sum(got["steps"][i]["seconds"] for i in timed)
            ours = f"{mine:.2f}s"
            if all(got["steps"][i]["exit"] == dbt["steps"][i]["exit"] for i in timed):
                self.ratios.append(spent / mine)
                ratio = f"{spent / mine:.0f}x"
        verdict = "same" if not found and not known else f"{len(found)} differ" if found else f"{len(known)} pending"
        if stale:
            verdict += ", golden.json is stale"
        self.failed += bool(found or stale)
        print(f"{name:24}{steps:6}{spent:8.1f}s{ours:>9}{ratio:>8}   {verdict}", flush=True)
        for difference in stale + found:
            print("    " + str(difference).replace("\n", "\n      "), flush=True)
        for difference in known:
            print("    pending: " + str(difference).split("\n")[0], flush=True)

    def close(self):
        if self.ratios:
            print(f"\nmedian wall-time ratio dbt : elt over the first command of {len(self.ratios)} projects: {statistics.median(self.ratios):.0f}x")
        if self.failed:
            print(f"\n{self.failed} projects differ")
        return 1 if self.failed else 0


if __name__ == "__main__":
    ensure_environment()
    sys.exit(main())
