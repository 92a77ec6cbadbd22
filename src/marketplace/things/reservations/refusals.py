"""Why a thing cannot be reserved, in words, with the next days that work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marketplace import clock
from marketplace.things import rules
from marketplace.things.availability import Loan
from marketplace.things.hours import WEEKDAYS
from marketplace.things.reservations.queries import InTheWay
from marketplace.things.rules import Obstacle


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, and where it is mended: (address, words) each."""

    obstacle: Obstacle
    sentence: str
    links: tuple[tuple[str, str], ...] = ()


def refusals(facts: InTheWay) -> list[Refusal]:
    """Say everything that is in the way, worst first; empty where nothing is."""
    return [refusal(obstacle, facts) for obstacle in facts.obstacles]


def address(facts: InTheWay, first: date, last: date) -> str:
    """Give where these days of the thing are reserved."""
    return f"/things/{facts.thing.id}/reservation?first={first}&last={last}"


def refusal(obstacle: Obstacle, facts: InTheWay) -> Refusal:
    """Say one obstacle in a sentence that names the rule and leads on."""
    asked, thing = facts.asked, facts.thing
    calendar = (f"/things/{thing.id}", "Choose other days")
    links: Sequence[tuple[str, str]] = _links(facts, facts.alternatives) or [calendar]
    match obstacle:
        case Obstacle.NOT_PUBLISHED:
            sentence = "This cannot be borrowed at the moment."
            links = [("/things", "Find something else")]
        case Obstacle.NO_UNITS:
            sentence = "There is none to lend at the moment."
            links = [("/things", "Find something else")]
        case Obstacle.EMAIL_UNCONFIRMED:
            sentence = (
                "Confirm your e-mail address first: open the link in the message we sent you."
                " Then come back and reserve."
            )
            links = [("/account", "Send the message again")]
        case Obstacle.BACKWARDS:
            sentence = (
                f"The day you bring it back is before the day you collect it. Choose"
                f" {clock.date_words(asked.first)} or a day after it."
            )
            links = _links(facts, facts.returns[:3]) or [calendar]
        case Obstacle.TOO_SOON:
            sentence = _too_soon(facts)
        case Obstacle.TOO_FAR:
            sentence = (
                f"This can be reserved {rules.number_words(thing.ahead_days)} ahead: collect it on"
                f" {clock.date_words(asked.latest)} at the latest."
            )
        case Obstacle.TOO_LONG:
            days = rules.loan_days(asked.first, asked.last)
            sentence = (
                f"You can have this for {rules.number_words(thing.max_days)} at most, and this"
                f" would be {days}.{_by(facts.returns)}"
            )
            links = _links(facts, facts.returns[-1:]) or [calendar]
        case Obstacle.COLLECTION_CLOSED:
            sentence = _closed(facts, asked.first)
        case Obstacle.RETURN_CLOSED:
            after = [each for each in facts.returns if each.last > asked.last][:1]
            near = [each for each in facts.returns if each.last < asked.last][-1:] + after
            sentence = _closed(facts, asked.last, [each.last for each in near])
            links = _links(facts, near) or links
        case Obstacle.TAKEN:
            sentence = _taken(facts)
    return Refusal(obstacle, sentence, tuple(links))


def _links(facts: InTheWay, loans: Sequence[Loan]) -> list[tuple[str, str]]:
    return [
        (
            address(facts, loan.first, loan.last),
            f"Reserve {rules.days_words(loan.first, loan.last)}",
        )
        for loan in loans
    ]


def _too_soon(facts: InTheWay) -> str:
    asked, thing = facts.asked, facts.thing
    if asked.first < facts.bounds.today:
        rule = f"{clock.date_words(asked.first)} is over."
    elif thing.notice_days:
        rule = f"{thing.organisation_name} needs {rules.number_words(thing.notice_days)} notice."
    else:
        rule = f"{thing.site_name} is closed for today."
    following = next((each.first for each in facts.alternatives), None)
    if following is None:
        return f"{rule} The first day to collect it is {clock.date_words(asked.earliest)}."
    return f"{rule} The first day you can have it is {clock.date_words(following)}."


def _by(returns: Sequence[Loan]) -> str:
    return f" Bring it back by {clock.date_words(returns[-1].last)}." if returns else ""


def _closed(facts: InTheWay, day: date, near: Sequence[date] | None = None) -> str:
    always = bool(facts.week) and not facts.week[day.weekday()]
    when = f"{WEEKDAYS[day.weekday()]}s" if always else clock.date_words(day)
    if near is None:
        near = [each.first for each in facts.alternatives]
    sentence = f"{facts.thing.site_name} is closed on {when}."
    if not near:
        return sentence
    return f"{sentence} Nearest: {', '.join(_short(each) for each in near)}."


def _short(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _taken(facts: InTheWay) -> str:
    asked, units = facts.asked, facts.thing.units
    days = rules.days_words(asked.first, asked.last)
    # Some may be in repair rather than lent out: what counts is that none is left.
    which = {1: "This is not", 2: "Neither of the two is"}.get(units, f"None of the {units} is")
    what = f"{which} free {'on' if asked.first == asked.last else 'from'} {days}"
    after = next((each for each in facts.alternatives if each.first > asked.first), None)
    if after is None:
        before = next(iter(facts.alternatives), None)
        if before is None:
            return f"{what}. Nothing else is free that long in the days that can be reserved."
        return f"{what}. Free before that, from {clock.date_words(before.first)}."
    length = rules.loan_days(asked.first, asked.last)
    long = f" for {rules.number_words(length)}" if length > 1 else ""
    return f"{what}. Free again{long} from {clock.date_words(after.first)}."
