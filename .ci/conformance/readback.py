"""Whether dbt can read the artifacts that elt wrote: its own classes load them, and state:modified finds nothing modified.

    readback.py PROJECT

PROJECT is a folder whose target folder elt has filled. Prints a JSON list of problems.
"""
import contextlib
import io
import json
import pathlib
import sys

from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact
from dbt.cli.main import dbtRunner

ARTIFACTS = {
    "manifest.json": WritableManifest, "run_results.json": RunResultsArtifact, "catalog.json": CatalogArtifact,
    "sources.json": FreshnessExecutionResultArtifact,
}


def problems(home):
    found = [f"dbt takes for modified: {line}" for line in modified(home)]  # first, for it sets the flags that the readers ask for
    for name, artifact in ARTIFACTS.items():
        path = home / "target" / name
        if path.exists():
            try:
                artifact.read_and_check_versions(str(path))
            except Exception as e:  # whatever dbt's reader raises is the finding
                found.append(f"{name}: {type(e).__name__}: {e}")
    return found


def modified(home):
    """What dbt finds modified since the manifest that elt wrote of the very same project.

    Left out are tests and whatever calls dbt's own macros, for those are no part of elt's manifest; where a list is
    configured, for dbt reads that otherwise from any manifest but that of its own version; and snapshots of YAML files, of
    whose configuration dbt forgets what the project file says.
    """
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        done = dbtRunner().invoke([
            "--quiet", "ls", "--project-dir", str(home), "--target-path", str(home / "out/readback"), "--state", str(home / "target"),
            "--select", "state:modified", "--indirect-selection", "empty", "--output", "json", "--output-keys", "unique_id",
            "--resource-type", "model", "--resource-type", "seed", "--resource-type", "snapshot", "--resource-type", "source",
            "--resource-type", "exposure",
        ])
    if not done.success:
        return [f"error: {done.exception or text.getvalue()}"]
    manifest = json.loads((home / "out/readback/manifest.json").read_text())
    nodes = {**manifest["nodes"], **manifest["sources"], **manifest["exposures"]}
    named = [nodes[unique_id] for unique_id in (json.loads(line)["unique_id"] for line in done.result)]
    return [n["unique_id"] for n in named if not calls_dbt(manifest, n) and not has_list(n) and not is_yaml_snapshot(n)]


def calls_dbt(manifest, node):
    below = set((node.get("depends_on") or {}).get("macros", [])) - {node["unique_id"]}  # a macro ref calls builtins.ref
    return any(m.split(".")[1].startswith("dbt") or calls_dbt(manifest, manifest["macros"][m]) for m in below)


def is_yaml_snapshot(node):
    return node["resource_type"] == "snapshot" and node["original_file_path"].endswith((".yml", ".yaml"))


def has_list(node):
    config = {**node["config"], **node["unrendered_config"]}
    return any(isinstance(v, list) and v for k, v in config.items() if k not in ("tags", "pre-hook", "post-hook"))


if __name__ == "__main__":
    answer = problems(pathlib.Path(sys.argv[1]))
    print(json.dumps(answer))
