"""The people whom visitors of the demo can sign in as, one of each kind."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import db

# Shown on every start and on the page: it protects nothing but an invented town.
PASSWORD = "essex-demo-town"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody to sign in as; `can` is what there is to try as them.

    `begins` is the page to begin on, `{organisation}` in it their organisation's id.
    """

    kind: str
    name: str
    email: str
    can: str
    begins: str


SIGN_INS = (
    SignIn(
        "Volunteer",
        "Priya Raman",
        "priya.raman@example.org",
        "Find something near Chelmsford, book a shift, see hours that were confirmed.",
        "/my/volunteering",
    ),
    SignIn(
        "Owner",
        "Margaret Osei",
        "margaret.osei@example.org",
        "Runs Moulsham Meadow Community Garden: its details, its people, its invitations.",
        "/manage/{organisation}",
    ),
    SignIn(
        "Coordinator",
        "Tom Hadley",
        "tom.hadley@example.org",
        "Posts the garden’s opportunities, reads rosters, marks attendance, confirms hours.",
        "/manage/{organisation}/opportunities",
    ),
    SignIn(
        "Trustee",
        "Grace Lindqvist",
        "grace.lindqvist@example.org",
        "Reads everything of the garden, changes nothing, sees no volunteer’s details.",
        "/manage/{organisation}",
    ),
    SignIn(
        "Moderator",
        "Daniel Achebe",
        "daniel.achebe@example.org",
        "Approves, sends back or refuses the organisations that are waiting.",
        "/moderation",
    ),
    SignIn(
        "Administrator",
        "Ruth Calloway",
        "ruth.calloway@example.org",
        "Sees what failed and what happened, for the whole place.",
        "/admin/jobs",
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One of them as they are in the database."""

    id: UUID
    name: str
    begins: str


async def find(email: str) -> Found | None:
    """Find one of the people by address; None when it is none of them, or they left."""
    known = next((each for each in SIGN_INS if each.email == email), None)
    if known is None:
        return None
    row = await db.fetch_one(
        "SELECT p.id, p.name, m.organisation_id FROM person p"
        " LEFT JOIN membership m ON m.person_id = p.id"
        " WHERE p.email = {} AND p.suspended_at IS NULL ORDER BY m.since LIMIT 1",
        email,
    )
    if row is None:
        return None
    begins = known.begins
    if "{organisation}" in begins:
        organisation = row["organisation_id"]
        begins = begins.format(organisation=organisation) if organisation else "/"
    return Found(row["id"], row["name"], begins)
