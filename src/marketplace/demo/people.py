"""The people whom visitors of the demo can sign in as, one of each kind."""

from dataclasses import dataclass

# Shown on every start and on the page: it protects nothing but an invented town.
PASSWORD = "essex-demo-town"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody to sign in as; `can` is what there is to try as them."""

    kind: str
    name: str
    email: str
    can: str


SIGN_INS = (
    SignIn(
        "Volunteer",
        "Priya Raman",
        "priya.raman@example.org",
        "Find something near Chelmsford, book a shift, see hours that were confirmed.",
    ),
    SignIn(
        "Owner",
        "Margaret Osei",
        "margaret.osei@example.org",
        "Runs Moulsham Meadow Community Garden: its details, its people, its invitations.",
    ),
    SignIn(
        "Coordinator",
        "Tom Hadley",
        "tom.hadley@example.org",
        "Posts the garden’s opportunities, reads rosters, marks attendance, confirms hours.",
    ),
    SignIn(
        "Trustee",
        "Grace Lindqvist",
        "grace.lindqvist@example.org",
        "Reads everything of the garden, changes nothing, sees no volunteer’s details.",
    ),
    SignIn(
        "Moderator",
        "Daniel Achebe",
        "daniel.achebe@example.org",
        "Approves, sends back or refuses the organisations that are waiting.",
    ),
    SignIn(
        "Administrator",
        "Ruth Calloway",
        "ruth.calloway@example.org",
        "Sees what failed and what happened, for the whole place.",
    ),
)
