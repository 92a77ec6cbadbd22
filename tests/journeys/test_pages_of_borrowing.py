"""Every page of the library of things in every state, looked at as in `test_pages`."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.factories import APerson, a_person, an_organisation
from tests.factories_things import (
    EVERY_DAY,
    LIBRARY,
    a_day,
    a_loan,
    a_reservation,
    a_site,
    a_thing,
    a_unit,
)
from tests.journeys.looking import State, look, report
from tests.journeys.post import Post
from tests.journeys.town import LONG, TYPED

from marketplace import clock, db
from marketplace.permissions import OrgRole

TERMS = "Bring it back clean and dry.\n\nIf it breaks, tell us: nobody is charged for wear."


@dataclass
class Library:
    """A lender with a queue at its desk, and who is at its pages."""

    librarian: APerson
    trustee: APerson
    borrower: APerson
    newcomer: APerson
    newly: UUID  # its owner is the librarian: nothing there
    id: UUID
    ids: dict[str, UUID]


@pytest.fixture
async def library(db: Any, site: Post) -> Library:
    """Give the library of the pages."""
    borrower = await a_person(name="Bea Borrower")
    librarian = await a_person(name="Libby Librarian")
    trustee = await a_person(name="Tariq Trustee")
    here = await an_organisation(
        name="Chelmer Library of Things",
        members={OrgRole.LIBRARIAN: librarian, OrgRole.TRUSTEE: trustee},
    )
    newly = await an_organisation(name="Just begun", owner=librarian)
    ids: dict[str, UUID] = {}
    ids["site"] = await a_site(
        here.id,
        # Its desk is open whenever the test runs.
        week=dict.fromkeys(EVERY_DAY, ((time(0), time(23, 59)),)),
        getting_there="Bus 42 stops at the gate. Step-free.",
    )
    ids["shop"] = await a_site(
        here.id,
        name=LONG[:80],
        week={**LIBRARY, 6: ((time(9, 30), time(12)), (time(13), time(17, 30)))},
        closed=[a_day(), a_day(1)],
    )
    await _things(ids)
    await _queue(ids, borrower)
    newcomer = await a_person(name="Nell Newcomer", confirmed=False)
    return Library(librarian, trustee, borrower, newcomer, newly.id, here.id, ids)


async def _things(ids: dict[str, UUID]) -> None:
    ids["tent"] = await a_thing(
        ids["site"],
        units=3,
        description="Two rooms and a porch.\n\nBring a torch.",
        condition_notes="One patch on the roof.",
        terms=TERMS,
        notice_days=0,
    )
    ids["room"] = await a_thing(
        ids["shop"], units=1, title="Meeting room", kind="room", category="rooms", max_days=1
    )
    ids["drill"] = await a_thing(
        ids["shop"], units=1, title="Drill", category="tools", max_days=3, notice_days=2
    )
    ids["none"] = await a_thing(ids["site"], units=0, title="Sewing machine", category="arts")
    ids["withdrawn"] = await a_thing(ids["site"], title="Old mower", state="withdrawn")
    ids["bare"] = await a_thing(ids["site"], units=0, title="A draft", summary="", state="draft")
    ids["ready"] = await a_thing(ids["site"], units=1, title="Ready to go", state="draft")
    ids["long"] = await a_thing(
        ids["shop"], title=LONG[:110], summary=f"{TYPED}, {'many words ' * 20}"
    )
    ids["long unit"] = await a_unit(ids["long"], number=5, label=TYPED[:40], note=f"{TYPED} bent")
    for number in range(18):
        await a_thing(ids["site"], units=1, title=f"Folding table {number + 1}", category="events")
    await a_reservation(ids["room"], first=a_day(3))
    ids["taken"] = await a_reservation(ids["drill"], first=a_day(3), last=a_day(4))


async def _queue(ids: dict[str, UUID], her: APerson) -> None:
    """Overdue, to collect, back today, next week, undecided; the borrower has one of each."""
    today, day = clock.today(), timedelta(days=1)
    tent = ids["tent"]
    ids["overdue"] = await a_loan(tent, her.id, first=today - 9 * day, last=today - 2 * day)
    ids["back"] = await a_loan(tent, first=today - 2 * day, last=today)
    names = ("Wilhelmina Featherstonehaugh-Cholmondeley", "Ann Other")
    people = [(await a_person(name=name)).id for name in names]
    ids["collect"] = await a_reservation(tent, people[0], first=today, last=today + 2 * day)
    ids["mine"] = await a_reservation(tent, her.id, first=today + 4 * day, last=today + 6 * day)
    ids["soon"] = await a_reservation(ids["long"], people[1], first=a_day(3, weeks=1))
    mower = await a_thing(ids["site"], units=1, title="Lawn mower", category="garden")
    ids["mower"] = mower
    ids["unplaced"] = await a_reservation(mower, her.id, first=a_day(2))
    for number in range(2):
        first = today - (20 + 9 * number) * day
        over = await a_loan(mower, her.id, first=first, last=first + day)
        ids[f"over{number}"] = over
        await db.execute(
            "UPDATE reservation SET state = 'returned', returned_at = ends_at,"
            " condition_in = 'A blade is blunt', needs_repair = {} WHERE id = {}",
            bool(number),
            over,
        )
        await db.execute("DELETE FROM occupancy WHERE reservation_id = {}", over)
    await db.execute("UPDATE unit SET state = 'in_repair' WHERE thing_id = {}", mower)
    await db.execute(
        "UPDATE occupancy SET state = 'unplaced', unit_id = NULL WHERE reservation_id = {}",
        ids["unplaced"],
    )
    cancelled = await a_reservation(ids["ready"], her.id, first=a_day(1))
    await db.execute(
        "UPDATE reservation SET state = 'cancelled', cancelled_by = 'lender',"
        " reason = 'The roof of the shed came down.' WHERE id = {}",
        cancelled,
    )
    await db.execute("DELETE FROM occupancy WHERE reservation_id = {}", cancelled)


async def test_pages_for_borrowers(enter: Any, library: Library) -> None:
    ids = library.ids
    tent, drill, room = (f"/things/{ids[name]}" for name in ("tent", "drill", "room"))
    thursday, friday = a_day(3), a_day(4)
    found = await look(
        enter,
        [
            State("things", "/things"),
            State("things near", "/things?near=CM1&within=10&category=events&page=2"),
            State("things by week", "/things?view=week", says="Show them as a list"),
            State("things empty", "/things?q=zeppelin&within=3&near=CM1"),
            State("things unknown place", "/things?near=Atlantis", says="do not know"),
            State("thing", tent),
            State("thing return day", f"{tent}?first={clock.today() + timedelta(days=8)}"),
            State("thing for a day", f"{room}?month={thursday:%Y-%m}"),
            State("thing taken", f"{drill}?month={thursday:%Y-%m}", says="Taken"),
            State("thing none to lend", f"/things/{ids['none']}", says="None to lend"),
            State("thing long names", f"/things/{ids['long']}"),
        ],
    )
    her = library.borrower.id
    found += await look(
        enter,
        [
            State("thing out with me", tent, says="You have this"),
            State("thing gone day", f"{drill}?first={thursday}", says="cannot be"),
            State("reservation", f"{tent}/reservation?first={friday}&last={friday}"),
            State(
                "reservation errors",
                f"{tent}/reservation?first={friday}&last={friday}",
                {},
                "Reserve",
                422,
            ),
            State(
                "reservation taken",
                f"{drill}/reservation?first={thursday}&last={friday}",
                says="free from",
            ),
            State(
                "reservation closed and long",
                f"{drill}/reservation?first={a_day()}&last={a_day() + timedelta(days=6)}",
                says="closed on",
            ),
            State("my borrowing", "/my/borrowing", says="Overdue"),
        ],
        her,
    )
    found += await look(
        enter,
        [
            State("my borrowing empty", "/my/borrowing"),
            State(
                "reservation unconfirmed",
                f"{tent}/reservation?first={friday}&last={friday}",
                says="Confirm your e-mail",
            ),
        ],
        library.newcomer.id,
    )
    report(found)


async def test_pages_for_lenders(enter: Any, library: Library) -> None:
    ids, here, newly = library.ids, f"/manage/{library.id}", f"/manage/{library.newly}"
    thing = f"/manage/things/{ids['tent']}"
    reservation = "/manage/reservations/"
    shop = f"/manage/sites/{ids['shop']}"
    found = await look(
        enter,
        [
            State("manage things", f"{here}/things"),
            State("manage things empty", f"{newly}/things"),
            State("manage thing new without a site", f"{newly}/things/new"),
            State(
                "manage thing errors",
                f"{here}/things/new",
                {"title": "", "max_days": "0"},
                "Save draft",
                422,
            ),
            State("manage thing", thing),
            State("manage thing unit errors", thing, {}, "Add this unit", 422),
            State("manage thing bare", f"/manage/things/{ids['bare']}"),
            State("manage thing unplaced", f"/manage/things/{ids['mower']}", says="has no unit"),
            State("manage thing long names", f"/manage/things/{ids['long']}"),
            State("thing draft of ours", f"/things/{ids['bare']}", says="This is a draft"),
            State("manage unit", f"/manage/units/{ids['long unit']}/edit"),
            State("manage sites", f"{here}/sites"),
            State("manage sites empty", f"{newly}/sites"),
            State(
                "manage site errors",
                f"{here}/sites/new",
                {"monday": "ten", "postcode": "ZZ99"},
                "Add site",
                422,
            ),
            State("manage site", shop),
            State("manage site day errors", shop, {}, "Add these days", 422),
            State("desk", f"{here}/desk", says="Overdue"),
            State("desk found", f"{here}/desk?q=ann"),
            State("desk nothing found", f"{here}/desk?q=zeppelin", says="Nothing found"),
            State("desk empty", f"{newly}/desk"),
            State("hand over", f"{reservation}{ids['collect']}/handover"),
            State(
                "hand over errors",
                f"{reservation}{ids['collect']}/handover",
                {"code": "NO-SUCH"},
                "Hand over",
                422,
            ),
            State("take back", f"{reservation}{ids['overdue']}/return"),
            State(
                "cancel a reservation errors",
                f"{reservation}{ids['soon']}/cancellation",
                {},
                "Cancel the",
                422,
            ),
        ],
        library.librarian.id,
    )
    found += await look(
        enter,
        [
            State("trustee thing", thing),
            State("trustee thing edit", f"{thing}/edit", status=403),
            State("trustee desk", f"{here}/desk", status=403),
        ],
        library.trustee.id,
    )
    report(found)
