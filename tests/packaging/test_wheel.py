"""The wheel alone, in an empty environment and an empty folder, serves the demo town."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.mail.sink import eventually, free_port

ROOT = Path(__file__).resolve().parents[2]
UV = os.environ.get("UV") or shutil.which("uv")
# What would lead an installed copy back to the checkout, or to somebody's database.
FOREIGN = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT")
OURS = ("DATABASE_URL", "SECRET_KEY", "BASE_URL", "SMTP_URL", "MAILBOX", "ALLOWED_HOSTS")
PATIENCE = 60.0

if UV is None and os.environ.get("CI") == "true":
    raise RuntimeError("uv is not there, and the wheel must be tested")
pytestmark = pytest.mark.skipif(UV is None, reason="uv is not installed")


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in (*FOREIGN, *OURS)}


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder and give what it said; its failure fails the test with that."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="marketplace-wheel-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """Build the wheel."""
    began = time.perf_counter()
    run(UV or "", "build", "--wheel", "--out-dir", folder / "dist", ROOT, folder=folder)
    [built] = (folder / "dist").glob("*.whl")
    print(f"built in {time.perf_counter() - began:.1f} s, {built.stat().st_size / 1e6:.1f} MB")
    return built


@pytest.fixture(scope="module")
def installed(folder: Path, wheel: Path) -> Path:
    """Install the wheel, with what the lock file names, and give the environment's folder."""
    began = time.perf_counter()
    venv, locked = folder / "venv", folder / "locked.txt"
    uv = UV or ""
    run(uv, "venv", "--python", _python(), venv, folder=folder)
    options = ("--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "--no-annotate")
    run(uv, "export", "--project", ROOT, *options, "--output-file", locked, folder=folder)
    python = venv / "bin" / "python"
    run(uv, "pip", "install", "--python", python, "-c", locked, wheel, folder=folder)
    print(f"installed in {time.perf_counter() - began:.1f} s")
    return venv


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def files(top: Path) -> set[str]:
    """Name the files of a folder of the checkout."""
    return {
        str(path.relative_to(top))
        for path in top.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_carries_all_it_serves(wheel: Path) -> None:
    there = set(zipfile.ZipFile(wheel).namelist())
    for name in ("templates", "static", "migrations"):
        wanted = {f"marketplace/bundled/{name}/{file}" for file in files(ROOT / name)}
        assert wanted and not wanted - there
    wanted = {f"marketplace/{file}" for file in files(ROOT / "src" / "marketplace")}
    assert not wanted - there
    assert "marketplace/data/LICENCES.md" in there
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in there)
    assert [name for name in there if "licen" in name.lower() and "bundled/static" in name]


def test_what_is_installed_is_the_wheel_and_not_the_checkout(installed: Path, folder: Path) -> None:
    said = run(
        installed / "bin" / "python",
        "-c",
        "import marketplace; from marketplace import paths; print(marketplace.__file__,"
        " paths.templates(), paths.static(), paths.migrations(), paths.data(), sep='\\n')",
        folder=_empty(folder),
    )
    for line in said.splitlines():
        assert Path(line).is_relative_to(installed), line
        assert Path(line).exists()


def _empty(folder: Path) -> Path:
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    assert not any(empty.iterdir())
    return empty


def start_demo(installed: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Type the README's command in an empty folder."""
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [
                installed / "bin" / "marketplace",
                *("demo", "--port", str(port), "--data", folder / "town"),
            ],
            cwd=_empty(folder),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


async def test_the_installed_wheel_serves_the_demo(installed: Path, folder: Path) -> None:
    port, began = free_port(), time.perf_counter()
    process = start_demo(installed, folder, port)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", verify=False, timeout=10
        ) as browser:

            async def ready() -> bool:
                assert process.poll() is None, (folder / "said").read_text()
                with contextlib.suppress(httpx.TransportError):
                    return (await browser.get("/readyz")).status_code == 200
                return False

            await eventually(ready, PATIENCE)
            print(f"ready after {time.perf_counter() - began:.1f} s")
            home = await browser.get("/")
            assert home.status_code == 200 and home.text.rstrip().endswith("</html>")
            for path in ("/static/site.css", "/opportunities", "/search?q=gardening+near+CM1"):
                answer = await browser.get(path)
                assert answer.status_code == 200 and len(answer.content) > 500, path

        async def welcomed() -> bool:
            return "Press Ctrl-C to stop" in (folder / "said").read_text()

        await eventually(welcomed, PATIENCE)
        process.send_signal(signal.SIGTERM)

        async def stopped() -> bool:
            return process.poll() is not None

        await eventually(stopped, PATIENCE)
        assert process.returncode == 0, (folder / "said").read_text()
        assert not any((folder / "empty").iterdir())
        running = run("ps", "-eo", "pid,args", folder=folder)
        assert str(folder) not in running, running
    finally:
        # Its children and its database stop when it is gone.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
