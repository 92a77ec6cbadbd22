"""Where templates, static files and migrations lie, in a checkout and in a wheel.

In a checkout they are folders at the top; the wheel carries them inside the package.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = PACKAGE.parent.parent
_BUNDLED = PACKAGE / "bundled"


def _folder(name: str) -> Path:
    bundled = _BUNDLED / name
    return bundled if bundled.is_dir() else _CHECKOUT / name


def templates() -> Path:
    """Give the folder of the page and mail templates."""
    return _folder("templates")


def static() -> Path:
    """Give the folder of the vendored front-end files and our own."""
    return _folder("static")


def migrations() -> Path:
    """Give the folder of the database migrations."""
    return _folder("migrations")


def data() -> Path:
    """Give the folder of the reference data shipped with the package."""
    return PACKAGE / "data"
