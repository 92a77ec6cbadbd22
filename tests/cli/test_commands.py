"""The other commands: what they do on a real database, and what they say when they cannot."""

import asyncio
import os
import pty
import subprocess
import uuid

import asyncpg
import pytest
from tests.cli.running import (
    Running,
    alive,
    command,
    environment,
    free_port,
    get,
    one_sentence,
    run,
    until,
)
from tests.conftest import named

from marketplace.errors import CommandError

SECRET = "a secret of the tests, long enough to be taken"
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/none"


@pytest.fixture
def empty(database_server):
    """Give the URL of a database with nothing in it."""
    name = f"cli_{uuid.uuid4().hex[:12]}"

    async def do(sql: str) -> None:
        admin = await asyncpg.connect(named(database_server, "postgres"))
        try:
            await admin.execute(sql)
        finally:
            await admin.close()

    asyncio.run(do(f"CREATE DATABASE {name}"))
    yield named(database_server, name)
    asyncio.run(do(f"DROP DATABASE {name} WITH (FORCE)"))


def ask(url: str, sql: str):
    async def fetch():
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_help_and_version_explain_and_are_quick():
    shown = run("--help")
    assert shown.returncode == 0
    for name in ("demo", "serve", "worker", "migrate", "setup", "import"):
        assert name in shown.stdout
        assert run(name, "--help").returncode == 0
    assert run("--version").stdout.startswith("marketplace ")


def test_a_wrong_option_is_refused():
    done = run("demo", "--port", "99999")
    assert done.returncode == 2 and "--port" in done.stderr


def test_what_builds_the_town_is_not_for_people():
    said = one_sentence(run("build-town", "--times", "1", "--folder", "/nonexistent"))
    assert "marketplace demo" in said
    assert "build-town" not in run("--help").stdout


@pytest.mark.parametrize("name", ["serve", "worker", "migrate", "setup"])
def test_without_a_database_one_sentence(name):
    missing = one_sentence(run(name, SECRET_KEY=SECRET))
    assert "DATABASE_URL" in missing
    unreachable = one_sentence(run(name, SECRET_KEY=SECRET, DATABASE_URL=NOWHERE))
    assert "cannot reach" in unreachable and "DATABASE_URL" in unreachable


@pytest.mark.parametrize("name", ["serve", "worker"])
def test_without_a_secret_key_one_sentence(name):
    assert "SECRET_KEY" in one_sentence(run(name, DATABASE_URL=NOWHERE))
    assert "SECRET_KEY" in one_sentence(run(name, DATABASE_URL=NOWHERE, SECRET_KEY="short"))


def test_serve_and_worker_refuse_a_database_that_is_not_migrated(empty):
    for name in ("serve", "worker"):
        said = one_sentence(run(name, DATABASE_URL=empty, SECRET_KEY=SECRET))
        assert "marketplace migrate" in said


def test_serve_refuses_a_port_that_is_taken_and_a_host_that_is_elsewhere():
    said = one_sentence(
        run("serve", "--host", "192.0.2.1", DATABASE_URL=NOWHERE, SECRET_KEY=SECRET)
    )
    assert "192.0.2.1" in said


def test_the_demo_runs_twice_on_a_database_of_ones_own(empty, tmp_path):
    folder = str(tmp_path / "data")
    for words in ("Building the town", "Bringing the town up to date"):
        demo = Running(
            *("demo", "--port", str(free_port()), "--data", folder),
            log=tmp_path / "demo.log",
            DATABASE_URL=empty,
        )
        try:
            assert words in demo.says("Press Ctrl-C to stop.").said
            assert demo.stop() == 0
        finally:
            demo.kill()


def test_two_migrations_at_once_then_a_server_and_a_worker(empty, tmp_path):
    both = [
        subprocess.Popen(
            command("migrate"),
            env=environment(DATABASE_URL=empty),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert "up to date" in run("migrate", DATABASE_URL=empty).stdout

    port = free_port()
    settings = {"DATABASE_URL": empty, "SECRET_KEY": SECRET}
    server = Running(
        *("serve", "--port", str(port), "--workers", "2"), log=tmp_path / "web.log", **settings
    )
    worker = Running("worker", log=tmp_path / "worker.log", **settings)
    try:
        until(lambda: get(port, "/readyz")[0] == 200)
        assert get(port, "/opportunities")[0] == 200
        assert get(port, "/demo")[0] == 404
        worker.says("worker started")
        taken = one_sentence(run("serve", "--port", str(port), **settings))
        assert f"Port {port} is taken" in taken
        family = server.family() | worker.family()
        assert len(server.family()) >= 3
        assert server.stop() == 0 and worker.stop() == 0
        until(lambda: not alive(family), 10)
    finally:
        server.kill()
        worker.kill()


def test_setup_makes_the_first_administrator_and_nothing_else(empty):
    given = {"DATABASE_URL": empty, "ADMIN_EMAIL": "ruth@example.org", "ADMIN_NAME": "Ruth"}
    assert "--password" in one_sentence(run("setup", **given))
    weak = run("setup", ADMIN_PASSWORD="password123", **given)
    assert "Traceback" not in weak.stderr and weak.returncode == 1
    assert ask(empty, "SELECT count(*) FROM person") == 0
    done = run("setup", ADMIN_PASSWORD="tide table and biscuits", **given)
    assert done.returncode == 0, done.stderr
    assert ask(empty, "SELECT role FROM platform_role") == "administrator"
    assert ask(empty, "SELECT count(*) FROM person") == 1
    assert ask(empty, "SELECT count(*) FROM organisation") == 0
    again = run("setup", ADMIN_PASSWORD="tide table and biscuits", **given)
    assert "administrator already" in one_sentence(again)


def test_setup_refuses_what_is_no_address_or_name():
    from marketplace.commands import setup

    for text in ("no address", "", "a@b@c", "x" * 400 + "@example.org"):
        with pytest.raises(CommandError):
            setup._email(text)
    for text in ("", "   ", "\x00", "x" * 201):
        with pytest.raises(CommandError):
            setup._name(text)
    assert setup._email(" Ruth@Example.org ") and setup._name(" Ruth  Calloway ") == "Ruth Calloway"


def test_setup_asks_whoever_sits_there(empty):
    mine, theirs = pty.openpty()
    asked = subprocess.Popen(
        command("setup"),
        env=environment(DATABASE_URL=empty),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = ""
    answers = {
        "E-mail address": "ruth@example.org",
        "Name": "Ruth Calloway",
        "Password": "tide table and biscuits",
        "Repeat for confirmation": "tide table and biscuits",
    }
    for question, answer in answers.items():
        while f"{question}: " not in seen:
            seen += os.read(mine, 1000).decode()
        seen = ""
        os.write(mine, f"{answer}\n".encode())
    said = ""
    try:
        while more := os.read(mine, 1000).decode():
            said += more
    except OSError:  # Linux says so at the end of a terminal
        pass
    assert asked.wait(60) == 0, said
    assert "biscuits" not in said
    assert ask(empty, "SELECT email FROM person") == "ruth@example.org"


def test_import_tells_what_it_did(empty, tmp_path):
    from marketplace import paths

    assert run("migrate", DATABASE_URL=empty).returncode == 0
    sample = (paths.data() / "register_sample.tsv").read_text("utf-8")
    file = tmp_path / "charities.txt"
    file.write_text(sample + "a line that is no charity\n", "utf-8")
    done = run("import", "charities", str(file), DATABASE_URL=empty)
    assert done.returncode == 0, done.stderr
    assert "120 added" in done.stdout
    assert "Line 122" in done.stderr
    missing = run("import", "charities", str(tmp_path / "none.txt"), DATABASE_URL=empty)
    assert missing.returncode == 1 and "There is no file" in missing.stderr


def test_the_unexpected_is_one_sentence_too(monkeypatch, capsys):
    import click

    from marketplace import cli

    @click.command()
    def broken() -> None:
        raise KeyError("secret value")

    monkeypatch.setitem(cli.marketplace.commands, "broken", broken)
    assert cli.run(["broken"]) == 1
    said = capsys.readouterr().err.strip()
    assert "KeyError" in said and "--debug" in said and "secret value" not in said
    assert len(said.splitlines()) == 1
    os.unlink(said.split("is in ")[1].split(".log")[0] + ".log")
    assert cli.run(["--debug", "broken"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("a\n | marketplace.errors.CommandError: Run it.\n +--\n[ERROR] crash loop\n", "Run it."),
        ("one\nlast\n", "last"),
        ("", ""),
    ],
)
def test_a_child_that_ended_is_quoted_with_what_is_meant_for_people(tmp_path, log, words):
    from marketplace.commands.children import Child

    (tmp_path / "log").write_text(log)
    assert Child("web", [], {}, tmp_path / "log").last_words() == words
