"""What stands round every page of an organisation's workspace: its name and its menu."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request

from marketplace.organisations.queries import Organisation
from marketplace.permissions import Actor, Permission


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the workspace; `href` holds "{id}" for the organisation's id.

    `order` also says which area it stands in: the last of `AREAS` that begins at or before it.
    """

    label: str
    href: str
    permission: Permission
    icon: str | None = None
    order: int = 70


@dataclass(frozen=True, slots=True)
class Area:
    """What belongs together in the menu: the sections from `begins` to the next area."""

    label: str
    icon: str
    begins: int


AREAS = (
    Area("Overview", "house", 10),
    Area("Volunteering", "hand-heart", 20),
    Area("Lending", "package-open", 30),
    Area("Grants", "hand-coins", 40),
    Area("Organisation", "building-2", 70),
)
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
    """Give the menu for this actor: areas, each with its sections in `items`.

    `current` names the section of a page elsewhere.
    """
    home = f"/manage/{organisation.id}"
    menu: list[dict[str, Any]] = []
    for area, sections in _by_area():
        items: list[dict[str, Any]] = []
        for section in sections:
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
        if items:
            menu.append(
                {
                    "label": area.label,
                    "icon": area.icon,
                    "href": items[0]["href"],
                    "current": any(item["current"] for item in items),
                    "items": items,
                }
            )
    return menu


def _by_area() -> list[tuple[Area, list[Section]]]:
    ends = [*(area.begins for area in AREAS[1:]), sys.maxsize]
    return [
        (area, [section for section in _sections if area.begins <= section.order < end])
        for area, end in zip(AREAS, ends, strict=True)
    ]


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
