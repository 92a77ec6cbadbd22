"""Who hears of worries, whom brokers may act for, birth dates, and guardians who agreed."""

from datetime import date, timedelta
from typing import Any

from marketplace.demo.crowd import Someone, somebody
from marketplace.demo.groups import GROUPS
from marketplace.demo.scene import GARDEN, Scene, words
from marketplace.organisations.rules import Event as OrganisationEvent
from marketplace.organisations.rules import State
from marketplace.organisations.safeguarding_leads.rules import Event as LeadEvent
from marketplace.organisations.safeguarding_leads.rules import Part
from marketplace.volunteering.guardians.rules import ConsentState, Event, until

# One organisation in so many has named nobody yet, and is told so.
_NONE_IN = 9
_TELL_THEIR_AGE = 0.6
_MONTHS = 12
_YOUNG = (("Ella Quickthorn", 16), ("Jude Larkmead", 15))


def guard(scene: Scene) -> None:
    """Add all of it."""
    _leads(scene)
    for name in words()["brokered"]:
        _let_act(scene, name)
    _ages(scene)
    _young(scene)


def _leads(scene: Scene) -> None:
    """Name the owner as lead and the coordinator as deputy, and somebody for the whole place."""
    for number, group in enumerate(GROUPS):
        organisation = scene.organisations[group.name]
        if organisation["state"] != State.APPROVED or number % _NONE_IN == _NONE_IN - 1:
            continue
        people = [person for person, _ in scene.crowd.staff[group.name]]
        at = organisation["approved_at"] + timedelta(days=3)
        at = min(at, scene.maker.now)
        for part, person in zip(Part, people, strict=False):
            scene.maker.add(
                "safeguarding_lead",
                id=scene.maker.id(at),
                organisation_id=organisation["id"],
                person_id=person.id,
                part=part.value,
                named_by=people[0].id,
                named_at=at,
            )
            scene.tell(
                LeadEvent.NAMED,
                "organisation",
                organisation,
                at,
                people[0].id,
                organisation["id"],
                person=str(person.id),
                part=part.value,
            )
    moderator = scene.crowd.known["Moderator"]
    at = scene.days(300)
    row = scene.maker.add(
        "place_lead",
        id=scene.maker.id(at),
        person_id=moderator.id,
        named_by=scene.crowd.known["Administrator"].id,
        named_at=at,
    )
    scene.tell(LeadEvent.PLACE_NAMED, "person", {"id": moderator.id}, at, row["named_by"])


def _let_act(scene: Scene, name: str) -> None:
    organisation, owner = scene.organisations[name], scene.crowd.staff[name][0][0]
    at = scene.days(35)
    scene.maker.add(
        "acting_consent",
        id=scene.maker.id(at),
        organisation_id=organisation["id"],
        given=True,
        by_person=owner.id,
        at=at,
    )
    allowed = OrganisationEvent.ACTING_ALLOWED
    scene.tell(allowed, "organisation", organisation, at, owner.id, organisation["id"])


def _ages(scene: Scene) -> None:
    """Let many say when they were born, all of them adults."""
    known = {person.id for person in scene.crowd.known.values()}
    chance, today = scene.maker.chance, scene.maker.today
    for row in scene.maker.rows["person"]:
        row["born_on"] = None
        if row["id"] in known or chance.random() < _TELL_THEIR_AGE:
            row["born_on"] = today - timedelta(days=round(365.25 * chance.uniform(22, 78)))


def _young(scene: Scene) -> None:
    """Let two young people in; the guardian of one agreed, that of the other is asked."""
    garden = scene.programme.posted[0]
    tom = scene.coordinator(GARDEN)
    at = scene.days(40)
    adult = scene.maker.add(
        "named_adult",
        id=scene.maker.id(at),
        role_id=garden.row["id"],
        organisation_id=garden.organisation_id,
        person_id=tom.id,
        named_by=tom.id,
        named_at=at,
    )
    scene.tell(Event.ADULT_NAMED, "named_adult", adult, at, tom.id)
    for name, years in _YOUNG:
        born_on = scene.maker.today - timedelta(days=round(365.25 * (years + 0.4)))
        _consent(scene, _joins(scene, name, born_on), born_on, given=years == _YOUNG[0][1])


def _joins(scene: Scene, name: str, born_on: date) -> Someone:
    rows = scene.maker.rows["person"]
    email = f"{name.replace(' ', '.').lower()}@example.org"
    hashed = rows[0]["password_hash"]
    young = somebody(scene.maker, name, email, "Chelmsford", "CM2", hashed, scene.days(41))
    rows[-1]["born_on"] = born_on
    return young


def _consent(scene: Scene, person: Someone, born_on: date, *, given: bool) -> None:
    garden = scene.programme.posted[0]
    (guardian,) = scene.strangers(None, [person.id], 1)
    asked_at = scene.days(20 if given else 1.5)
    answered_at = asked_at + timedelta(hours=7)
    row: dict[str, Any] = scene.maker.add(
        "guardian_consent",
        id=scene.maker.id(asked_at),
        person_id=person.id,
        role_id=garden.row["id"],
        organisation_id=garden.organisation_id,
        all_roles=False,
        guardian_name=guardian.name,
        guardian_email=guardian.email,
        guardian_id=guardian.id if given else None,
        state=(ConsentState.GIVEN if given else ConsentState.ASKED).value,
        version=1,
        asked_at=asked_at,
        answered_at=answered_at if given else None,
        until=until(answered_at.date(), born_on, _MONTHS) if given else None,
    )
    scene.tell(Event.CONSENT_ASKED, "guardian_consent", row, asked_at, person.id)
    if given:
        scene.tell(Event.CONSENT_GIVEN, "guardian_consent", row, answered_at, guardian.id)
        later = [shift for shift in scene.ahead(9) if shift.row["role_id"] == garden.row["id"]]
        scene.diaries.book(later[1], person)
