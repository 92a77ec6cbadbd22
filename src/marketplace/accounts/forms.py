"""Forms of accounts."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from marketplace.taxonomies import CAUSES, SKILLS
from marketplace.web.forms import Email, Form, Password, ShortLine, Tick, sentence
from marketplace.web.render import safe_next

# A password to be checked, not chosen: any text may be tried.
Tried = Annotated[str, Field(max_length=256)]
# Not typed by anybody: what cannot be gone on to is dropped, not complained about.
Onward = Annotated[str, AfterValidator(lambda address: safe_next(address, ""))]


def _known(taxonomy: object) -> AfterValidator:
    def check(slug: str) -> str:
        if slug not in taxonomy:  # type: ignore[operator]
            raise sentence("Choose from the list")
        return slug

    return AfterValidator(check)


Cause = Annotated[str, Field(max_length=100), _known(CAUSES)]
Skill = Annotated[str, Field(max_length=100), _known(SKILLS)]


class SignUpForm(Form):
    """Join."""

    labels: ClassVar = {
        "name": "your name",
        "email": "your e-mail address",
        "password": "a password",
    }
    name: ShortLine
    email: Email
    password: Password
    digest: Tick = False
    next: Onward = ""


class SignInForm(Form):
    """Sign in."""

    labels: ClassVar = {"email": "your e-mail address", "password": "your password"}
    email: Email
    password: Tried
    next: Onward = ""


class AddressForm(Form):
    """Ask for a message to an address."""

    labels: ClassVar = {"email": "your e-mail address"}
    email: Email


class NewPasswordForm(Form):
    """Choose a password after opening a link."""

    labels: ClassVar = {"password": "a new password"}
    password: Password


class ChangePasswordForm(Form):
    """Choose another password while signed in."""

    labels: ClassVar = {"present": "your present password", "password": "a new password"}
    present: Tried
    password: Password


class ButtonForm(Form):
    """A form that is one button."""


class ProfileForm(Form):
    """Say who you are."""

    labels: ClassVar = {"name": "your name", "postcode": "your postcode or town"}
    name: ShortLine
    postcode: ShortLine = ""
    causes: list[Cause] = Field(default=[], max_length=len(CAUSES))
    skills: list[Skill] = Field(default=[], max_length=len(SKILLS))
