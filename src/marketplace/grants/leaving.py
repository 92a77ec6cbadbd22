"""What leaving means to grants: nobody waits for an assessor who left; what was judged stays."""

from uuid import UUID

from marketplace import db
from marketplace.accounts.leaving.steps import Part
from marketplace.grants.assessment import operations as assessment
from marketplace.grants.rounds import queries as rounds
from marketplace.permissions import Actor


async def let_go(actor: Actor, person_id: UUID) -> None:
    """Take the person off the rounds in which they have not begun to score."""
    for row in await db.fetch(
        "SELECT round_id FROM round_assessor WHERE person_id = {} ORDER BY round_id", person_id
    ):
        if not await assessment.begun(row["round_id"], person_id):
            round = await rounds.asked_in(row["round_id"])
            await assessment.take_off(actor, round, person_id)


LEAVING = Part(let_go=let_go)
