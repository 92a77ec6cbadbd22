"""What stands round every page of an organisation's workspace: its name and its menu."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request

from marketplace.organisations.queries import Organisation
from marketplace.permissions import Actor, Permission


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the workspace; `href` holds "{id}" for the organisation's id."""

    label: str
    href: str
    permission: Permission
    icon: str | None = None
    order: int = 50


OWN_SECTIONS = [
    Section("Overview", "/manage/{id}", Permission.VIEW_WORKSPACE, "house", 10),
    Section("Details", "/manage/{id}/details", Permission.EDIT_ORGANISATION, "building-2", 70),
    Section("People", "/manage/{id}/people", Permission.VIEW_PEOPLE, "users", 80),
]
_sections: list[Section] = list(OWN_SECTIONS)


def set_sections(sections: Sequence[Section]) -> None:
    """Take the sections that the app gathered from the features above, beside our own."""
    _sections[:] = sorted([*OWN_SECTIONS, *sections], key=lambda section: section.order)


def manage_nav(
    actor: Actor, organisation: Organisation, path: str, current: str | None = None
) -> list[dict[str, Any]]:
    """Give the menu for this actor; `current` names the section of a page elsewhere."""
    home = f"/manage/{organisation.id}"
    items: list[dict[str, Any]] = []
    for section in _sections:
        if not actor.can(section.permission, organisation.id):
            continue
        href = section.href.format(id=organisation.id)
        here = path == href or (href != home and path.startswith(f"{href}/"))
        items.append(
            {
                "label": section.label,
                "href": href,
                "icon": section.icon,
                "current": section.label == current if current else here,
            }
        )
    return items


def shell(
    request: Request[Any, Any, Any],
    actor: Actor,
    organisation: Organisation,
    *,
    current: str | None = None,
) -> dict[str, Any]:
    """Give the context that layouts/manage.html asks for."""
    return {
        "organisation": organisation,
        "manage_nav": manage_nav(actor, organisation, request.url.path, current),
        "manage_home": f"/manage/{organisation.id}",
    }
