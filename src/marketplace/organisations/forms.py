"""The shape of what people say of an organisation."""

import re
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from marketplace import places
from marketplace.organisations import rules
from marketplace.organisations.rules import Details, Kind
from marketplace.taxonomies import CAUSES
from marketplace.web.forms import Bound, Email, Form, Line, ShortLine, Text, sentence

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_PHONE = re.compile(r"\+?[0-9()\s./-]{6,30}(?:\s?(?:x|ext\.?)\s?[0-9]{1,6})?", re.IGNORECASE)


def _web_address(text: str) -> str:
    """Complete and check a web address; only http and https lead anywhere."""
    if not text:
        return text
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode()
        plain = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        host, plain, parts = "", False, urlsplit("")
    if (
        parts.scheme not in {"http", "https"}
        or not plain
        or "@" in parts.netloc
        or not _HOST.fullmatch(host)
        or any(character in address for character in " \"'<>\\")
    ):
        raise sentence("Enter a web address such as www.example.org")
    return address


def _telephone(text: str) -> str:
    digits = sum(character.isdecimal() for character in text)
    if text and not (_PHONE.fullmatch(text) and digits >= 6):
        raise sentence("Enter a telephone number such as 01245 000000")
    return text


def _postcode(text: str) -> str:
    if not text:
        return text
    postcode = places.Postcode.parse(text)
    if postcode is None:
        raise sentence("Enter a full UK postcode, such as CM1 1AA")
    if places.outward_code(postcode.outward) is None:
        raise sentence(f"We do not know {postcode.outward}: check the first half of the postcode")
    return str(postcode)


def _causes(slugs: list[str]) -> list[str]:
    known = list(dict.fromkeys(slugs))
    if any(slug not in CAUSES for slug in known):
        raise sentence("Choose causes from the list")
    if len(known) > rules.MOST_CAUSES:
        raise sentence(f"Choose no more than {rules.MOST_CAUSES} causes")
    return known


class DetailsForm(Form):
    """What an organisation says of itself. All but the name may wait while it is a draft."""

    labels: ClassVar = {
        "name": "the name of the organisation",
        "summary": "the summary",
        "description": "the description",
        "address": "the address",
        "town": "the town",
        "postcode": "the postcode",
        "website": "the website",
        "contact_email": "an e-mail address that people may write to",
        "contact_phone": "the telephone number",
    }

    name: Annotated[Line, Field(min_length=2, max_length=150)]
    summary: Annotated[Line, Field(max_length=300)] = ""
    description: Text = ""
    causes: Annotated[list[str], Field(max_length=60), AfterValidator(_causes)] = Field(
        default_factory=list
    )
    address: Annotated[Text, Field(max_length=300)] = ""
    town: ShortLine = ""
    postcode: Annotated[ShortLine, AfterValidator(_postcode)] = ""
    website: Annotated[Line, AfterValidator(_web_address)] = ""
    contact_email: Email = ""
    contact_phone: Annotated[ShortLine, AfterValidator(_telephone)] = ""
    then: str = ""

    @property
    def details(self) -> Details:
        """Give what was said."""
        values = {name: getattr(self, name) for name in Details.__dataclass_fields__}
        return Details(**{**values, "causes": tuple(self.causes)})

    @property
    def send(self) -> bool:
        """Tell whether it is to be sent for approval rather than kept as a draft."""
        return self.then != "draft"


class KindForm(Form):
    """What an organisation is, with the number that kind has."""

    sentences: ClassVar = {("kind", "missing"): "Choose what kind of organisation it is"}

    kind: Kind
    number: Annotated[ShortLine, Field(validate_default=True)] = ""

    @field_validator("number")
    @classmethod
    def _of_its_kind(cls, typed: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind")
        if kind is Kind.CHARITY:
            number = rules.charity_number(typed)
            if number is None:
                raise sentence("Enter the charity number, such as SC012345")
            return number
        if kind is Kind.COMMUNITY_INTEREST_COMPANY:
            number = rules.company_number(typed)
            if number is None:
                raise sentence("Enter the company number, which is eight characters long")
            return number
        return ""


class GroupForm(DetailsForm, KindForm):
    """The details of an organisation whose number we cannot look up, or that has none."""

    labels: ClassVar = {**DetailsForm.labels, "kind": "what kind of organisation it is"}


def require_complete(form: Bound[Any]) -> bool:
    """Ask for what a moderator needs, beside its field; tell whether nothing is wrong at all."""
    for field, (_, ask) in rules.NEEDED.items():
        if not any(typed.strip() for typed in form.values(field)):
            form.refuse(field, ask)
    # The summary of errors follows the page.
    form.errors = {
        name: form.errors[name] for name in form.shape.model_fields if name in form.errors
    }
    return not form.errors


def typed_details(details: Details) -> dict[str, object]:
    """Give details as a form shows them."""
    return {name: getattr(details, name) for name in Details.__dataclass_fields__}


class FindForm(Form):
    """A charity to look up: its number, or words of its name."""

    labels: ClassVar = {"q": "a charity number or name"}

    q: Line = ""
