"""Settings: read from the environment once, checked at boot, frozen after that."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_dir

from marketplace.errors import CommandError

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ]{2,20}")
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation may choose; the README's configuration table is its text."""

    database_url: str | None = None
    database_replicas: tuple[str, ...] = ()
    database_pool_size: int = 10
    base_url: str = "http://127.0.0.1:8000"
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    smtp_url: str | None = field(default=None, repr=False)
    mailbox: Path | None = None
    mail_from: str = "marketplace@localhost"
    files: str = field(default_factory=lambda: str(_own_folder() / "files"))
    brand_name: str = "Essex Together"
    brand_tagline: str = "Give time, share things, fund what matters"
    brand_colour: str = "#7b2052"
    brand_logo: str | None = None
    open_data_prefix: str = "essextogether"
    children_social_care: str = ""
    adults_social_care: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/London"))
    demo: bool = False
    log_level: str = "info"

    @property
    def secure(self) -> bool:
        """Tell whether people reach us over https; cookies and HSTS follow from it."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """Give the host names we answer to, without ports."""
        own = urlsplit(self.base_url).hostname or "localhost"
        return frozenset({own, *self.allowed_hosts})


def _own_folder() -> Path:
    """Give the folder that is ours on this machine unless something else is said."""
    return Path(user_data_dir("marketplace", appauthor=False))


_current: Settings | None = None


def current() -> Settings:
    """Give the settings of this process, reading the environment the first time."""
    global _current
    if _current is None:
        _current = read(os.environ)
    return _current


def use(settings: Settings) -> Settings:
    """Make `settings` those of this process: the command line and the tests do."""
    global _current
    _current = settings
    return settings


def amend(**changes: object) -> Settings:
    """Replace single settings of this process."""
    return use(replace(current(), **changes))  # type: ignore[arg-type]


def read(environment: Mapping[str, str]) -> Settings:
    """Read settings from variables.

    Raises:
        CommandError: a variable has a value that cannot work; says which and what would.
    """
    known: dict[str, object] = {}

    def text(variable: str, name: str) -> None:
        if value := environment.get(variable, "").strip():
            known[name] = value

    def several(variable: str, name: str) -> None:
        if value := environment.get(variable, "").strip():
            known[name] = tuple(part.strip() for part in value.split(",") if part.strip())

    text("DATABASE_URL", "database_url")
    several("DATABASE_REPLICAS", "database_replicas")
    text("SECRET_KEY", "secret_key")
    several("ALLOWED_HOSTS", "allowed_hosts")
    several("TRUSTED_PROXIES", "trusted_proxies")
    text("SMTP_URL", "smtp_url")
    text("MAIL_FROM", "mail_from")
    text("BRAND_NAME", "brand_name")
    text("BRAND_TAGLINE", "brand_tagline")
    text("BRAND_LOGO", "brand_logo")
    text("LOG_LEVEL", "log_level")
    for variable, name in (
        ("CHILDREN_SOCIAL_CARE", "children_social_care"),
        ("ADULTS_SOCIAL_CARE", "adults_social_care"),
    ):
        text(variable, name)
        if not _TELEPHONE.fullmatch(str(known.get(name, "000"))):
            raise CommandError(f"{variable} must be a telephone number, such as 0345 603 7627.")

    if base := environment.get("BASE_URL", "").strip():
        parts = urlsplit(base)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CommandError(
                "BASE_URL must be the address people use, such as https://together.example.org."
            )
        known["base_url"] = base.rstrip("/")
    if colour := environment.get("BRAND_COLOUR", "").strip():
        if not _COLOUR.fullmatch(colour):
            raise CommandError("BRAND_COLOUR must be six hexadecimal digits, such as #7b2052.")
        known["brand_colour"] = colour
    if prefix := environment.get("OPEN_DATA_PREFIX", "").strip():
        if not _PREFIX.fullmatch(prefix):
            raise CommandError(
                "OPEN_DATA_PREFIX is the publisher prefix that 360Giving gave you, in letters and"
                " figures, such as essextogether."
            )
        known["open_data_prefix"] = prefix
    if zone := environment.get("TIME_ZONE", "").strip():
        try:
            known["zone"] = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(
                f"TIME_ZONE {zone!r} is not a time zone. Use a name such as Europe/London."
            ) from error
    if size := environment.get("DATABASE_POOL_SIZE", "").strip():
        if not size.isdecimal() or not 1 <= int(size) <= 200:
            raise CommandError("DATABASE_POOL_SIZE must be a whole number from 1 to 200.")
        known["database_pool_size"] = int(size)
    if mailbox := environment.get("MAILBOX", "").strip():
        known["mailbox"] = Path(mailbox)
    if files := environment.get("FILES", "").strip():
        known["files"] = _files(files)
    if len(str(known.get("secret_key", "x" * 32))) < 32:
        raise CommandError("SECRET_KEY must be at least 32 characters long.")
    known["demo"] = environment.get("MARKETPLACE_DEMO", "") == "1"
    return Settings(**known)  # type: ignore[arg-type]


def _files(text: str) -> str:
    if "://" not in text:
        return str(Path(text).expanduser().absolute())
    parts = urlsplit(text)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise CommandError(
            "FILES must be a folder, or an S3 bucket with an optional prefix such as"
            " s3://our-bucket/marketplace."
        )
    return text.rstrip("/")
