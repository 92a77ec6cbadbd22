"""What is missing for a role, in words: pure."""

from uuid import UUID

from marketplace import clock
from marketplace.credentials.rules import Held, Need, Standing
from marketplace.volunteering.eligibility.rules import Reason


def reason(
    need: Need,
    how: Standing,
    seen: Held | None,
    organisation: str,
    role_id: UUID,
    *,
    asked: bool,
) -> Reason:
    """Say to somebody why they are not clear, and what to do next.

    `asked`: they asked the organisation to look, and nobody has yet.
    """
    what = lower(need.label)
    code = "check" if need.check else f"training.{need.kind.value}"
    if how is Standing.REFUSED:
        return Reason(
            f"{code}.refused",
            f"{organisation} decided that it cannot take you for this role on what it saw."
            " If you think that is wrong, speak with them.",
            "/account/credentials",
            "See what is held about you",
        )
    if asked:
        return Reason(
            f"{code}.waiting",
            f"This role asks for {article(what)}. You asked {organisation} to look at yours:"
            " you can book once somebody there has.",
            waits=True,
        )
    if how is Standing.EXPIRED and seen is not None and seen.until is not None:
        sentence = (
            f"This role asks for {article(what)}. What {organisation} saw of yours counts until"
            f" {clock.date_words(seen.until)}, and this shift ends later."
        )
    else:
        sentence = (
            f"This role asks for {article(what)}, and {organisation} has not seen yours."
            " Each organisation has to see it itself."
        )
    return Reason(
        f"{code}.{how.value}", sentence, f"/roles/{role_id}/check", f"Ask {organisation} to look"
    )


def lacks(need: Need, how: Standing) -> str:
    """Say to a coordinator what somebody lacks, in a few words."""
    what = {
        Standing.MISSING: "not seen",
        Standing.EXPIRED: "runs out before",
        Standing.REFUSED: "not satisfactory",
        Standing.CLEAR: "seen",
    }
    return f"{need.label}: {what[how]}"


def lower(label: str) -> str:
    """Write a label inside a sentence; abbreviations keep their capitals."""
    first = label.split()[0]
    return label if first.isupper() else label[:1].lower() + label[1:]


def article(what: str) -> str:
    """Put "a" or "an" before a check; training and memberships take none."""
    if not what.endswith(("check", "list", "disclosure", "licence")):
        return what
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"
