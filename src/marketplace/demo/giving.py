"""Volunteering beyond booking a shift, in the order in which its parts need each other."""

from marketplace.demo import (
    asking,
    checks,
    claims,
    company,
    facts,
    guarding,
    letters,
    lifetimes,
    reminding,
    rotas,
    screening,
    visiting,
    waiting,
    watching,
)
from marketplace.demo.scene import Scene
from marketplace.volunteering.rules import OpportunityState

TABLES = (
    *("series", "role_screening", "screening_rule", "role_application", "referee"),
    *("screening_decision", "role_check", "role_training", "credential", "check_request"),
    *("offer_queue", "offer_entry", "message_thread", "message", "message_seen"),
    *("message_report", "consent", "expense", "thanks", "statement", "statement_line", "visit"),
    *("availability", "fill_ask", "safeguarding_lead", "place_lead", "acting_consent"),
    *("named_adult", "guardian_consent", "place_doubt", "volunteer_group", "group_seat"),
    *("assisted_person", "to_tell", "concern", "concern_note", "personal_view"),
    *("lone_mark", "lone_watch", "reminder"),
)


def give(scene: Scene) -> None:
    """Add all of it to a town that is full already."""
    known = len(scene.programme.shifts)
    lifetimes.live(scene)
    resting = {
        posted.opportunity["id"]
        for posted in scene.programme.posted
        if posted.opportunity["state"] not in {OpportunityState.OPEN, OpportunityState.PAUSED}
    }
    fresh = scene.programme.shifts[known:]
    scene.diaries.join([each for each in fresh if each.opportunity_id not in resting])
    facts.state(scene)
    rotas.roles(scene)
    rotas.least_needed(scene)
    rotas.series(scene)
    screened = screening.screen(scene)
    checked = checks.check(scene)
    closed = {each.opportunity["id"] for each in (*screened, *checked)}
    waiting.wait(scene, closed)
    letters.write(scene)
    guarding.guard(scene)
    asking.ask(scene)
    claims.claim(scene)
    visiting.propose(scene)
    company.gather(scene, closed)
    watching.watch(scene)
    letters.subscribe(scene)
    reminding.remind(scene)
