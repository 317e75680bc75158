"""A burst at once, then one request each interval, whatever the clock does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.request_rate import ZERO, RequestRate

START = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)
RATES = st.builds(RequestRate, st.integers(1, 30), st.integers(1, 1000).map(lambda ms: timedelta(milliseconds=ms)))
PAUSES = st.lists(st.integers(0, 2000).map(lambda ms: timedelta(milliseconds=ms)), max_size=80)


def admitted(rate: RequestRate, times: list[datetime]) -> list[datetime]:
    due, passed = None, []
    for now in times:
        due, wait = rate.admit(due, now)
        if wait == ZERO:
            passed.append(now)
    return passed


def test_a_burst_passes_at_once_and_no_more() -> None:
    rate = RequestRate(20, timedelta(seconds=0.2))
    assert len(admitted(rate, [START] * 50)) == 20


@given(RATES, PAUSES)
def test_in_no_span_of_time_do_more_pass_than_the_burst_and_the_rate_allow(
    rate: RequestRate, pauses: list[timedelta]
) -> None:
    times = [START]
    for pause in pauses:
        times.append(times[-1] + pause)
    passed = admitted(rate, times)
    for first, begin in enumerate(passed):
        for last, end in enumerate(passed[first:], start=1):
            assert last <= rate.burst + (end - begin) / rate.interval


@given(RATES, PAUSES)
def test_who_waits_as_told_passes(rate: RequestRate, pauses: list[timedelta]) -> None:
    due, now = None, START
    for pause in pauses:
        now += pause
        due, wait = rate.admit(due, now)
        if wait:
            now += wait
            due, wait = rate.admit(due, now)
            assert wait == ZERO


@given(RATES)
def test_who_keeps_to_the_interval_is_never_refused(rate: RequestRate) -> None:
    times = [START + number * rate.interval for number in range(100)]
    assert admitted(rate, times) == times


@given(RATES, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=300)))
def test_a_clock_that_is_put_back_costs_a_pause_of_one_interval_at_most(rate: RequestRate, back: timedelta) -> None:
    due = None
    for _ in range(rate.burst + 5):
        due, _ = rate.admit(due, START)
    assert rate.admit(due, START - back)[1] <= rate.interval
