"""What is missing for a role, in words: pure."""

from uuid import UUID

from marketplace import clock
from marketplace.credentials.rules import Body, Check, Held, Kind, Need, Standing
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
    what = phrase(need)
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
            f"This role asks for {what}. You asked {organisation} to look at yours:"
            " you can book once somebody there has.",
            waits=True,
        )
    if how is Standing.EXPIRED and seen is not None and seen.until is not None:
        sentence = (
            f"This role asks for {what}. What {organisation} saw of yours counts until"
            f" {clock.date_words(seen.until)}, and this shift ends later."
        )
    else:
        sentence = (
            f"This role asks for {what}, and {organisation} has not seen yours."
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


_TRAINING = {
    Kind.SAFEGUARDING: "safeguarding training",
    Kind.FIRST_AID: "a first aid certificate",
    Kind.FOOD_HYGIENE: "a food hygiene certificate",
    Kind.MOVING_AND_HANDLING: "training in moving and handling",
    Kind.MENTAL_HEALTH: "training in mental health first aid",
    Kind.DRIVING_LICENCE: "a driving licence",
    Kind.MINIBUS: "minibus driver training (MiDAS)",
}


def phrase(need: Need) -> str:
    """Write a need inside a sentence: "an enhanced DBS check", "a first aid certificate"."""
    if need.check is None:
        return _TRAINING[need.kind]
    label = need.check.label
    if need.check is Check.PVG:
        return label
    if need.check.body is Body.SCOTLAND:
        return f"a {label}"
    return f"{'an' if label[0] == 'E' else 'a'} {label[:1].lower()}{label[1:]}"
