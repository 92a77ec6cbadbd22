"""Pages that belong to no feature: health, the brand's colours, statements about the site."""

from typing import Any

from litestar import Request, Response, get

from marketplace import job_queue, settings
from marketplace.web.guards import PUBLIC
from marketplace.web.render import Page, render


@get("/healthz", opt=PUBLIC)
async def healthz() -> Response[str]:
    """Tell that this process lives."""
    return Response("ok\n", media_type="text/plain")


@get("/readyz", opt=PUBLIC)
async def readyz() -> Response[str]:
    """Tell whether the database and the queue in it answer; 503 if not."""
    if not await job_queue.queue_answers():
        return Response(
            "database or queue does not answer\n", status_code=503, media_type="text/plain"
        )
    return Response("ok\n", media_type="text/plain")


@get("/brand.css", opt=PUBLIC)
async def brand() -> Response[str]:
    """Serve the installation's own colour; checked at boot to be six hexadecimal digits."""
    colour = settings.current().brand_colour
    css = (
        f":root{{--brand:{colour};--brand-dark:color-mix(in oklab,{colour},#000 28%);"
        f"--brand-tint:color-mix(in oklab,{colour},#fff 89%)}}\n"
    )
    return Response(css, media_type="text/css", headers={"Cache-Control": "public, max-age=300"})


@get("/robots.txt", opt=PUBLIC)
async def robots() -> Response[str]:
    """Keep crawlers to what is public."""
    return Response(
        "User-agent: *\nDisallow: /manage\nDisallow: /account\nDisallow: /my\nDisallow: /demo\n",
        media_type="text/plain",
    )


@get("/accessibility", opt=PUBLIC)
async def accessibility(request: Request[Any, Any, Any]) -> Page:
    """Show the accessibility statement."""
    return render(request, "pages/accessibility.html")


@get("/privacy", opt=PUBLIC)
async def privacy(request: Request[Any, Any, Any]) -> Page:
    """Say what is kept about people, why and how long."""
    return render(request, "pages/privacy.html")


@get("/about", opt=PUBLIC)
async def about(request: Request[Any, Any, Any]) -> Page:
    """Say what this site is and who it is for."""
    return render(request, "pages/about.html")


HANDLERS: list[Any] = [healthz, readyz, brand, robots, accessibility, privacy, about]
