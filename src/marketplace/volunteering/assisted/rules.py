"""What an assisted person agrees to, and what they are told: pure."""

from collections.abc import Mapping
from enum import StrEnum


class Event(StrEnum):
    """What happens to people without e-mail; the subject is the person."""

    SIGNED_UP = "assisted.signed_up"
    TOLD = "assisted.told"
    ADDRESS_GIVEN = "assisted.address_given"


class How(StrEnum):
    """How they agreed."""

    VOICE = "voice"
    PAPER = "paper"


HOWS: Mapping[How, str] = {
    How.VOICE: "By voice, on the phone or in person",
    How.PAPER: "On paper, signed",
}
WORDS = (
    "I agree that the volunteer centre keeps my name and how to reach me, books volunteering for"
    " me when I ask for it, shows my name to the organisation I help, and tells me by letter or"
    " phone. I can stop this at any time."
)
# What mail would have said, by its template, in words for a list.
WHAT: Mapping[str, str] = {
    "volunteering/booked": "Booked",
    "volunteering/given_back": "Given back",
    "volunteering/called_off": "The shift is called off",
    "volunteering/taken_off": "Their place is gone",
    "volunteering/moved": "The shift is at another time",
    "volunteering/hours": "Their hours are confirmed",
    "reminders/shift": "The shift is near",
}
