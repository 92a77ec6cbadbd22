"""A campaign that has been on for a while, counted by the same steps as any other."""

from datetime import timedelta

from marketplace import clock, db
from marketplace.demo.maker import Rows
from marketplace.demo.people import SIGN_INS
from marketplace.demo.scene import GARDEN, words
from marketplace.ids import new_id
from marketplace.volunteering.campaigns import operations
from marketplace.volunteering.campaigns.rules import Event

_BEGAN = timedelta(days=98)
_LASTS = timedelta(days=364)


async def campaign(rows: Rows) -> None:
    """Count what is open, and put the beginning back to what was published by then; a step."""
    db.require_transaction()
    said, id, today = words()["campaign"], new_id(), clock.today()
    began, frozen = today - _BEGAN, clock.now() - _BEGAN
    set_up = frozen - timedelta(days=9)
    broker = next(each.email for each in SIGN_INS if each.kind == "Broker")
    created = await db.fetch_value(
        "INSERT INTO campaign (id, name, summary, place_id, first_day, last_day, created_by,"
        " created_at, baseline, frozen_at)"
        " SELECT {}, {}, {}, p.id, {}, {}, b.id, {}, 0, {} FROM place p, person b"
        " WHERE p.kind = 'system' AND p.scheme = 'council' AND p.valid_to IS NULL"
        " AND b.email = {} ORDER BY p.name LIMIT 1 RETURNING id",
        id,
        said["name"],
        said["summary"],
        began,
        began + _LASTS,
        set_up,
        frozen,
        broker,
    )
    if created is None:
        return
    await operations.count(id)
    await db.execute(
        "UPDATE campaign_item i SET at_start = o.published_at::date < {} FROM opportunity o"
        " WHERE o.id = i.opportunity_id AND i.campaign_id = {}",
        began,
        id,
    )
    await db.execute(
        "INSERT INTO campaign_day (id, campaign_id, day, counted)"
        " SELECT gen_random_uuid(), {}, d.day::date, (SELECT count(*) FROM campaign_item i"
        "  JOIN opportunity o ON o.id = i.opportunity_id"
        "  WHERE i.campaign_id = {} AND o.published_at::date <= d.day)"
        " FROM generate_series({}::date, {}::date, interval '7 days') AS d (day)"
        " ON CONFLICT (campaign_id, day) DO NOTHING",
        id,
        id,
        began,
        today - timedelta(days=1),
    )
    baseline = await db.fetch_value(
        "UPDATE campaign SET baseline = (SELECT count(*) FROM campaign_item i"
        " WHERE i.campaign_id = {} AND i.at_start) WHERE id = {} RETURNING baseline",
        id,
        id,
    )
    for event, at, data in (
        (Event.STARTED, set_up, {}),
        (Event.FROZEN, frozen, {"baseline": baseline}),
    ):
        await db.execute(
            "INSERT INTO history (id, at, event, subject_type, subject_id, data)"
            " VALUES ({}, {}, {}, 'campaign', {}, {})",
            new_id(),
            at,
            event.value,
            id,
            data,
        )
    teams = [row for row in rows["organisation"] if row["name"] in {GARDEN, *said["teams"]}]
    await db.execute(
        "INSERT INTO campaign_team (id, campaign_id, organisation_id, goal_hours, joined_by,"
        " joined_at) SELECT gen_random_uuid(), {}, t.id, {}, t.owner, {}"
        " FROM unnest({}::uuid[], {}::uuid[]) AS t (id, owner)",
        id,
        said["goal"],
        frozen,
        [row["id"] for row in teams],
        [row["created_by"] for row in teams],
    )
