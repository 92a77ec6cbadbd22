"""Why a shift cannot be booked, in words, with the next best thing."""

from dataclasses import dataclass

from marketplace import clock
from marketplace.volunteering.bookings.queries import InTheWay
from marketplace.volunteering.rules import Obstacle


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, and where it is mended; `href` is "" where nothing can be done."""

    obstacle: Obstacle
    sentence: str
    href: str = ""
    label: str = ""


def refusal(obstacle: Obstacle, facts: InTheWay) -> Refusal:
    """Say one obstacle in a sentence that names the rule and leads on."""
    instead, href, label = _instead(facts)
    match obstacle:
        case Obstacle.OPPORTUNITY_CANCELLED:
            sentence = "This opportunity was cancelled."
            href, label = "/opportunities", "Find something else"
        case Obstacle.NOT_OPEN:
            sentence = "This opportunity takes no bookings at the moment."
            href, label = "/opportunities", "Find something else"
        case Obstacle.SHIFT_CANCELLED:
            sentence = f"That shift was cancelled.{instead}"
        case Obstacle.STARTED:
            sentence = f"That shift has started, so it cannot be booked any more.{instead}"
        case Obstacle.BOOKED_ALREADY:
            sentence = "You have a place on this shift already."
            href, label = "/my/volunteering", "See your bookings"
        case Obstacle.FULL:
            sentence = f"That shift is full.{instead}"
        case Obstacle.OVERLAP:
            sentence = (
                f"You are booked for “{facts.other_title}” then ({facts.other_period})."
                " Nobody can be in two places at once."
                # A full shift has said already where there is room.
                f"{'' if facts.asked.gone >= facts.asked.places else instead}"
            )
            if not href or facts.asked.gone >= facts.asked.places:
                href, label = "/my/volunteering", "See your bookings"
        case Obstacle.EMAIL_UNCONFIRMED:
            sentence = (
                "Confirm your e-mail address first: open the link in the message we sent you."
                " Then come back and book."
            )
            href, label = "/account", "Send the message again"
        case Obstacle.AGE:
            age = facts.asked.minimum_age
            sentence = f"Tick that you are {age} or over: this role is for people of that age"
            href, label = "", ""
    return Refusal(obstacle, sentence, href, label)


def _instead(facts: InTheWay) -> tuple[str, str, str]:
    if facts.alternative_at is None:
        return (
            " There are no other places at the moment.",
            "/opportunities",
            "Find something else",
        )
    day = clock.date_words(clock.local(facts.alternative_at).date())
    return (
        f" The same opportunity has places on {day}.",
        f"/shifts/{facts.alternative_id}/booking",
        f"Book {day}",
    )
