"""The demo's mailbox: what was "sent" lies in a folder, and everybody may read it here."""

import asyncio
import email
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from itertools import islice
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from markupsafe import Markup

from marketplace import settings
from marketplace.errors import NotFound
from marketplace.web.forms import Form, Line
from marketplace.web.gate import CSP
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render

MOST = 200
_LOOKED_THROUGH = 2000
_ID = re.compile(r"[0-9a-f]{40}")
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
# The message brings its own inline styles: they are allowed in its frame and nowhere else, and
# the frame can run nothing and load nothing.
_FRAME_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self';"
    " sandbox allow-top-navigation-by-user-activation allow-popups"
)


class LookForm(Form):
    """Look for the messages of somebody, or about something."""

    q: Line = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in the mailbox; `id` is the name of its file."""

    id: str
    to: str
    subject: str
    at: datetime
    text: str = ""
    html: str = ""

    def has(self, words: str) -> bool:
        """Tell whether every word stands in the subject or the address, in any case."""
        here = f"{self.subject} {self.to}".casefold()
        return all(word in here for word in words.casefold().split())

    @property
    def linked(self) -> Markup:
        """Give the text with its addresses as links, everything else escaped."""
        parts, end = [], 0
        for found in _LINK.finditer(self.text):
            parts += [Markup.escape(self.text[end : found.start()])]
            parts += [Markup('<a class="govuk-link" href="{0}">{0}</a>').format(found[0])]
            end = found.end()
        return Markup("").join([*parts, Markup.escape(self.text[end:])])


@get("/demo/mailbox", opt=PUBLIC, name="demo.mailbox")
async def mailbox(request: Request[Any, Any, Any]) -> Page:
    """List what was sent, newest first; of somebody or about something where that is asked for."""
    form = LookForm.read(request)
    q = form.data.q if form.data else ""
    found = await asyncio.to_thread(_letters, q)
    return render(request, "demo/mailbox.html", letters=found, q=q)


@get("/demo/mailbox/{id:str}", opt=PUBLIC, name="demo.mailbox.letter")
async def letter(request: Request[Any, Any, Any], id: FromPath[str]) -> Page:
    """Show a message: its text, and its look in a frame."""
    page = render(request, "demo/mailbox_letter.html", letter=await asyncio.to_thread(_letter, id))
    page.headers["Content-Security-Policy"] = CSP + "; frame-src 'self'"
    return page


@get("/demo/mailbox/{id:str}/html", opt=PUBLIC, name="demo.mailbox.html")
async def html(id: FromPath[str]) -> Response[str]:
    """Give the HTML part of a message, for the frame."""
    found = await asyncio.to_thread(_letter, id)
    return Response(
        found.html.replace("<head>", '<head><base target="_top">', 1),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _FRAME_CSP, "X-Frame-Options": "SAMEORIGIN"},
    )


def _folder() -> Path | None:
    return settings.current().mailbox


def _letters(q: str) -> list[Letter]:
    folder = _folder()
    if folder is None or not folder.is_dir():
        return []
    dated = [(file.stat().st_mtime_ns, file) for file in folder.glob("*.eml")]
    newest = sorted(dated, key=lambda pair: pair[0], reverse=True)[: _LOOKED_THROUGH if q else MOST]
    letters = (_read(file, whole=False) for _, file in newest)
    return [*islice((each for each in letters if each.has(q)), MOST)]


def _letter(id: str) -> Letter:
    folder = _folder()
    if folder is None or not _ID.fullmatch(id) or not (folder / f"{id}.eml").is_file():
        raise NotFound("We cannot find that message. It may have been cleared away.")
    return _read(folder / f"{id}.eml", whole=True)


def _read(file: Path, *, whole: bool) -> Letter:
    message = email.message_from_bytes(file.read_bytes(), EmailMessage, policy=SMTP)
    return Letter(
        id=file.stem,
        to=str(message["To"]).strip(),
        subject=str(message["Subject"]).strip(),
        at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        text=_part(message, "plain") if whole else "",
        html=_part(message, "html") if whole else "",
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content() if part is not None else ""


HANDLERS: list[Any] = [mailbox, letter, html]
