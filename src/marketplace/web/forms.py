"""The shape of input: bad input is a value with a sentence beside its field, never an exception.

A form is a pydantic model. `bind` reads a request and returns what was typed, the data (or None)
and one sentence a field; nothing typed is lost.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, get_args, get_origin
from uuid import UUID

from litestar import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from marketplace import settings
from marketplace.db import Once
from marketplace.errors import BadInput, Conflict
from marketplace.ids import new_id
from marketplace.permissions import ANONYMOUS, Actor
from marketplace.web.bodies import Uploaded, read_form, read_query, read_uploads

KEY_FIELD = "_key"

FormType = TypeVar("FormType", bound="Form")


def sentence(text: str) -> PydanticCustomError:
    """Make the error of a validator out of the sentence a person should read."""
    return PydanticCustomError("sentence", "{text}", {"text": text})


def _visible(text: str) -> str:
    # Each character once: a megabyte of the same letter costs no more than the alphabet.
    bad = any(unicodedata.category(character) in {"Cc", "Cs", "Cn"} for character in set(text))
    if bad:
        raise sentence("Remove the characters that cannot be shown, such as those of a bad copy")
    return text


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) and _has_no_controls(value) else value


def _has_no_controls(text: str) -> bool:
    return all(unicodedata.category(c) != "Cc" or c in "\t\r\n" for c in set(text))


def _lines(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return value


def _visible_lines(text: str) -> str:
    _visible(text.replace("\n", " ").replace("\t", " "))
    return text


_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,63}"
)


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or ".." in text:
        raise sentence("Enter an e-mail address such as name@example.org")
    return text


def _whole(value: object) -> object:
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        if not re.fullmatch(r"-?[0-9]+", digits):
            raise sentence("Enter a whole number, such as 4")
        # What has more digits than any bound is refused by the bound, which names the field.
        return int(digits[:12])
    return value


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise sentence("Enter a real date, such as 2027-03-04") from error
    return value


def _clock_time(value: object) -> object:
    if isinstance(value, str):
        match = re.fullmatch(
            r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?::[0-9]{2})?\s*(am|pm)?", value.strip().lower()
        )
        if match:
            hour, minute = int(match[1]), int(match[2] or 0)
            if match[3]:
                if not 1 <= hour <= 12:
                    raise sentence("Enter a time such as 18:30 or 6:30pm")
                hour = hour % 12 + (12 if match[3] == "pm" else 0)
            if hour < 24 and minute < 60:
                return time(hour, minute)
        raise sentence("Enter a time such as 18:30 or 6:30pm")
    return value


def _tick(value: object) -> object:
    return value in {"yes", "on", "true", "1", True}


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Line = Annotated[str, BeforeValidator(_one_line), AfterValidator(_visible), Field(max_length=200)]
ShortLine = Annotated[
    str, BeforeValidator(_one_line), AfterValidator(_visible), Field(max_length=80)
]
Text = Annotated[
    str, BeforeValidator(_lines), AfterValidator(_visible_lines), Field(max_length=5000)
]
Email = Annotated[str, BeforeValidator(_one_line), AfterValidator(_email), Field(max_length=254)]
# A password is taken as typed: spaces count.
Password = Annotated[str, AfterValidator(_visible), Field(max_length=256)]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=1_000_000)]
LocalDate = Annotated[
    date, BeforeValidator(_day), Field(ge=date(1900, 1, 1), le=date(2100, 12, 31))
]
LocalTime = Annotated[time, BeforeValidator(_clock_time)]
# A file; the handler says how large its request may be, the feature what it may hold.
Upload = Uploaded
Tick = Annotated[bool, BeforeValidator(_tick)]
Blankable = BeforeValidator(_empty_is_none)


class Form(BaseModel):
    """The shape of one form's input; `labels` name the fields inside sentences.

    A label is how a sentence continues after "Enter": "your e-mail address". `sentences` replace
    single messages: {("email", "missing"): "Tell us where to write to you"}.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    labels: ClassVar[Mapping[str, str]] = {}
    sentences: ClassVar[Mapping[tuple[str, str], str]] = {}

    @classmethod
    def blank(cls, values: Mapping[str, object] | None = None) -> "Bound[Self]":
        """Give the form as first shown, with `values` already in it."""
        raw = {name: _as_typed(value) for name, value in (values or {}).items()}
        return Bound(cls, raw, None, {}, key=str(new_id()))

    @classmethod
    async def bind(cls, request: Request[Any, Any, Any]) -> "Bound[Self]":
        """Read the form of a POST.

        Raises:
            BadInput: the body is no form at all, or cannot be decoded.
        """
        fields = await read_form(request)
        raw = {name: values for name, values in fields.items() if name[:1] != "_"}
        uploads = await read_uploads(request)
        actor: Actor = request.scope.get("actor", ANONYMOUS)  # type: ignore[assignment]
        bound = cls._validate(raw, uploads)
        bound.key = _key(fields.get(KEY_FIELD, [""])[0])
        sent = {name: [hashlib.sha256(file.content).hexdigest()] for name, file in uploads.items()}
        bound.fingerprint = _fingerprint(request.url.path, actor.person_id, raw | sent)
        return bound

    @classmethod
    def read(cls, request: Request[Any, Any, Any]) -> "Bound[Self]":
        """Read the form of a GET out of the address."""
        return cls._validate(read_query(request))

    @classmethod
    def _validate(
        cls, raw: dict[str, list[str]], uploads: Mapping[str, Uploaded] | None = None
    ) -> "Bound[Self]":
        uploads = uploads or {}
        values: dict[str, object] = {}
        for name, info in cls.model_fields.items():
            if Upload in (info.annotation, *get_args(info.annotation)):
                if name in uploads:
                    values[name] = uploads[name]
                continue
            typed = raw.get(name, [])
            if get_origin(info.annotation) in (list, tuple, set, frozenset):
                values[name] = [value for value in typed if value]
            elif typed and typed[-1].strip():
                # The last of several values counts; an empty field is one not filled in.
                values[name] = typed[-1]
        try:
            return Bound(cls, raw, cls(**values), {}, key="", uploads=uploads)
        except ValidationError as error:
            found: dict[str, str] = {}
            for detail in error.errors(include_url=False):
                name = str(detail["loc"][0]) if detail["loc"] else "form"
                found.setdefault(name, cls._sentence(name, detail))
            ordered = {name: found[name] for name in cls.model_fields if name in found}
            return Bound(cls, raw, None, ordered | found, key="", uploads=uploads)

    @classmethod
    def _sentence(cls, name: str, detail: ErrorDetails) -> str:
        kind, context = detail["type"], detail.get("ctx", {})
        label = cls.labels.get(name, name.replace("_", " "))
        subject = label[:1].upper() + label[1:]
        if replaced := cls.sentences.get((name, kind)):
            return replaced
        match kind:
            case "sentence":
                return str(context["text"])
            case "missing":
                return f"Enter {label}"
            case "string_too_long" | "too_long":
                return f"{subject} must be {context['max_length']:,} characters or fewer"
            case "string_too_short" | "too_short":
                return f"{subject} must be at least {context['min_length']} characters long"
            case "greater_than_equal":
                return f"{subject} must be {context['ge']} or more"
            case "less_than_equal":
                return f"{subject} must be {context['le']} or less"
            case "enum" | "literal_error":
                return f"Choose {label} from the list"
            case _:
                return f"Check {label}"


class Bound(Generic[FormType]):
    """What was typed, what it means, and what is wrong with it."""

    def __init__(
        self,
        shape: type[FormType],
        raw: dict[str, list[str]],
        data: FormType | None,
        errors: dict[str, str],
        *,
        key: str,
        uploads: Mapping[str, Uploaded] | None = None,
    ) -> None:
        self.shape = shape
        self.raw = raw
        self.data = data
        self.errors = errors
        self.key = key
        self.uploads = uploads or {}
        self.fingerprint = ""

    def value(self, name: str) -> str:
        """Give what was typed into a field, "" if nothing."""
        typed = self.raw.get(name)
        return typed[-1] if typed else ""

    def values(self, name: str) -> list[str]:
        """Give all that was chosen in a field of several answers."""
        return self.raw.get(name, [])

    def error(self, name: str) -> str | None:
        """Give the sentence that stands beside a field."""
        return self.errors.get(name)

    def refuse(self, field: str, message: str) -> None:
        """Put a sentence beside a field; the form is shown again."""
        self.errors[field] = message

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Let a `Conflict` that names a field land beside it; others pass."""
        try:
            yield
        except Conflict as conflict:
            if conflict.field is None:
                raise
            self.refuse(conflict.field, conflict.message)

    def once(self, address: str) -> Once:
        """Give the guard that makes an operation happen once for this very form.

        `address` is where a replay is sent; an operation that makes something new replaces it.
        """
        return Once(key=self.key or str(new_id()), fingerprint=self.fingerprint, address=address)


def _as_typed(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, bool):
        return ["yes"] if value else []
    if isinstance(value, time):
        return [f"{value:%H:%M}"]
    if isinstance(value, Sequence | set | frozenset):
        return [str(item) for item in value]
    return [str(value)]


def _key(text: str) -> str:
    """Accept a key only in the shape we hand out: nobody else's text reaches the table."""
    if not text:
        return ""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise BadInput("This form is damaged. Go back, reload the page and try again.") from error


def _fingerprint(path: str, person: UUID | None, raw: Mapping[str, Sequence[str]]) -> str:
    # Keyed: forms hold passwords, and a plain fast hash of one could be guessed from the table.
    key = settings.current().secret_key.encode()[:64]
    digest = hashlib.blake2b(digest_size=16, key=key)
    for part in (path, str(person)):
        digest.update(part.encode() + b"\0")
    for name in sorted(raw):
        for value in (name, *raw[name]):
            digest.update(value.encode("utf-8", "replace") + b"\0")
        digest.update(b"\1")
    return digest.hexdigest()
