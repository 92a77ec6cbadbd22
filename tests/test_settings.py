"""Settings: what cannot work is said at boot."""

from pathlib import Path

import pytest

from marketplace.errors import CommandError
from marketplace.settings import read


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("BASE_URL", "together.example.org", "BASE_URL must be the address"),
        ("BRAND_COLOUR", "red;}body{display:none", "six hexadecimal digits"),
        ("OPEN_DATA_PREFIX", "no/slashes", "letters and"),
        ("TIME_ZONE", "Europe/Chelmsford", "is not a time zone"),
        ("DATABASE_POOL_SIZE", "0", "from 1 to 200"),
        ("SECRET_KEY", "short", "at least 32 characters"),
    ],
)
def test_a_value_that_cannot_work_is_named(variable: str, value: str, says: str):
    with pytest.raises(CommandError, match=says):
        read({variable: value})


def test_cookies_are_secure_exactly_when_the_base_address_is_https():
    assert read({"BASE_URL": "https://x.example"}).secure
    assert not read({"BASE_URL": "http://127.0.0.1:8000"}).secure


def test_the_own_host_is_answered_to_beside_the_allowed_ones():
    settings = read({"BASE_URL": "https://x.example", "ALLOWED_HOSTS": "a.example, b.example"})
    assert settings.hosts == {"x.example", "a.example", "b.example"}


def test_secrets_are_not_shown():
    shown = repr(read({"SECRET_KEY": "s" * 40, "SMTP_URL": "smtp://u:hidden@mail"}))
    assert "ssss" not in shown and "hidden" not in shown


def test_files_are_kept_in_a_folder_or_in_a_bucket(tmp_path: Path):
    assert read({"FILES": str(tmp_path)}).files == str(tmp_path)
    assert read({"FILES": "s3://our-bucket/marketplace/"}).files == "s3://our-bucket/marketplace"
    assert Path(read({}).files).is_absolute()
    for wrong in ("gs://bucket", "https://bucket.example", "s3://", "s3://bucket?x=1"):
        with pytest.raises(CommandError, match="FILES must be a folder"):
            read({"FILES": wrong})
