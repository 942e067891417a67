"""Comparison of what dbt and elt gave, and the golden file."""
import dataclasses
import difflib
import json


@dataclasses.dataclass
class Difference:
    where: str  # a step's name, "ls", "inline" or "manifest"
    what: str
    lines: list

    def __str__(self):
        return f"{self.where}: {self.what}" + "".join("\n" + line for line in self.lines[:40])


def kept(outcome):
    """What of an outcome is compared: not times and messages."""
    steps = [{k: v for k, v in s.items() if k not in ("seconds", "output", "fails")} for s in outcome["steps"]]
    return {**outcome, "steps": steps}


def render(outcome):
    """The golden file. A table that is as after the step before is written as "as before"."""
    golden, before = kept(outcome), {}
    for step in golden["steps"]:
        if step["tables"] is not None:
            after = step["tables"]
            step["tables"] = {name: "as before" if before.get(name) == table else table for name, table in after.items()}
            before = after
    return json.dumps(golden, indent=1, ensure_ascii=False) + "\n"


def against_golden(path, dbt):
    if not path.exists():
        return [Difference("golden.json", "is missing; `make conformance-update` writes it", [])]
    old, new = path.read_text(), render(dbt)
    if old == new:
        return []
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), "golden.json", "dbt", lineterm="", n=1))
    return [Difference("golden.json", "dbt gives something else now", lines)]


def is_pending(pending, project, difference):
    return project in pending or f"{project}/{difference.where}" in pending


def differences(dbt, elt):
    found = []
    for want, got in zip(dbt["steps"], elt["steps"]):
        found += step_differences(want, got)
    for part in ("ls", "inline"):
        for key, want in dbt[part].items():
            got = elt[part].get(key)
            # Where dbt refuses, elt has to; it may refuse what selects nothing for dbt.
            if want != got and not (part == "ls" and want == [] and got == ["error"]):
                found.append(Difference(part, repr(key), diff(as_lines(want), as_lines(got))))
    if elt.get("unreadable"):
        found.append(Difference("artifacts", "dbt does not read them as they are meant", elt["unreadable"]))
    if dbt.get("manifest") != elt.get("manifest"):
        found.append(Difference("manifest", "differs", diff(dbt["manifest"] or [], elt["manifest"] or [])))
    return found


def as_lines(value):
    return value.splitlines() if isinstance(value, str) else list(value or [])


def step_differences(want, got):
    where = want["name"]
    if want["fails"] and want["exit"] and got["exit"]:
        return []
    if want["exit"] != got["exit"]:
        tail = got["output"].strip().splitlines()[-12:]
        return [Difference(where, f"exit status {got['exit']}, dbt gives {want['exit']}", ["elt: " + line for line in tail])]
    found = []
    for part in ("verdicts", "freshness", "catalog"):
        mine = got[part] or []
        if part == "verdicts" and want[part] is not None:
            mine = without_extra(want["run"], want[part], mine)
        if want[part] is not None and want[part] != mine:
            found.append(Difference(where, part, diff(want[part], mine)))
    # A run that fails publishes nothing in elt, by design; dbt leaves what was done until then.
    if want["tables"] is None or want["exit"] and want["run"].split()[0] != "test":
        return found
    for name in sorted(want["tables"].keys() | got["tables"].keys()):
        left, right = want["tables"].get(name), got["tables"].get(name)
        if left is None or right is None:
            found.append(Difference(where, f"table {name} is missing in {'dbt' if left is None else 'elt'}", []))
        elif left != right:
            found.append(Difference(where, f"table {name}", diff(left["columns"] + left["rows"], right["columns"] + right["rows"])))
    return found


def without_extra(command, want, got):
    """elt tests what it builds and builds what that needs, whatever the command: what went well beside is no difference."""
    if command.split()[0] not in ("run", "seed", "snapshot"):
        return got
    return [line for line in got if line in want or line.split()[-1] not in ("success", "pass", "warn")]


def diff(want, got):
    return [line for line in difflib.unified_diff(want, got, "dbt", "elt", lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))]
