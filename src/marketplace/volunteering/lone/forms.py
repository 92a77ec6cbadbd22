"""The shape of saying that somebody is on their own, and that they are safe."""

from typing import Annotated, ClassVar

from pydantic import Field

from marketplace.web.forms import Form, Text, Tick


class LoneForm(Form):
    """Whether it is lone."""

    lone: Tick = False


class SafeForm(Form):
    """How somebody knows that a volunteer is safe."""

    labels: ClassVar = {"note": "how you know"}
    sentences: ClassVar = {("note", "missing"): "Write how you know"}

    note: Annotated[Text, Field(min_length=1, max_length=1000)]
