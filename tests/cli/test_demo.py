"""`marketplace demo` as a newcomer meets it: starts, stops, is killed, starts again.

The tests share one folder and run in order, each from what the one before left there.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import (
    DEADLINE,
    Running,
    alive,
    command,
    environment,
    free_port,
    get,
    run,
    until,
)

pytestmark = pytest.mark.xdist_group("demo")

NOBODY: dict[str, Any] = {"user": "nobody", "group": 65534, "extra_groups": []}
READY = "Press Ctrl-C to stop."


@pytest.fixture(scope="module")
def open_folder():
    """Give a folder that PostgreSQL's user can pass through, as root too."""
    folder = Path(tempfile.mkdtemp(prefix="marketplace-cli-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def home(open_folder):
    """Give the folder that the first tests of this file share."""
    return open_folder / "town"


@pytest.fixture
def start(tmp_path):
    """Give a way to start a demo that is ended whatever happens."""
    running = []

    def begin(folder: Path, *more: str, **variables: Any):
        port = free_port()
        town = Running(
            *("demo", "--port", str(port), "--data", str(folder), *more),
            log=tmp_path / f"{len(running)}.log",
            **variables,
        )
        running.append(town)
        return town, port

    yield begin
    for town in running:
        town.kill()


def opportunities(port: int) -> str:
    found = re.search(r"(\d+) opportunities", get(port, "/opportunities")[1])
    return found[1] if found else ""


def test_from_nothing_to_a_running_town_and_killed_it_leaves_nothing(start, home):
    town, port = start(home)
    town.says(READY)
    assert f"http://127.0.0.1:{port}" in town.said
    assert "/demo/mailbox" in town.said and "essex-demo-town" in town.said
    for kind in ("Volunteer", "Owner", "Coordinator", "Trustee", "Moderator", "Administrator"):
        assert kind in town.said
    assert get(port, "/healthz")[0] == 200
    assert get(port, "/readyz")[0] == 200
    assert get(port, "/healthz", host="localhost")[0] == 200
    assert get(port, "/", host="elsewhere.example")[0] == 400
    assert int(opportunities(port)) >= 300
    assert (home / "secret-key").stat().st_mode & 0o777 == 0o600
    family = town.family()
    assert len(family) >= 4  # we, PostgreSQL, web and worker at least
    town.process.kill()
    town.process.wait()
    until(lambda: not alive(family), 20)
    assert get(port, "/healthz")[0] == 0


def test_it_recovers_keeps_the_data_and_stops_on_ctrl_c(start, home):
    key = (home / "secret-key").read_text()
    again, port = start(home)
    again.says(READY)
    assert "Building the town" not in again.said  # it was there already
    assert (home / "secret-key").read_text() == key
    assert int(opportunities(port)) >= 300

    # A second one on the same folder, and one on the same port, are told so.
    done = run("demo", "--port", str(free_port()), "--data", str(home))
    assert done.returncode == 1
    assert "Another marketplace" in done.stderr and "Traceback" not in done.stderr
    done = run("demo", "--port", str(port), "--data", str(home.with_name("other")))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr and "--port" in done.stderr
    assert not home.with_name("other").exists()

    # A child that dies is started again.
    web = next(pid for pid in again.children() if b"serve" in _command_of(pid))
    os.kill(web, signal.SIGKILL)
    again.says("is started again")
    until(lambda: get(port, "/readyz")[0] == 200)

    family = again.family()
    assert again.stop(signal.SIGINT) == 0
    assert not alive(family)


def _command_of(pid: int) -> bytes:
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(OSError):
            return Path("/proc", str(pid), "cmdline").read_bytes()
        return b""
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True).stdout


def test_stopped_while_it_builds_it_begins_again_from_clean(start, home):
    town, _ = start(home, "--reset")
    town.says("Building the town")
    family = town.family()
    town.process.kill()
    town.process.wait()
    until(lambda: not alive(family), 20)
    again, port = start(home)
    again.says(READY)
    assert "Building the town" in again.said
    assert int(opportunities(port)) >= 300
    family = again.family()
    began = time.monotonic()
    assert again.stop() == 0
    assert time.monotonic() - began < 10
    assert not alive(family)


def test_asked_to_stop_before_it_is_ready_it_stops(start, open_folder):
    town, _ = start(open_folder / "early")
    town.says("Starting the database")
    family = town.family()
    assert town.stop() == 0
    assert not alive(family | town.family() - {town.process.pid})


def test_a_town_twice_over_counts_its_listings(start, open_folder):
    town, port = start(open_folder / "twice", "--scale", "2")
    town.says("Building the town 2 times over").says(READY)
    listings = re.search(r"([\d,]+) listings are there", town.said)
    assert listings is not None and int(listings[1].replace(",", "")) >= 1200
    assert int(opportunities(port)) >= 600
    assert town.stop() == 0


def test_it_ends_quietly_when_nobody_reads_it_any_more(open_folder):
    folder = str(open_folder / "unread")
    town = subprocess.Popen(
        command("demo", "--port", str(free_port()), "--data", folder, "--scale", "2"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        process_group=0,
    )
    assert town.stdout is not None and town.stderr is not None
    try:
        while "Building the town" not in town.stdout.readline():
            assert town.poll() is None
        town.stdout.close()
        assert town.wait(DEADLINE) == 1
        assert town.stderr.read() == ""
    finally:
        town.stderr.close()
        town.kill()
        town.wait()


def test_the_port_is_checked_without_sharing_it():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("demo", "--port", str(port), "--data", "/nonexistent/never/made")
        assert done.returncode == 1
        assert f"Port {port} is taken" in done.stderr


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("Dear Jo")
    for more in ([], ["--reset"]):
        done = run("demo", "--port", str(free_port()), "--data", str(tmp_path), *more)
        assert done.returncode == 1
        assert "letters.txt" in done.stderr and "--data" in done.stderr
    assert [found.name for found in tmp_path.iterdir()] == ["letters.txt"]


def test_a_file_is_no_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    done = run("demo", "--port", str(free_port()), "--data", str(file))
    assert done.returncode == 1 and "is not a folder" in done.stderr
    done = run("demo", "--port", str(free_port()), "--data", str(file / "below"))
    assert done.returncode == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize("damage", ["version", "missing", "control"])
def test_a_damaged_folder_is_told_with_what_to_do(tmp_path, damage):
    cluster = tmp_path / "postgres"
    (tmp_path / "lock").write_text("")
    cluster.mkdir()
    if damage != "missing":
        (cluster / "PG_VERSION").write_text("12\n" if damage == "version" else "18\n")
    done = run("demo", "--port", str(free_port()), "--data", str(tmp_path))
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "--reset" in last or "--data" in last


def test_an_unwritable_folder_is_told_with_what_to_do(tmp_path):
    if os.geteuid() == 0:
        folder = "/proc/marketplace"
    else:
        tmp_path.chmod(0o500)
        folder = str(tmp_path / "town")
    done = run("demo", "--port", str(free_port()), "--data", folder)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "--data" in done.stderr


@pytest.mark.parametrize("megabytes", [12, 60])
def test_a_full_disk_is_told_with_what_to_do(open_folder, megabytes):
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root can mount a small disk")
    disk = open_folder / f"disk-{megabytes}"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", str(disk)],
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        done = run("demo", "--port", str(free_port()), "--data", str(disk))
        assert done.returncode == 1
        assert "is full" in done.stderr and "Traceback" not in done.stderr
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_database_that_cannot_be_reached_is_told(tmp_path):
    done = run(
        *("demo", "--port", str(free_port()), "--data", str(tmp_path / "town")),
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )
    assert done.returncode == 1
    assert "cannot reach" in done.stderr and "DATABASE_URL" in done.stderr


def test_it_runs_without_root(start, open_folder):
    if os.geteuid() != 0:
        pytest.skip("everything here runs without root already")
    try:
        subprocess.run(
            [sys.executable, "-c", "import marketplace.cli"],
            **NOBODY,
            cwd="/",
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the user nobody may not run this Python")
    folder = open_folder / "nobody"
    folder.mkdir()
    shutil.chown(folder, "nobody")
    town, _ = start(folder / "town", HOME=str(folder), **NOBODY)
    town.says(READY)
    assert town.stop() == 0
