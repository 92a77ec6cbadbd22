"""People with browsers, over the network, who all press their button at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import httpx
from tests.browser import Page
from tests.factories import APerson, a_person

from marketplace.accounts import operations

FORM = {"content-type": "application/x-www-form-urlencoded"}
Fields = Sequence[tuple[str, str]]


@dataclass
class Visitor:
    """Somebody who is signed in; the same at each of several servers."""

    person: APerson
    client: httpx.AsyncClient

    @property
    def id(self) -> UUID:
        return self.person.id

    async def open(self, server: str, path: str) -> Page:
        """Open a page; whatever it is, it is no crash."""
        response = await self.client.get(server + path)
        assert response.status_code < 500, f"{response.status_code} from {path}"
        return Page(response)

    async def form(self, server: str, path: str, action: str) -> Fields:
        """Open a page and give what its form to `action` would send."""
        return (await self.open(server, path)).form(action).filled({})

    async def send(
        self,
        server: str,
        action: str,
        fields: Fields,
        *,
        together: asyncio.Barrier | None = None,
    ) -> httpx.Response:
        """Send a form, and do not follow where it leads; its body waits for the others."""
        body = str(httpx.QueryParams(list(fields))).encode()

        async def content() -> AsyncIterator[bytes]:
            if together is not None:
                await together.wait()
            yield body

        headers = {**FORM, "content-length": str(len(body))}
        return await self.client.post(server + action, content=content(), headers=headers)


@contextlib.asynccontextmanager
async def crowd(size: int) -> AsyncIterator[list[Visitor]]:
    """Sign in so many people, who keep their connections open."""
    transport = httpx.AsyncHTTPTransport(
        verify=False,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
    )
    visitors: list[Visitor] = []
    try:
        for number in range(size):
            person = await a_person(name=f"Person {number}")
            client = httpx.AsyncClient(transport=transport, timeout=30)
            token = await operations.start_session(person.id, device="A test")
            client.cookies.set("session", token)
            visitors.append(Visitor(person, client))
        yield visitors
    finally:
        await transport.aclose()


async def at_once(
    requests: Sequence[tuple[Visitor, str, str, Fields]],
) -> list[httpx.Response]:
    """Send all forms together, each by its visitor to a server and an action.

    Every head is sent, and being read by its server, before the first body is.
    """
    barrier = asyncio.Barrier(len(requests))
    return await asyncio.gather(
        *(
            visitor.send(server, action, fields, together=barrier)
            for visitor, server, action, fields in requests
        )
    )
