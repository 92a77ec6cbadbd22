"""The shape of a table that is sent in, a decision about a line, and a claim."""

from typing import ClassVar

from marketplace.volunteering.moving_in.rules import MOST_BYTES, Choice, Kind
from marketplace.web.forms import Count, Form, Password, Upload

# The form around the file; larger files get a sentence of ours.
MAX_BODY = MOST_BYTES + 2_000_000


class UploadForm(Form):
    """A table and what its lines are."""

    labels: ClassVar = {"kind": "what the file lists", "file": "a file"}
    sentences: ClassVar = {
        ("kind", "missing"): "Choose what the file lists",
        ("file", "missing"): "Choose a CSV file",
    }

    kind: Kind
    file: Upload


class DecisionForm(Form):
    """What a doubtful line is."""

    line: Count
    choice: Choice


class ClaimForm(Form):
    """The password of somebody who claims an account."""

    labels: ClassVar = {"password": "a password"}

    password: Password
