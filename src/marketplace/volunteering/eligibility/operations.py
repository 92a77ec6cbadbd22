"""Looking at why somebody cannot book, which leaves a trace."""

from uuid import UUID

from marketplace import db
from marketplace.permissions import Actor
from marketplace.volunteering.eligibility import queries
from marketplace.volunteering.eligibility.queries import Answer
from marketplace.volunteering.tables import PersonalView


async def look(actor: Actor, shift_id: UUID, person_id: UUID) -> tuple[str, Answer]:
    """Tell why a person cannot book a shift, with their name, and write down who asked.

    Raises:
        NotFound: see `queries.of_person`.
    """
    async with db.transaction():
        found = await queries.of_person(actor, shift_id, person_id)
        await PersonalView(
            viewer_id=actor.require_person(), subject_type="eligibility", subject_id=person_id
        ).save()
    return found
