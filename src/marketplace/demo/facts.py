"""What people choose by: access, support and expenses, in step with what is said in words."""

from datetime import timedelta
from typing import Any

from marketplace.demo.programme import Posted
from marketplace.demo.scene import GARDEN, Scene
from marketplace.volunteering.opportunities.rules import ACCESS, SUPPORT, Expenses, known

# How often something is true where nothing is said of it.
_OFTEN = {
    "step-free": 0.45,
    "seating": 0.6,
    "toilets": 0.75,
    "accessible-toilet": 0.35,
    "parking": 0.4,
    "bus": 0.5,
    "assistance-dogs": 0.4,
}
_OUTDOORS = {"step-free": 0.2, "seating": 0.3, "toilets": 0.35, "accessible-toilet": 0.1}
_SAID = {
    "Step-free from the car park": {"step-free": True, "parking": True},
    "buses stop outside": {"bus": True},
    "permit holders": {"parking": False},
    "one step at the entrance": {"step-free": False},
    "station": {"bus": True},
    "car park": {"parking": True},
    "no step anywhere": {"step-free": True},
}
_PAID = {
    "Bus fares": Expenses.TRAVEL,
    "Public transport": Expenses.TRAVEL,
    "55p a mile": Expenses.ALL,
    "childcare": Expenses.ALL,
}
# Whoever said nothing of it at all.
_SILENT = 0.15


def state(scene: Scene) -> None:
    """State the facts of all opportunities, and when somebody last looked after each."""
    now = scene.maker.now
    for posted in scene.programme.posted:
        row = posted.opportunity
        if row["asked_at"] is None and row["published_at"] is not None:
            touched = scene.maker.ago(0.5, 52)
            row["touched_at"] = min(max(touched, row["touched_at"]), now - timedelta(minutes=5))
        row["expenses_paid"] = _paid(scene, row)
        if scene.maker.chance.random() < _SILENT and posted.group.name != GARDEN:
            continue
        row["support"] = known(scene.maker.chance.sample(list(SUPPORT), 2), SUPPORT)
        if not row["remote"]:
            row["access"] = _access(scene, posted)


def _paid(scene: Scene, row: dict[str, Any]) -> str:
    for words, paid in _PAID.items():
        if words in row["expenses"]:
            return paid.value
    chosen = scene.maker.chance.choices(
        [Expenses.UNSAID, Expenses.NO, Expenses.TRAVEL], weights=[4, 4, 3]
    )
    return chosen[0].value


def _access(scene: Scene, posted: Posted) -> list[str]:
    often = dict(_OFTEN)
    if "environment" in posted.opportunity["causes"] and posted.group.name != GARDEN:
        often |= _OUTDOORS
    true = {slug for slug, share in often.items() if scene.maker.chance.random() < share}
    for words, facts in _SAID.items():
        if words in posted.opportunity["getting_there"]:
            for slug, so in facts.items():
                true = true | {slug} if so else true - {slug}
    if "accessible-toilet" in true:
        true.add("toilets")
    if posted.group.name == GARDEN and posted.role.key in {"garden", "sensory"}:
        true |= {"step-free", "seating", "toilets"}
    return known(true, ACCESS)
