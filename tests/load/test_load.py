"""The benchmark runs: at its smallest it measures nothing, and shows that it could."""

import json
import subprocess
import sys
from pathlib import Path

LISTS = ("list of 20", "list of 20, near", "search with distance", "list of organisations")
DETAILS = ("detail", "detail of a thing")


def test_the_benchmark_runs_and_prints_its_table(tmp_path: Path):
    options = {"listings": 300, "seconds": 0, "people": 60, "volunteers": 300, "rounds": 1}
    said = subprocess.run(
        [
            *(sys.executable, "-m", "tests.load", "--own-client", "--shared-buffers=64MB"),
            *(f"--{name}={value}" for name, value in options.items()),
            *("--workers=1", "--connections=2"),
            f"--json={tmp_path / 'load.json'}",
        ],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=Path(__file__).parents[2],
    )
    assert said.returncode == 0, said.stderr[-3000:]
    assert "list of 20" in said.stdout and "50 for one place, 1 rounds: one winner" in said.stdout
    (run,) = json.loads((tmp_path / "load.json").read_text())
    lines = {line["name"]: line for line in run["lines"]}
    assert {"bare text", "bare list", "bare write", "home", "sign-up by form"} <= set(lines)
    assert run["missing"] == []
    # Beyond the one for session and actor; whatever the machine, this must not grow.
    assert {name: lines[name]["queries"] for name in LISTS if lines[name]["queries"] > 3} == {}
    assert {name: lines[name]["queries"] for name in DETAILS if lines[name]["queries"] > 5} == {}
