"""A button of a page: a form without fields, one verb, and back with a notice."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from marketplace.db import Once
from marketplace.permissions import Actor
from marketplace.web.forms import Form
from marketplace.web.render import Page, redirect


class Verb(Protocol):
    """What a button does to the one thing that its address names."""

    def __call__(self, actor: Actor, id: UUID, /, *, once: Once) -> Awaitable[Any]:
        """Do it."""
        ...


def button(
    path: str,
    verb: Verb,
    *,
    name: str,
    back: str,
    notice: str,
    known: Callable[[Actor, UUID], Awaitable[Any]] | None = None,
) -> HTTPRouteHandler:
    """Give the handler of a button; `back` is a pattern with the parameter of `path`.

    `known` is asked before the form is looked at, where a verb that refuses comes too late.
    """

    @post(path, name=name, status_code=200)
    async def handler(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Page:
        (id,) = request.path_params.values()
        if known is not None:
            await known(actor, id)
        form = await Form.bind(request)
        home = back.format(**request.path_params)
        await verb(actor, id, once=form.once(home))
        return redirect(request, home, notice=notice)

    return handler
