"""Who may write what, in every standing."""

import pytest

from marketplace.messages.rules import Side, Standing, obstacle

OURS = Standing(Side.ORGANISATION, open=True, live=True)
THEIRS = Standing(Side.PERSON, open=True, live=True)


@pytest.mark.parametrize("standing", [OURS, THEIRS, Standing(Side.PERSON, open=False, live=False)])
def test_about_a_booking_one_may_write(standing: Standing):
    assert obstacle(standing) is None


def test_who_is_blocked_is_refused_but_for_safety_ahead():
    blocked = Standing(Side.ORGANISATION, open=True, live=True, blocked=True)
    assert "do not want more messages" in (obstacle(blocked) or "")
    assert obstacle(blocked, safety=True) is None
    over = Standing(Side.ORGANISATION, open=True, live=False, blocked=True)
    assert "lies ahead" in (obstacle(over, safety=True) or "")


def test_safety_is_no_way_round_a_block_for_a_volunteer():
    blocked = Standing(Side.PERSON, open=True, live=True, blocked=True)
    assert obstacle(blocked) is not None
    assert obstacle(blocked, safety=True) is not None


def test_long_after_a_shift_an_organisation_answers_but_does_not_begin():
    assert obstacle(Standing(Side.ORGANISATION, open=False, live=False)) is not None
    assert obstacle(Standing(Side.ORGANISATION, open=False, live=False, awaited=True)) is None


def test_nobody_writes_to_who_left_nor_for_a_suspended_organisation():
    assert obstacle(Standing(Side.ORGANISATION, open=True, live=True, left=True)) is not None
    assert obstacle(Standing(Side.ORGANISATION, open=True, live=True, at_work=False)) is not None
