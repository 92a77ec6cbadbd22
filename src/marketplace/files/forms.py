"""The form of a picture and its words."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from marketplace.files import rules
from marketplace.web.forms import Bound, Form, Line, Upload

# The largest picture, and what a form adds to it.
MAX_BODY = rules.MOST_BYTES + 256 * 1024


class PictureForm(Form):
    """A picture and what it shows; without a file only the words change."""

    labels: ClassVar = {"alt": "the description"}
    sentences: ClassVar = {("alt", "missing"): rules.DESCRIBE}

    picture: Upload | None = None
    alt: Annotated[Line, StringConstraints(min_length=1), Field(max_length=rules.LONGEST_ALT)]


def complete(form: Bound[PictureForm], *, has_one: bool) -> bool:
    """Tell whether the form can be carried out, and put what is missing beside its fields."""
    sent = form.uploads.get("picture")
    if sent is None and not has_one:
        # Before the others, as the field stands on the page.
        form.errors = {"picture": rules.CHOOSE} | form.errors
    elif sent is not None and form.errors:
        form.errors = {
            "picture": "Choose the picture again: a browser does not keep it"
        } | form.errors
    return form.data is not None and not form.errors
