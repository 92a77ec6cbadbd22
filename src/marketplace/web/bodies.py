"""Reading bodies and addresses strictly: what cannot be read is a sentence, never a crash."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException, HTTPException
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE

from marketplace.errors import BadInput

MAX_FIELDS = 1000
_UNREADABLE = "We could not read that form. Go back, reload the page and try again."
_STATE = "marketplace_form"
_UPLOADS = "marketplace_uploads"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file as it was sent; its name and kind are whatever somebody typed, so neither is kept."""

    content: bytes = field(repr=False)


async def read_form(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """Give the text fields of a form body, every value of each, in order; read once a request.

    Raises:
        BadInput: no form, not decodable, or too many fields.
    """
    cached = request.scope["state"].get(_STATE)
    if cached is not None:
        return cached
    kind, parameters = request.content_type
    try:
        if kind == "application/x-www-form-urlencoded":
            if parameters.get("charset", "utf-8").lower().replace("_", "-") not in {
                "utf-8",
                "utf8",
            }:
                raise BadInput(_UNREADABLE)
            fields = _pairs((await request.body()).decode("ascii"))
        elif kind == "multipart/form-data":
            fields, uploads = {}, {}
            for name, value in (await request.form()).multi_items():
                if isinstance(name, str) and isinstance(value, str):
                    name.encode()
                    value.encode()
                    fields.setdefault(name, []).append(value)
                elif isinstance(name, str) and isinstance(value, UploadFile):
                    uploads[name] = Uploaded(await value.read())
            request.scope["state"][_UPLOADS] = uploads
        else:
            raise BadInput("This address takes a form. Use the page’s own buttons to send it.")
    except BadInput:
        raise
    except HTTPException as error:
        if error.status_code == HTTP_413_REQUEST_ENTITY_TOO_LARGE:
            raise
        raise BadInput(_UNREADABLE) from error
    except (ValueError, LookupError, TypeError, AttributeError, ClientException) as error:
        # The parsers below raise these for bad percent-encoding, charsets and part headers.
        raise BadInput(_UNREADABLE) from error
    request.scope["state"][_STATE] = fields
    return fields


async def read_uploads(request: Request[Any, Any, Any]) -> dict[str, Uploaded]:
    """Give the files of a form body by field, the last of each; none chosen is none.

    Raises:
        BadInput: see `read_form`.
    """
    await read_form(request)
    return request.scope["state"].get(_UPLOADS, {})


def read_query(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """Give the fields of the address.

    Raises:
        BadInput: not decodable, or too many fields.
    """
    try:
        return _pairs(request.scope["query_string"].decode("ascii"))
    except ValueError as error:
        raise BadInput(
            "We could not read that address. Type what you are looking for into the search box."
        ) from error


def _pairs(text: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(
        text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
    ):
        fields.setdefault(name, []).append(value)
    return fields
