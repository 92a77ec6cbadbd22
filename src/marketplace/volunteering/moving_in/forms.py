"""The shape of a table that is sent in, a decision about a line, and a claim."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from marketplace.volunteering.moving_in.rules import MOST_BYTES, Choice, Kind
from marketplace.web.forms import Count, Form, Password, Upload, sentence

# The form around the file; larger files get a sentence of ours.
MAX_BODY = MOST_BYTES + 2_000_000


def _of_table(kind: Kind) -> Kind:
    if kind is Kind.FEED:
        raise sentence("A feed is sent in on its own page")
    return kind


class UploadForm(Form):
    """A table and what its lines are."""

    labels: ClassVar = {"kind": "what the file lists", "file": "a file"}
    sentences: ClassVar = {
        ("kind", "missing"): "Choose what the file lists",
        ("file", "missing"): "Choose a CSV file",
    }

    kind: Annotated[Kind, AfterValidator(_of_table)]
    file: Upload


class FeedForm(Form):
    """A feed: where it is published, or the file."""

    labels: ClassVar = {"address": "an address", "file": "a file"}
    sentences: ClassVar = {("address", "string_too_long"): "An address has 500 letters at most"}

    address: Annotated[str, Field(max_length=500)] = ""
    file: Upload | None = None


class DecisionForm(Form):
    """What a doubtful line is."""

    line: Count
    choice: Choice


class ClaimForm(Form):
    """The password of somebody who claims an account."""

    labels: ClassVar = {"password": "a password"}

    password: Password
