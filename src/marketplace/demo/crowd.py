"""The town's people: who they are, where they live, what they care about."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace import paths, places, taxonomies
from marketplace.accounts.rules import Event
from marketplace.demo.groups import GROUPS, Group
from marketplace.demo.maker import Maker
from marketplace.demo.people import SIGN_INS
from marketplace.permissions import OrgRole, PlatformRole

VOLUNTEERS = 260

_NAMES = tomllib.loads((paths.PACKAGE / "demo" / "words" / "names.toml").read_text("utf-8"))
_FIRST, _LAST = _NAMES["first"].split(), _NAMES["last"].split()

# More people live in the towns than a list of organisations tells.
_HOMES = (
    *(("Chelmsford", outward) for outward in ("CM1", "CM1", "CM1", "CM2", "CM2")),
    *(("Colchester", outward) for outward in ("CO1", "CO2", "CO3", "CO4")),
    ("Southend-on-Sea", "SS1"),
    ("Southend-on-Sea", "SS2"),
    ("Basildon", "SS14"),
    ("Basildon", "SS16"),
    ("Harlow", "CM20"),
    ("Harlow", "CM18"),
    ("Grays", "RM17"),
    ("Braintree", "CM7"),
    ("Clacton-on-Sea", "CO15"),
    ("Brentwood", "CM14"),
)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the town, as far as the rest of the generator needs to know."""

    id: UUID
    name: str
    email: str
    xy: tuple[float, float]
    since: datetime


@dataclass(slots=True)
class Crowd:
    """All people: those with a one-click sign-in by kind, and the rest.

    `staff` are the people of each organisation by its name, the owner first.
    """

    known: dict[str, Someone]
    volunteers: list[Someone]
    staff: dict[str, list[tuple[Someone, OrgRole]]]

    def of(self, group: str, *roles: OrgRole) -> list[Someone]:
        """Give an organisation's people of some roles; its owner where there are none."""
        found = [person for person, role in self.staff[group] if role in roles]
        return found or [self.staff[group][0][0]]


class _Names:
    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.used = {each.email for each in SIGN_INS}

    def new(self) -> tuple[str, str]:
        """Give a name and its address, neither used before."""
        while True:
            first, last = self.maker.chance.choice(_FIRST), self.maker.chance.choice(_LAST)
            email = f"{first}.{last}@example.org".lower()
            if email not in self.used:
                self.used.add(email)
                return f"{first} {last}", email


def make_crowd(maker: Maker, password_hash: str) -> Crowd:
    """Make everybody: those to sign in as, a few for each organisation, and the volunteers."""
    names = _Names(maker)
    known = {
        each.kind: somebody(
            maker, each.name, each.email, "Chelmsford", "CM1", password_hash, maker.ago(880, 1100)
        )
        for each in SIGN_INS
    }
    for kind, role in (
        ("Moderator", PlatformRole.MODERATOR),
        ("Broker", PlatformRole.BROKER),
        ("Administrator", PlatformRole.ADMINISTRATOR),
    ):
        person = known[kind]
        maker.add("platform_role", id=maker.id(person.since), person_id=person.id, role=role.value)
        maker.happened(
            Event.PLATFORM_ROLE_GRANTED,
            "person",
            person.id,
            person.since,
            by=None,
            role=role.value,
        )
    staff = {group.name: _team(maker, names, known, group, password_hash) for group in GROUPS}
    homes = [*_HOMES, *((group.town, group.outward) for group in GROUPS)]
    volunteers = []
    for number in range(VOLUNTEERS):
        town, outward = maker.chance.choice(homes)
        since = maker.ago(0.2, 4) if number % 20 == 19 else maker.ago(60, 380)
        volunteers.append(
            somebody(
                maker,
                *names.new(),
                town,
                outward,
                password_hash,
                since,
                confirmed=number % 20 != 19,
            )
        )
    return Crowd(known, [each for n, each in enumerate(volunteers) if n % 20 != 19], staff)


def _team(
    maker: Maker, names: _Names, known: dict[str, Someone], group: Group, password_hash: str
) -> list[tuple[Someone, OrgRole]]:
    """Give an organisation its people: those to sign in as where they belong, others elsewhere."""
    waiting = [each for each in SIGN_INS if each.organisation == group.name]
    team: list[tuple[Someone, OrgRole]] = []
    for role in (OrgRole.OWNER, *map(OrgRole, group.team)):
        sign_in = next((each for each in waiting if each.role is role), None)
        if sign_in is not None:
            waiting.remove(sign_in)
            team.append((known[sign_in.kind], role))
            continue
        since = maker.ago(880, 1100)
        person = somebody(maker, *names.new(), group.town, group.outward, password_hash, since)
        team.append((person, role))
    return team


def somebody(
    maker: Maker,
    name: str,
    email: str,
    town: str,
    outward: str,
    password_hash: str,
    since: datetime,
    *,
    confirmed: bool = True,
) -> Someone:
    """Let a person join."""
    chance = maker.chance
    point = maker.near(town, 1500)
    person = Someone(maker.id(since), name, email, (point.x, point.y), since)
    confirmed_at = min(since + (maker.now - since) * 0.01, maker.now) if confirmed else None
    maker.add(
        "person",
        id=person.id,
        email=email,
        email_typed=email,
        name=name,
        password_hash=password_hash,
        email_confirmed_at=confirmed_at,
        # Some give a postcode, some their town, some nothing.
        postcode=chance.choice((maker.postcode(outward), outward, places.resolve(town).label)),  # type: ignore[union-attr]
        point=point,
        skills=sorted(chance.sample(_SKILLS, chance.choice((0, 1, 2, 2, 3, 4)))),
        causes=sorted(chance.sample(_CAUSES, chance.choice((0, 1, 1, 2, 3)))),
        created_at=since,
    )
    maker.happened(Event.SIGNED_UP, "person", person.id, since, by=person.id)
    if confirmed_at:
        maker.happened(Event.EMAIL_CONFIRMED, "person", person.id, confirmed_at, by=person.id)
    return person


_SKILLS = sorted(taxonomies.SKILLS)
_CAUSES = sorted(taxonomies.CAUSES)
