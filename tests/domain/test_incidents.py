"""Repeats of one thing are one incident, and become an alarm when they come often and close together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.ids import new_id
from app.domain.alarm_rules import AlarmAfter, AlarmRule
from app.domain.incident_kinds import CLIENT_KINDS, IncidentKind, IncidentSource, Severity
from app.domain.incidents import (
    MOST,
    Key,
    Occurrence,
    Place,
    Repeats,
    add,
    changes,
    merges,
    of_client,
    of_refused_login,
)

START = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)
PLACE = Place(new_id(), new_id(), new_id())
RULE = AlarmRule(
    kind=IncidentKind.focus_lost,
    severity=Severity.warning,
    merge_seconds=60,
    alarm_after=AlarmAfter(count=3, within_seconds=20),
)


def happens(times: int = 1, severity: Severity | None = None) -> Occurrence:
    return Occurrence(Key(PLACE, IncidentKind.focus_lost, IncidentSource.client), times, severity=severity)


def after(*seconds: float, rule: AlarmRule = RULE) -> Repeats:
    """The incident when it happened at these seconds."""
    known: Repeats | None = None
    for second in seconds:
        known = add(known, rule, happens(), START + timedelta(seconds=second))
    assert known is not None
    return known


def test_repeats_within_the_window_of_the_last_are_one_incident() -> None:
    known = after(0, 50)
    assert merges(known, RULE, START + timedelta(seconds=110))
    assert not merges(known, RULE, START + timedelta(seconds=111))
    assert not merges(known, replace_rule(merge_seconds=0), known.last_at), "0: nothing merges"


def replace_rule(**changes: object) -> AlarmRule:
    return RULE.model_copy(update=changes)


def test_so_many_within_so_short_a_time_are_an_alarm() -> None:
    assert after(0, 15).severity is Severity.warning
    assert after(0, 15, 20).severity is Severity.alarm
    assert after(0, 15, 21).severity is Severity.warning, "three, but not within 20 s"
    assert after(0, 15, 21, 30).severity is Severity.alarm, "the last three are"
    assert after(0, 1, 2, 55, 110).severity is Severity.alarm, "and it stays one"
    assert after(0, 1, 2, rule=replace_rule(alarm_after=None)).severity is Severity.warning
    assert add(None, RULE, happens(times=3), START).severity is Severity.alarm, "also at once"


def test_a_severity_that_is_given_stands_in_place_of_the_rules() -> None:
    assert add(None, RULE, happens(severity=Severity.info), START).severity is Severity.info
    assert add(after(0), RULE, happens(severity=Severity.info), START).severity is Severity.warning, "never less grave"
    assert add(after(0), RULE, happens(severity=Severity.alarm), START).severity is Severity.alarm


def test_a_flood_is_counted_up_to_a_limit_and_keeps_no_more_times_than_the_rule_counts() -> None:
    known = add(None, RULE, happens(times=10 * MOST), START)
    assert (known.count, len(known.recent)) == (MOST, 3)


@settings(max_examples=200)
@given(
    events=st.lists(st.sampled_from(sorted(CLIENT_KINDS)), max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=8),
    shuffled=st.randoms(use_true_random=False),
)
def test_any_order_and_any_split_into_requests_gives_the_same(
    events: list[IncidentKind], cuts: list[int], shuffled: Random
) -> None:
    def told(events: list[IncidentKind], cuts: list[int]) -> dict[Key, Repeats]:
        known: dict[Key, Repeats] = {}
        edges = [0, *sorted(cuts), len(events)]
        for first, last in pairwise(edges):
            for occurrence in of_client(PLACE, [(kind, START) for kind in events[first:last]]):
                known[occurrence.key] = add(known.get(occurrence.key), RULE, occurrence, START)
        return known

    other = list(events)
    shuffled.shuffle(other)
    once = told(events, [])
    assert told(other, cuts) == once
    assert sum(repeats.count for repeats in once.values()) == len(events)


@settings(max_examples=200)
@given(seconds=st.permutations([0, 3, 9, 30, 41, 55]))
def test_what_two_processes_tell_in_the_wrong_order_has_the_same_span_and_count(seconds: list[int]) -> None:
    known = after(*seconds)
    assert replace(known, severity=Severity.info, recent=()) == Repeats(
        Severity.info, 6, START, START + timedelta(seconds=55)
    )


def test_a_refused_login_is_an_incident_when_it_says_something_of_the_room() -> None:
    assert of_refused_login("lease_held", None, None) is IncidentKind.second_login
    assert of_refused_login("wrong_seat", "甲", "乙") is IncidentKind.wrong_room
    assert of_refused_login("wrong_seat", "甲", "甲") is IncidentKind.wrong_seat
    assert of_refused_login("wrong_seat", None, "甲") is IncidentKind.wrong_seat
    assert of_refused_login("not_checked_in", None, None) is None


def test_conditions_begin_go_on_and_are_over() -> None:
    lost, skewed, late = (
        Occurrence(Key(PLACE, kind, IncidentSource.server))
        for kind in (IncidentKind.network_lost, IncidentKind.clock_skew, IncidentKind.sweeper_late)
    )
    assert changes([lost, skewed], [lost.key, late.key]) == ([skewed], [late.key])
