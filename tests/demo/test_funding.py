"""The town's funds: rounds in every stage, sums that add up, and answers that could be sent."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from tests.demo.test_town import NOWS

from marketplace import money, taxonomies
from marketplace.clock import LONDON
from marketplace.demo.calls import FUNDS, PROJECTS
from marketplace.demo.groups import GROUPS
from marketplace.demo.people import SIGN_INS
from marketplace.demo.town import make_town
from marketplace.grants.awards.rules import Grant, Limits, check
from marketplace.grants.rules import RoundState, phase
from marketplace.places.seed import DISTRICTS
from marketplace.questions.queries import asked_of
from marketplace.questions.rules import problem


@pytest.fixture(scope="module", params=NOWS, ids=lambda now: f"{now:%Y-%m-%d %H:%M}")
def now(request):
    return request.param


@pytest.fixture(scope="module")
def town(now):
    return make_town(now, "hash")


def _by(rows, name):
    found = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def _person(town, kind):
    email = next(each.email for each in SIGN_INS if each.kind == kind)
    return next(row["id"] for row in town["person"] if row["email"] == email)


def test_there_is_enough_of_everything(town, now):
    assert len(town["fund"]) == 8
    assert len({row["organisation_id"] for row in town["fund"]}) == 5
    phases = Counter(
        phase(RoundState(row["state"]), row["opens_at"], row["deadline"], now).value
        for row in town["round"]
    )
    assert phases["open"] >= 4 and phases["closed"] >= 2 and phases["decided"] >= 8
    assert phases["upcoming"] and phases["draft"]
    assert sum(row["published_at"] is not None for row in town["award"]) >= 20
    states = Counter(row["state"] for row in town["application"])
    assert min(states[each] for each in ("draft", "submitted", "awarded", "declined")) >= 5
    assert states["withdrawn"] == 1


def test_one_deadline_is_in_three_days(town, now):
    today = now.astimezone(LONDON).date()
    days = [
        (row["deadline_local"].date() - today).days
        for row in town["round"]
        if row["state"] == "published"
    ]
    assert min(days) == 3 and max(days) < 45


def test_rounds_ask_and_judge_enough(town):
    questions, criteria = _by(town["question"], "owner_id"), _by(town["criterion"], "round_id")
    for row in town["round"]:
        asked = questions[row["id"]]
        assert 5 <= len(asked) <= 9 and len({each["kind"] for each in asked}) >= 4
        assert [each["meaning"] for each in asked[:2]] == ["title", "amount"]
        assert 3 <= len(criteria[row["id"]]) <= 4
    assert len({row["kind"] for row in town["question"]}) == 8


def test_wall_times_and_instants_agree(town):
    for row in town["round"]:
        for at, said in (("opens_at", "opens_local"), ("deadline", "deadline_local")):
            assert row[at].astimezone(LONDON).replace(tzinfo=None) == row[said]
        assert row["opens_at"] < row["deadline"]


def test_what_is_committed_is_the_sum_of_commitments_within_the_budget(town):
    given = Counter()
    for row in town["commitment"]:
        given[row["round_id"]] += row["amount"]
    for row in town["round"]:
        assert row["committed"] == given[row["id"]] <= row["budget"]
        assert row["least"] <= row["most"] <= row["budget"]
    amounts = {row["id"]: row["amount"] for row in town["award"]}
    assert amounts == {row["award_id"]: row["amount"] for row in town["commitment"]}


def test_awards_could_have_been_made_and_are_public_once_the_round_is_decided(town, now):
    rounds = {row["id"]: row for row in town["round"]}
    applications = {row["id"]: row for row in town["application"]}
    for row in town["award"]:
        round, application = rounds[row["round_id"]], applications[row["application_id"]]
        check(
            Grant(amount=row["amount"], title=row["title"], description=row["description"],
                  starts_on=row["starts_on"], ends_on=row["ends_on"]),
            Limits(application["amount"], round["least"], round["most"]),
        )  # fmt: skip
        assert (row["published_at"] is not None) == (round["state"] == "decided")
        assert row["recipient_id"] == application["organisation_id"]
        assert application["state"] == ("awarded" if row["published_at"] else "submitted")
        assert row["awarded_on"] <= now.astimezone(LONDON).date()
    days = sorted(row["awarded_on"] for row in town["award"] if row["published_at"])
    assert timedelta(days=500) < days[-1] - days[0] < timedelta(days=731)


def test_a_snapshot_is_there_exactly_once_submitted(town):
    answers = _by(town["answer"], "subject_id")
    questions = _by(town["question"], "owner_id")
    for row in town["application"]:
        assert (row["snapshot"] is not None) == (row["submitted_at"] is not None)
        assert (row["state"] == "draft") == (row["submitted_at"] is None)
        if row["snapshot"] is None:
            continue
        frozen = {each["id"]: each["answer"] for each in row["snapshot"]["questions"]}
        stands = {str(each["question_id"]): each["value"] for each in answers[row["id"]]}
        assert {id: text for id, text in frozen.items() if text} == stands
        assert len(frozen) == len(questions[row["round_id"]])


def test_what_was_submitted_could_be(town, now):
    rounds = {row["id"]: row for row in town["round"]}
    for row in town["application"]:
        round = rounds[row["round_id"]]
        assert round["opens_at"] <= row["started_at"] <= now
        if row["snapshot"] is None:
            continue
        assert row["started_at"] < row["submitted_at"] < round["deadline"]
        assert row["submitted_at"] <= now
        assert round["least"] <= row["amount"] <= round["most"]
        for each in row["snapshot"]["questions"]:
            assert problem(asked_of(each), each["answer"]) is None, (row["title"], each["label"])
        said = {each["meaning"]: each["answer"] for each in row["snapshot"]["questions"]}
        assert (said["title"], money.parse(said["amount"])) == (row["title"], row["amount"])


def test_nobody_applies_twice_or_to_themselves(town):
    funders = {row["id"]: row["organisation_id"] for row in town["round"]}
    live = [row for row in town["application"] if row["state"] != "withdrawn"]
    pairs = [(row["round_id"], row["organisation_id"]) for row in live]
    assert len(pairs) == len(set(pairs))
    assert all(funders[round] != organisation for round, organisation in pairs)


def test_margarets_garden_has_half_an_application_due_in_three_days(town, now):
    garden = next(row for row in town["organisation"] if row["name"] == GROUPS[0].name)
    (draft,) = (row for row in town["application"] if row["organisation_id"] == garden["id"]
                and row["state"] == "draft")  # fmt: skip
    round = next(row for row in town["round"] if row["id"] == draft["round_id"])
    today = now.astimezone(LONDON).date()
    assert round["deadline_local"].date() == today + timedelta(days=3)
    written = [row for row in town["answer"] if row["subject_id"] == draft["id"]]
    asked = [row for row in town["question"] if row["owner_id"] == round["id"]]
    assert len(asked) / 3 < len(written) < len(asked)
    (earlier,) = town["answer_version"]
    assert earlier["answer_id"] in {row["id"] for row in written if row["version"] == 2}


def test_who_is_tied_has_seen_and_said_nothing(town):
    (tie,) = (row for row in town["declaration"] if row["conflict"])
    assert tie["person_id"] == _person(town, "Assessor") and tie["nature"]
    judged = {(row["application_id"], row["person_id"]) for row in town["assessment"]}
    assert (tie["application_id"], tie["person_id"]) not in judged
    declared = {(row["application_id"], row["person_id"]) for row in town["declaration"]}
    assert judged <= declared
    decided = {(row["application_id"], row["decided_by"]) for row in town["decision"]}
    assert decided <= declared


def test_assessors_belong_to_the_funder_and_have_something_left_to_do(town):
    funders = {row["id"]: row["organisation_id"] for row in town["round"]}
    roles = {(row["organisation_id"], row["person_id"]): row["role"] for row in town["membership"]}
    for row in town["round_assessor"]:
        assert roles[funders[row["round_id"]], row["person_id"]] == "assessor"
    named = Counter(row["round_id"] for row in town["round_assessor"])
    assert set(named.values()) == {2}
    assert {row["state"] for row in town["assessment"]} == {"started", "finished"}
    mine = [row for row in town["assessment"] if row["person_id"] == _person(town, "Assessor")]
    assert {row["state"] for row in mine} == {"started", "finished"}


def test_points_are_within_their_criterion_and_finished_ones_are_whole(town):
    criteria = {row["id"]: row for row in town["criterion"]}
    scores = _by(town["score"], "assessment_id")
    rounds = _by(town["criterion"], "round_id")
    applications = {row["id"]: row for row in town["application"]}
    for row in town["assessment"]:
        given = scores[row["id"]]
        assert all(0 <= s["points"] <= criteria[s["criterion_id"]]["most"] for s in given)
        assert all(s["reason"] for s in given)
        wanted = len(rounds[applications[row["application_id"]]["round_id"]])
        assert (len(given) == wanted) == (row["state"] == "finished")


def test_every_decision_of_a_decided_round_is_released_and_declines_say_why(town):
    rounds = {row["id"]: row for row in town["round"]}
    decided = {row["application_id"] for row in town["decision"]}
    for row in town["application"]:
        over = rounds[row["round_id"]]["state"] == "decided"
        assert (row["state"] in {"awarded", "declined"}) == over
        assert not over or row["id"] in decided
    for row in town["decision"]:
        round = rounds[row["round_id"]]
        assert row["released_at"] == round["decided_at"]
        assert row["outcome"] == "award" or row["note"]
        assert round["decided_at"] is None or row["decided_at"] <= round["decided_at"]


def test_history_tells_what_the_tables_say(town):
    told = Counter(row["event"] for row in town["history"])
    published = [row for row in town["award"] if row["published_at"]]
    assert told["award.published"] == len(published)
    assert told["award.made"] == len(town["award"])
    assert told["application.started"] == len(town["application"])
    sent = [row for row in town["application"] if row["submitted_at"]]
    assert told["application.submitted"] == len(sent)
    finished = [row for row in town["assessment"] if row["state"] == "finished"]
    assert told["assessment.finished"] == len(finished)
    assert told["conflict.declared"] == 1
    states = Counter(row["state"] for row in town["round"])
    assert told["round.decided"] == states["decided"]
    assert told["round.published"] == states.total() - states["draft"]


def test_words_are_those_of_the_taxonomies_and_the_register_of_places():
    names = {group.name for group in GROUPS}
    keys = {call.key for fund in FUNDS for call in fund.calls}
    assert set(PROJECTS) <= keys
    for fund in FUNDS:
        assert fund.funder in names
        assert set(fund.causes) <= set(taxonomies.CAUSES)
        assert set(fund.districts) <= set(DISTRICTS)
        assert len(fund.summary) <= 300
    for project in (each for found in PROJECTS.values() for each in found):
        assert project.by in names
