"""Fixtures of everything that sends mail."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from tests.mail.sink import Sink, a_sink

from marketplace import settings


@pytest.fixture
def chosen(database_url: str) -> Iterator[settings.Settings]:
    """Give settings that a test may amend."""
    before = settings.current()
    yield settings.amend(
        base_url="https://marketplace.test",
        secret_key="a secret of the tests, long enough to be taken",
        mail_from="hello@marketplace.test",
        smtp_url=None,
        mailbox=None,
    )
    settings.use(before)


@pytest_asyncio.fixture
async def sink(chosen: settings.Settings) -> AsyncIterator[Sink]:
    """Give a real SMTP server that all mail goes to."""
    async with a_sink() as started:
        settings.amend(smtp_url=started.url)
        yield started
