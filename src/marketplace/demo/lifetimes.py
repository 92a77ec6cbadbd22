"""Opportunities in every state of their life, and organisations that are not trusted yet."""

from typing import Any

from marketplace.demo.groups import GROUPS
from marketplace.demo.programme import Posted
from marketplace.demo.roles import ROLES
from marketplace.demo.scene import Scene, words
from marketplace.volunteering.queries import place_words
from marketplace.volunteering.rules import Event, OpportunityState, Timing

_COLUMNS = {"submitted": "submitted_at", "touched": "touched_at", "asked": "asked_at"}
_EVENTS = {
    "submitted": Event.OPPORTUNITY_SUBMITTED,
    "paused": Event.OPPORTUNITY_PAUSED,
    "asked": Event.OPPORTUNITY_ASKED_ABOUT,
    "faded": Event.OPPORTUNITY_FADED,
    "expired": Event.OPPORTUNITY_EXPIRED,
}


def live(scene: Scene) -> None:
    """Add opportunities that wait, rest, fade or are over."""
    for name in words()["untrusted"]:
        scene.organisations[name]["trusted_at"] = None
    for life in words()["life"]:
        _lead(scene, life)
    _reworded(scene)


def _lead(scene: Scene, life: dict[str, Any]) -> None:
    group = next(each for each in GROUPS if each.name == life["group"])
    coordinator = scene.coordinator(group.name)
    days = life["days"]
    known = len(scene.maker.rows["history"])
    posted = scene.programme.add(
        group,
        scene.organisations[group.name],
        ROLES[life["role"]],
        (coordinator.id, coordinator.name),
        state=OpportunityState(life["state"]),
        timing=Timing(life.get("timing", "shifts")),
    )
    row, at = posted.opportunity, scene.days(days["posted"])
    for column in ("created_at", "published_at", "accepted_at", "touched_at"):
        row[column] = row[column] and at
    for entry in scene.maker.rows["history"][known:]:
        entry["at"] = max(entry["at"], at) if entry["subject_type"] == "shift" else at
    row["moderator_note"] = life.get("note", "")
    if row["moderator_note"]:
        moderator = scene.crowd.known["Moderator"].id
        scene.tell(Event.OPPORTUNITY_RETURNED, "opportunity", row, scene.days(7), moderator)
    for what, ago in days.items():
        if what == "faded":
            row["faded_at"] = scene.days(ago)
        elif what in _COLUMNS:
            row[_COLUMNS[what]] = scene.days(ago)
        if what in _EVENTS:
            by = coordinator.id if what in {"submitted", "paused"} else None
            scene.tell(_EVENTS[what], "opportunity", row, scene.days(ago), by)


def _reworded(scene: Scene) -> None:
    """Let an untrusted organisation change what a moderator had accepted."""
    name = words()["untrusted"][0]
    posted = next(
        each
        for each in scene.programme.posted
        if each.group.name == name and each.opportunity["state"] == OpportunityState.OPEN
    )
    row, at = posted.opportunity, scene.days(2)
    row["accepted_text"] = _text(posted)
    row["summary"] += " Bring a friend: the last hour is a picnic."
    row["recheck_since"] = row["touched_at"] = at
    by = row["created_by"]
    scene.tell(Event.OPPORTUNITY_CHANGED, "opportunity", row, at, by)
    scene.tell(Event.OPPORTUNITY_RECHECK_WANTED, "opportunity", row, at, by)


def _text(posted: Posted) -> dict[str, str]:
    row = posted.opportunity
    role = posted.row["title"]
    parts = {
        "Title": row["title"],
        "Summary": row["summary"],
        "More about it": row["description"],
        "Place": place_words(row["place_name"], row["town"], row["postcode"]),
        "Getting there": row["getting_there"],
        "Times": row["availability"],
        "Expenses": row["expenses"],
        "Who to ask for": row["contact_name"],
        "How to reach them": row["contact_how"],
        "Role 1": "" if role == row["title"] else role,
    }
    return {part: text for part, text in parts.items() if text}
