"""Pages out of templates: one environment, one context, page or fragment decided in one place."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from itsdangerous import BadSignature, URLSafeSerializer
from jinja2 import (
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)
from litestar import Request, Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from marketplace import addresses, clock, money, paths, settings, taxonomies
from marketplace.ids import new_id
from marketplace.listing_index import METRES_A_MILE
from marketplace.permissions import ANONYMOUS, Actor, Permission
from marketplace.web import assets, csrf
from marketplace.web.bodies import read_query
from marketplace.web.compiled import Pages, kept

Page = Response[str]

# No address of ours is longer; servers in front of us refuse headers of some thousand letters.
LONGEST_NEXT = 1000

_GOVUK = re.compile(r'govuk\("([a-z-]+)"\)')
_NOTICE_COOKIE = "notice"
_WHERE_COOKIE = "where"


def everybody(actor: Actor) -> bool:
    """Show a way in to all, signed in or not."""
    return True


@dataclass(frozen=True, slots=True)
class NavItem:
    """A way into a feature; shown to whom `shown` says, everybody by default.

    `under` is where its pages begin, where that is not `href`.
    """

    label: str
    href: str
    shown: Callable[[Actor], bool] = everybody
    under: str = ""


_navigation: list[NavItem] = []


def set_navigation(items: Sequence[NavItem]) -> None:
    """Take the navigation that the app gathered from the features."""
    _navigation[:] = items


@cache
def environment() -> Environment:
    """Give the one Jinja environment: autoescaping, strict about unknown names."""
    built = Pages(
        loader=FileSystemLoader(paths.templates()),
        autoescape=select_autoescape(["html", "svg"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=kept(),
    )
    built.filters.update(
        date=_date,
        moment=clock.moment_words,
        datetime=clock.moment_words,
        time=clock.time_words,
        period=lambda pair: clock.period_words(*pair),
        miles=miles,
        pounds=money.pounds,
        plural=plural,
        lines=_lines,
        words=lambda value: str(value).replace("_", " "),
        topics=topics,
        asset=asset,
        icon=icon,
    )
    built.globals.update(
        asset=asset,
        govuk=govuk,
        icon=icon,
        new_key=lambda: str(new_id()),
        Permission=Permission,
        query=with_query,
        now=clock.now,
    )
    return built


@cache
def govuk(component: str) -> Callable[..., Markup]:
    """Give the macro of a GOV.UK component, such as "error-summary".

    The macros ask for names that may be missing, so they live in a lenient environment of their
    own and our pages stay strict.
    """
    package = "govuk_frontend_jinja"
    lenient = Environment(
        loader=PrefixLoader({package: PackageLoader(package)}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=kept(),
    )
    module = lenient.get_template(f"{package}/components/{component}/macro.html").module
    return getattr(module, "govuk" + component.title().replace("-", ""))


def compile_all(*, backwards: bool = False) -> None:
    """Compile every page, so that nobody waits for it: the first of each takes some 20 ms.

    Two processes at once share the work if one goes backwards: what one compiled, both keep.
    """
    pages = environment()
    assert pages.loader is not None
    names = pages.list_templates(filter_func=lambda name: not name.startswith("email/"))
    for name in reversed(names) if backwards else names:
        pages.get_template(name)
        for component in _GOVUK.findall(pages.loader.get_source(pages, name)[0]):
            govuk(component)


def render(
    request: Request[Any, Any, Any],
    template: str,
    *,
    fragment: str | None = None,
    status: int = 200,
    **context: Any,
) -> Page:
    """Answer with a page, or with its fragment when htmx 4 asks for a part only.

    Boosted and history requests also carry `HX-Request`; only `HX-Request-Type: partial` wants
    a fragment.
    """
    partial = request.headers.get("hx-request-type") == "partial"
    chosen = fragment if fragment and partial else template
    whole = chosen == template
    notice = _notice(request) if whole else None
    actor: Actor = request.scope.get("actor", ANONYMOUS)  # type: ignore[assignment]
    config = settings.current()
    seed, fresh = csrf.seed(request)
    path = request.url.path
    content = (
        environment()
        .get_template(chosen)
        .render(
            request=request,
            path=path,
            plain_path=addresses.plain(path),
            actor=actor,
            notice=notice,
            brand={
                "name": config.brand_name,
                "tagline": config.brand_tagline,
                "logo": config.brand_logo,
            },
            demo=config.demo,
            nav=[
                {
                    "label": item.label,
                    "href": item.href,
                    "current": _leads_to(path, item.under or item.href),
                    "own": item.shown is not everybody,
                }
                for item in _navigation
                if item.shown(actor)
            ],
            csrf_token=csrf.token(seed, actor),
            where_text=remembered_where(request),
            **context,
        )
    )
    cookies = [csrf.cookie(seed)] if fresh else []
    if notice is not None:
        cookies.append(_cookie(_NOTICE_COOKIE, "", seconds=0))
    response = Response(
        content,
        media_type="text/html; charset=utf-8",
        status_code=status,
        cookies=cookies,
        headers={"Vary": "HX-Request, HX-Request-Type, Cookie"},
    )
    if partial and whole:
        # A whole page where a part was asked for (an error, mostly) replaces the main column.
        response.headers |= {
            "HX-Retarget": "#main",
            "HX-Reselect": "#main",
            "HX-Reswap": "outerHTML",
        }
    return response


def redirect(request: Request[Any, Any, Any], address: str, *, notice: str | None = None) -> Page:
    """Send the browser on with a GET; `notice` is shown once on the page it arrives at."""
    cookies = []
    if notice:
        cookies.append(_cookie(_NOTICE_COOKIE, _notice_signer().dumps(notice), seconds=120))
    return Response(
        "", status_code=303, headers={"Location": address}, cookies=cookies, media_type="text/html"
    )


def safe_next(address: str | None, otherwise: str = "/") -> str:
    """Give an address of ours to go on to; anything that could lead off the site is dropped."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    if any(ord(character) < 32 for character in address) or "\\" in address:
        return otherwise
    # A header carries ASCII only; what is escaped already stays as it is.
    escaped = quote(address, safe="/?&=%#+,;:@!$'()*-._~")
    return escaped if len(escaped) <= LONGEST_NEXT else otherwise


def remembered_where(request: Request[Any, Any, Any]) -> str:
    """Give the place this browser last searched near, "" if none."""
    return request.cookies.get(_WHERE_COOKIE, "").replace("+", " ")[:60]


def remember_where(response: Page, text: str) -> Page:
    """Keep the place this browser searched near for a month; it never leaves the browser."""
    kept = "".join(c for c in text.replace(" ", "+")[:60] if c.isalnum() or c in "+-'")
    response.set_cookie(_cookie(_WHERE_COOKIE, kept, seconds=30 * 86400))
    return response


def with_query(request: Request[Any, Any, Any], **changes: object) -> str:
    """Give the present address's query with some fields changed (None drops one)."""
    fields = {name: values for name, values in read_query(request).items() if name != "page"}
    for name, value in changes.items():
        fields.pop(name, None)
        if value is not None:
            fields[name] = [str(value)]
    return "?" + urlencode(fields, doseq=True)


def miles(metres: float | None) -> str:
    """Write a distance: one decimal below ten miles, "under 0.1 miles" at the door."""
    if metres is None:
        return ""
    distance = metres / METRES_A_MILE
    if distance < 0.1:
        return "under 0.1 miles"
    text = f"{distance:.1f}" if distance < 9.95 else f"{distance:,.0f}"
    return f"{text} mile{'' if text == '1.0' else 's'}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: "1 place", "2 places"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def topics(tags: Sequence[str]) -> list[str]:
    """Name the first three causes among a listing's tags."""
    slugs = [tag.removeprefix("cause:") for tag in tags if tag.startswith("cause:")]
    return [taxonomies.label(slug) for slug in slugs[:3]]


@cache
def asset(name: str) -> str:
    """Give the address of a static file with its content's hash, so that it may be kept forever."""
    return f"/static/{name}?v={assets.asset(name).digest}"


@cache
def icon(name: str, css: str = "icon") -> Markup:
    """Give a decorative icon by reference to the one file of all icons in use.

    Raises:
        KeyError: the file holds no such icon.
    """
    if name not in _icon_names():
        raise KeyError(f"There is no icon {name!r}.")
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        css, asset("icons.svg"), name
    )


@cache
def _icon_names() -> frozenset[str]:
    return frozenset(path.stem for path in (paths.static() / "icons").glob("*.svg"))


def _date(value: date | datetime) -> str:
    day = clock.local(value).date() if isinstance(value, datetime) else value
    return clock.date_words(day)


def _lines(text: str) -> Markup:
    """Show typed paragraphs as paragraphs, everything in them escaped."""
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    return Markup("").join(
        Markup('<p class="govuk-body">{}</p>').format(Markup("<br>").join(part.split("\n")))
        for part in paragraphs
    )


def _leads_to(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href + "/"))


def _cookie(name: str, value: str, *, seconds: int) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        path="/",
        secure=settings.current().secure,
        httponly=True,
        samesite="lax",
    )


def _notice_signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.current().secret_key, salt="notice")


def _notice(request: Request[Any, Any, Any]) -> str | None:
    signed = request.cookies.get(_NOTICE_COOKIE)
    if not signed:
        return None
    try:
        return str(_notice_signer().loads(signed))
    except BadSignature:
        return ""
