"""Reading what speaks against a booking, birth dates and consents."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace import clock, db, signing
from marketplace.accounts.ages import ADULT, Band, age, band
from marketplace.accounts.queries import SOMEBODY_WHO_LEFT
from marketplace.errors import NotFound
from marketplace.organisations.people.queries import has_address
from marketplace.permissions import Actor
from marketplace.volunteering.eligibility.rules import Asking, Reason
from marketplace.volunteering.guardians import rules
from marketplace.volunteering.guardians.adults import NAMED
from marketplace.volunteering.guardians.rules import Consent, ConsentState, Facts
from marketplace.volunteering.rules import role_words

NO_SUCH = "We cannot find that. It may be over, or somebody else’s."


async def reasons(asking: Asking) -> list[Reason]:
    """Give what stands in the way of this booking; empty when nothing does.

    Of somebody who gave no birth date nothing is known: they tick that they are old enough.
    """
    facts = await _facts(asking)
    return rules.against(facts) if facts else []


async def doubts(asking: Asking) -> list[Reason]:
    """Give everything that stands in the way of keeping a place somebody has."""
    facts = await _facts(asking)
    return rules.doubts(facts) if facts else []


async def _facts(asking: Asking) -> Facts | None:
    day = clock.local(asking.starts_at).date()
    row = await db.fetch_one(
        "SELECT p.born_on, g.name AS organisation,"  # noqa: S608
        # Whoever runs the role decided that this person keeps this place, though they are young.
        " CASE WHEN EXISTS (SELECT FROM booking b JOIN place_doubt d ON d.booking_id = b.id"
        "  WHERE b.shift_id = {} AND b.person_id = p.id AND b.state <> 'cancelled'"
        "  AND d.kept_at IS NOT NULL AND d.minimum_age >= r.minimum_age AND d.day <= {})"
        "  THEN 0 ELSE r.minimum_age END AS minimum_age,"
        f" EXISTS (SELECT {NAMED} WHERE a.role_id = r.id AND a.ended_at IS NULL)"
        " AS adult_named,"
        " coalesce((SELECT c.level IS NOT NULL FROM role_check c WHERE c.role_id = r.id"
        "  ORDER BY c.decided_at DESC, c.id DESC LIMIT 1), false) AS checked"
        " FROM person p, role r JOIN opportunity o ON o.id = r.opportunity_id"
        " JOIN organisation g ON g.id = o.organisation_id"
        " WHERE p.id = {} AND r.id = {} AND p.born_on IS NOT NULL",
        asking.shift_id,
        day,
        asking.person_id,
        asking.role_id,
    )
    if row is None:
        return None
    consents: list[Consent] = []
    if age(row["born_on"], day) < ADULT:
        consents = await _consents(asking.person_id, asking.organisation_id)
    return Facts(**row, day=day, role_id=asking.role_id, consents=consents)


async def _consents(person_id: UUID, organisation_id: UUID) -> list[Consent]:
    rows = await db.fetch(
        "SELECT state, CASE WHEN all_roles THEN NULL ELSE role_id END AS role_id, until"
        " FROM guardian_consent WHERE person_id = {} AND organisation_id = {}",
        person_id,
        organisation_id,
    )
    return [Consent(ConsentState(r["state"]), r["role_id"], r["until"]) for r in rows]


@dataclass(frozen=True, slots=True)
class BirthDate:
    """What the page of one's own birth date says; `hangs_on` are consents and places to come."""

    born_on: date | None
    corrected: bool
    consents: int
    places: int

    @property
    def band(self) -> Band | None:
        """Give what organisations see."""
        return band(self.born_on, clock.today()) if self.born_on else None


async def birth_date(person_id: UUID) -> BirthDate:
    """Read a birth date and what hangs on it."""
    row = await db.fetch_one(
        "SELECT born_on, born_corrected_at IS NOT NULL AS corrected,"
        " (SELECT count(*) FROM guardian_consent c WHERE c.person_id = p.id"
        "  AND c.state IN ('asked', 'given')) AS consents,"
        " (SELECT count(*) FROM booking b JOIN shift s ON s.id = b.shift_id"
        "  WHERE b.person_id = p.id AND b.state = 'confirmed' AND s.starts_at > now()) AS places"
        " FROM person p WHERE p.id = {}",
        person_id,
    )
    if row is None:
        raise NotFound(NO_SUCH)
    return BirthDate(**row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """A consent with what it is about; `adult` is "" while none is named."""

    id: UUID
    person_id: UUID
    person_name: str
    born_on: date | None
    role_id: UUID
    role_title: str
    minimum_age: int
    opportunity_id: UUID
    title: str
    organisation_id: UUID
    organisation_name: str
    all_roles: bool
    guardian_id: UUID | None
    guardian_name: str
    guardian_email: str | None
    state: ConsentState
    version: int
    asked_at: datetime
    answered_at: datetime | None
    until: date | None
    adult: str
    places: int

    @property
    def what(self) -> str:
        """Name the role, with its opportunity where that says more."""
        return role_words(self.role_title, self.title)

    @property
    def scope(self) -> str:
        """Write what it is for."""
        return f"All roles of {self.organisation_name}" if self.all_roles else self.what

    @property
    def last_day(self) -> date | None:
        """Give the last day it counts for."""
        return self.until - timedelta(days=1) if self.until else None

    @property
    def open(self) -> bool:
        """Tell whether an answer is waited for."""
        return self.state is ConsentState.ASKED

    @property
    def stands(self) -> bool:
        """Tell whether it is given and not over."""
        return self.state is ConsentState.GIVEN


_SELECT = (
    "SELECT c.id, c.person_id, p.name AS person_name,"  # noqa: S608
    " p.anonymised_at IS NOT NULL AS left_us,"
    " p.born_on, c.role_id, r.title AS role_title, r.minimum_age, o.id AS opportunity_id, o.title,"
    " c.organisation_id, g.name AS organisation_name, c.all_roles, c.guardian_id,"
    " c.guardian_name, c.guardian_email, c.state, c.version, c.asked_at, c.answered_at, c.until,"
    f" coalesce((SELECT n.name {NAMED} WHERE a.role_id = c.role_id AND a.ended_at IS NULL), '')"
    " AS adult, (SELECT count(*) FROM booking b JOIN shift s ON s.id = b.shift_id"
    "  WHERE b.person_id = c.person_id AND b.organisation_id = c.organisation_id"
    "  AND b.state = 'confirmed' AND s.starts_at > now()"
    "  AND (c.all_roles OR s.role_id = c.role_id)) AS places"
    " FROM guardian_consent c JOIN person p ON p.id = c.person_id JOIN role r ON r.id = c.role_id"
    " JOIN opportunity o ON o.id = r.opportunity_id"
    " JOIN organisation g ON g.id = c.organisation_id"
)


def _view(row: dict[str, Any]) -> ConsentView:
    if row.pop("left_us"):
        row["person_name"] = SOMEBODY_WHO_LEFT
    return ConsentView(**{**row, "state": ConsentState(row["state"])})


async def consent(id: UUID, *, lock: bool = False) -> ConsentView:
    """Read one consent, for the worker and for whoever was asked to.

    Raises:
        NotFound: there is none.
    """
    locked = " FOR NO KEY UPDATE OF c" if lock else ""
    row = await db.fetch_one(f"{_SELECT} WHERE c.id = {{}}{locked}", id)
    if row is None:
        raise NotFound(NO_SUCH)
    return _view(row)


async def of_person(person_id: UUID) -> list[ConsentView]:
    """List what was asked for a young person and not replaced, latest first."""
    rows = await db.fetch(
        f"{_SELECT} WHERE c.person_id = {{}} AND c.state <> 'replaced'"
        " ORDER BY c.asked_at DESC, c.id LIMIT 100",
        person_id,
    )
    return [_view(row) for row in rows]


async def of_guardian(actor: Actor) -> list[ConsentView]:
    """List the consents the actor gave, those that stand first.

    Raises:
        SignInRequired: nobody is signed in.
    """
    rows = await db.fetch(
        f"{_SELECT} WHERE c.guardian_id = {{}} AND c.state <> 'replaced'"
        " ORDER BY c.state <> 'given', c.answered_at DESC NULLS LAST, c.id LIMIT 100",
        actor.require_person(),
    )
    return [_view(row) for row in rows]


async def own(actor: Actor, id: UUID, *, lock: bool = False) -> ConsentView:
    """Read a consent of which the actor is the guardian.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: there is none, or it is somebody else's.
    """
    person = actor.require_person()
    found = await consent(id, lock=lock)
    if found.guardian_id != person:
        raise NotFound(NO_SUCH)
    return found


async def of_link(token: str, *, lock: bool = False) -> ConsentView:
    """Read the consent that a signed link asks for.

    Raises:
        LinkExpired: it is too old, or was sent again or to somebody else since.
        LinkBroken: it is not one of ours.
    """
    signed = signing.unsign(rules.LINK, token, within=rules.LINK_WITHIN)
    try:
        found = await consent(signed.id, lock=lock)
    except NotFound:
        found = None
    if (
        found is None
        or str(found.version) != signed.version
        or found.state is ConsentState.REPLACED
        or found.guardian_email is None
    ):
        raise signing.LinkExpired(
            "This link is not needed any more. If we asked you again since, use the link in the"
            " newest message."
        )
    return found


async def is_guardian(actor: Actor, asked: ConsentView) -> bool:
    """Tell whether the actor is who was asked: the confirmed address decides."""
    return actor.person_id is not None and await has_address(
        actor.person_id, asked.guardian_email or ""
    )
