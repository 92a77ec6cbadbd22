"""Reading a feed into drafts: an organisation a transaction, and the same feed again changes them.

Killed at any moment, what was read stands whole and the rest is not there; running it again goes
on, because everything is recognised by its source.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from marketplace import audit, db, settings
from marketplace.errors import CommandError
from marketplace.imports import BadRow, BadRows, Report, opened
from marketplace.permissions import SYSTEM
from marketplace.volunteering.feeds import rules, steps
from marketplace.volunteering.feeds.rules import Activity, Bad, FeedOrganisation
from marketplace.volunteering.rules import Event

MOST_BYTES = 200_000_000
ENDINGS = (".jsonld", ".json")
_LOCK = 726_022
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def import_feed(
    path: Path,
    progress: Progress = lambda stage, done, total: None,
    *,
    errors: Path | None = None,
) -> Report:
    """Make drafts of what a feed publishes, and bring those of an earlier reading up to date.

    What is its organisation's own by then is left as it is, see `steps.follow`. Entries that
    cannot be used are listed and left out; of each organisation all is loaded or nothing.

    Raises:
        CommandError: the file is no feed; nothing was changed.
    """
    began = time.monotonic()
    with opened(path, ENDINGS) as source:
        if source.size > MOST_BYTES:
            raise CommandError(f"A feed has {MOST_BYTES // 1_000_000} MB at most.")
        progress("Reading", 0, source.size)
        try:
            found = rules.entries(json.loads(source.file.read()))
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{source.name} is no JSON that we can read: {error}.") from error
        except Bad as error:
            raise CommandError(str(error)) from error
    bad = BadRows(errors or path.with_name(f"{path.name}.errors.csv"), "id")
    slug = steps.slugs()
    tally = _Tally()
    try:
        for number, entry in enumerate(found, start=1):
            progress("Loading", number - 1, len(found))
            try:
                organisation = rules.organisation(entry, slug)
                activities = [rules.activity(each, slug) for each in rules.activities(entry)]
                await _load(organisation, activities, tally)
            except (Bad, asyncpg.IntegrityConstraintViolationError) as error:
                said = str(error) if isinstance(error, Bad) else "It clashes with what is here."
                bad.add(BadRow(number, _name(entry), said))
            await asyncio.sleep(0)
        progress("Loading", len(found), len(found))
    finally:
        bad.close()
    return Report(
        read=len(found),
        added=tally.added,
        changed=tally.changed,
        unchanged=tally.unchanged,
        removed=0,
        rejected=bad.count,
        bad=tuple(bad.first),
        errors=bad.path if bad.count else None,
        seconds=time.monotonic() - began,
        unit="entry",
    )


def _name(entry: object) -> str:
    return str(entry.get("id", ""))[:200] if isinstance(entry, dict) else ""


async def _load(found: FeedOrganisation, activities: Sequence[Activity], tally: _Tally) -> None:
    ours = settings.current().base_url
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock({}::bigint)", _LOCK)
        if found.source.startswith(f"{ours}/"):
            raise Bad("This is our own: it is here already.")
        organisation = await _organisation(found)
        counts = _Tally()
        for activity in activities:
            await _activity(organisation, activity, counts)
    tally.added += counts.added
    tally.changed += counts.changed
    tally.unchanged += counts.unchanged


async def _organisation(found: FeedOrganisation) -> UUID:
    """Give the organisation of an entry: known by its source or its number, or new."""
    before = await steps.known(found.source, "organisation")
    if before and await db.fetch_value("SELECT true FROM organisation WHERE id = {}", before):
        return before
    id = None
    if found.charity_number:
        id = await db.fetch_value(
            "SELECT id FROM organisation WHERE charity_number = {}"
            " AND state NOT IN ('refused', 'closed')",
            found.charity_number,
        )
    id = id or await steps.make_organisation(found)
    await steps.remember(found.source, "organisation", id)
    return id


async def _activity(organisation: UUID, found: Activity, tally: _Tally) -> None:
    here = (await steps.activities([found.source])).get(found.source)
    if here is not None and here.organisation_id != organisation:
        raise Bad(f"The activity {found.source} belongs to another organisation here.")
    if here is not None:
        changed = await steps.follow(found)
        tally.changed += changed
        tally.unchanged += not changed
        return
    id = await steps.write_activity(organisation, found)
    tally.added += 1
    await audit.record(
        Event.OPPORTUNITY_DRAFTED, "opportunity", id, by=SYSTEM, organisation=organisation
    )
