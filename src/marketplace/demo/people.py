"""The people whom visitors of the demo can sign in as, one of each kind."""

from dataclasses import dataclass
from uuid import UUID

from marketplace import db
from marketplace.permissions import OrgRole

# Shown on every start and on the page: it protects nothing but an invented town.
PASSWORD = "essex-demo-town"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody to sign in as; `can` is what there is to try as them.

    `begins` is the page to begin on, `{organisation}` in it the id of `organisation`, where they
    have `role`.
    """

    kind: str
    name: str
    email: str
    can: str
    begins: str
    organisation: str = ""
    role: OrgRole | None = None


_GARDEN = "Moulsham Meadow Community Garden"
_LIBRARIES = "Chelmer and Colne Libraries"
_FOUNDATION = "Three Rivers Community Foundation"

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
        "Runs Moulsham Meadow Community Garden: its details, its people, and an application for a"
        " grant that is half written and due in three days.",
        "/manage/{organisation}",
        _GARDEN,
        OrgRole.OWNER,
    ),
    SignIn(
        "Coordinator",
        "Tom Hadley",
        "tom.hadley@example.org",
        "Posts the garden’s opportunities, reads rosters, marks attendance, confirms hours.",
        "/manage/{organisation}/opportunities",
        _GARDEN,
        OrgRole.COORDINATOR,
    ),
    SignIn(
        "Trustee",
        "Grace Lindqvist",
        "grace.lindqvist@example.org",
        "Reads everything of the garden, changes nothing, sees no volunteer’s details.",
        "/manage/{organisation}",
        _GARDEN,
        OrgRole.TRUSTEE,
    ),
    SignIn(
        "Borrower",
        "Joel Brightwell",
        "joel.brightwell@example.org",
        "Has a sewing machine at home and a tent reserved; finds which days other things are free.",
        "/my/borrowing",
    ),
    SignIn(
        "Librarian",
        "Anneke Vos",
        "anneke.vos@example.org",
        "Stands at the desk of two libraries: hands over, takes back, and waits for a projector.",
        "/manage/{organisation}/desk",
        _LIBRARIES,
        OrgRole.LIBRARIAN,
    ),
    SignIn(
        "Grants officer",
        "Yusuf Demir",
        "yusuf.demir@example.org",
        "Runs three funds of a foundation: rounds, questions, assessors, decisions, awards.",
        "/manage/{organisation}/funds",
        _FOUNDATION,
        OrgRole.GRANTS_OFFICER,
    ),
    SignIn(
        "Assessor",
        "Miriam Holt",
        "miriam.holt@example.org",
        "Scores a round half done. One applicant she knows: nothing shows that it is there.",
        "/assess",
        _FOUNDATION,
        OrgRole.ASSESSOR,
    ),
    SignIn(
        "Second assessor",
        "Desmond Clarke",
        "desmond.clarke@example.org",
        "Scores the same round, and sees all of it.",
        "/assess",
        _FOUNDATION,
        OrgRole.ASSESSOR,
    ),
    SignIn(
        "Moderator",
        "Daniel Achebe",
        "daniel.achebe@example.org",
        "Approves, sends back or refuses the organisations that are waiting.",
        "/moderation",
    ),
    SignIn(
        "Broker",
        "Bridget Amoah",
        "bridget.amoah@example.org",
        "Works for the volunteer centre: brings in lists from elsewhere, runs a campaign, and reads"
        " every organisation’s workspace.",
        "/broker/campaigns",
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
