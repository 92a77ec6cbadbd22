"""Every page of every route, as somebody who may open it: axe, reflow, and what no page may be.

Generated like `test_every_route`: a new page is looked at without being named here. What pages look
like in the states that forms and other data put them into is in the other files of this folder.
"""

import re
from typing import Any

from tests.journeys.looking import report
from tests.journeys.post import Post
from tests.journeys.test_pages import hold_a_job
from tests.test_every_route import PEOPLE, WHO, make_world

# Whom there is most to show to stands first.
FIRST = ("nobody", "volunteer", "coordinator", "owner", "moderator", "broker", "administrator")
NO_PAGE = re.compile(
    r"/(files|calendars|demo)/|/(healthz|readyz|robots\.txt|receipt)$|\.(css|csv|ics|json|jsonld|pdf)$"
)
# Whatever is over, done already or not this person's to do says so.
EXPECTED = {200, 403, 404, 409, 410}
_ODD = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const ids = all("[id]").map(e => e.id), found = [];
  if (all("h1").length !== 1) found.push(all("h1").length + " main headings");
  const home = location.pathname === "/";
  if (!home && !/\\S - \\S/.test(document.title)) found.push("no title of its own");
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length) found.push("ids given twice: " + twice);
  for (const name of ["for", "aria-describedby", "aria-labelledby", "list", "form"])
    for (const e of all("[" + name + "]"))
      for (const id of e.getAttribute(name).split(/\\s+/))
        if (!document.getElementById(id)) found.push(name + " points nowhere: " + id);
  for (const e of all("a[href^='#']"))
    if (!document.getElementById(e.hash.slice(1))) found.push("link points nowhere: " + e.hash);
  // A link in a sentence may be as low as its line.
  for (const e of all("main a, main button, main select, main summary")) {
    const box = e.getBoundingClientRect();
    if (box.height > 0 && box.height < 23.5 && getComputedStyle(e).display !== "inline")
      found.push("too low to hit: " + e.outerHTML.slice(0, 100));
  }
  // What is to be copied out stands in <code>.
  const words = all("code").reduce(
    (left, code) => left.replace(code.innerText, ""), document.body.innerText);
  const raw = words.match(/.{0,20}(\\bundefined\\b|[0-9a-f]{8}-[0-9a-f]{4}-|{{|}}|&amp;|&#)./);
  if (raw && location.pathname !== "/admin/history") found.push("raw text: " + raw[0]);
  return found;
}"""


def _who(route: str) -> str:
    """Name whom to look at the page as."""
    gets = dict(zip(PEOPLE, (WHO[route].split() * len(PEOPLE))[: len(PEOPLE)], strict=True))
    return next(who for who in FIRST if gets[who] == "ok")


async def test_every_page_is_accessible(enter: Any, site: Post, db: Any) -> None:
    world = await make_world(db)
    await hold_a_job()
    held = "SELECT id FROM pgqueuer WHERE status = 'failed'"
    world.ids["job"] = await db.fetch_value(held)
    pages: dict[str, list[str]] = {}
    for name in WHO:
        if name.startswith("GET ") and WHO[name] != "404":
            address = world.address(name)
            if not NO_PAGE.search(address):
                pages.setdefault(_who(name), []).append(address)
    found: list[str] = []
    for who, addresses in pages.items():
        person = None if who == "nobody" else world.people[who].id
        visitor = await enter(person=person, inspecting=True)
        for address in addresses:
            name = f"{who} on {address}"
            await visitor.open(address)
            if visitor.status not in EXPECTED:
                found.append(f"{name}: answered {visitor.status}")
            found.extend(f"{name}: {each}" for each in await visitor.page.evaluate(_ODD))
            found.extend(await visitor.inspect(name))
    report(found)
