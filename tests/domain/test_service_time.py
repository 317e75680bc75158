"""How long someone has worked in all (累计)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.service_time import Period, whole_months


@pytest.mark.parametrize(
    ("periods", "months"),
    [
        ([], 0),
        ([(date(2024, 1, 1), date(2025, 1, 1))], 12),
        ([(date(2024, 1, 1), date(2024, 12, 31))], 11),
        ([(date(2024, 2, 29), date(2025, 2, 28))], 11),
        ([(date(2024, 2, 29), date(2025, 3, 1))], 12),
        ([(date(2024, 1, 31), date(2024, 2, 29)), (date(2024, 2, 29), date(2024, 7, 31))], 6),
        ([(date(2024, 1, 1), date(2024, 7, 1)), (date(2024, 4, 1), date(2024, 10, 1))], 9),
        ([(date(2024, 1, 1), date(2024, 1, 16)), (date(2024, 3, 1), date(2024, 3, 17))], 1),
        ([(date(2024, 1, 1), date(2024, 1, 16)), (date(2024, 3, 1), date(2024, 3, 16))], 0),
        ([(date(2024, 5, 1), date(2024, 4, 1))], 0),
    ],
)
def test_months_are_counted_by_the_calendar_and_overlaps_once(periods: list[tuple[date, date]], months: int) -> None:
    assert whole_months(Period(*period) for period in periods) == months


DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))
PERIODS = st.lists(
    st.tuples(DAYS, st.integers(1, 4000)).map(lambda p: Period(p[0], p[0] + timedelta(p[1]))), max_size=5
)


@settings(max_examples=150)
@given(periods=PERIODS.filter(bool), days=st.integers(1, 400))
def test_to_go_on_working_never_counts_for_less(periods: list[Period], days: int) -> None:
    latest = max(periods, key=lambda period: period.until)
    longer = [*periods, Period(latest.until, latest.until + timedelta(days))]
    assert whole_months(periods) <= whole_months(longer)


@settings(max_examples=150)
@given(periods=PERIODS, cut=st.data())
def test_splitting_work_without_a_gap_changes_nothing(periods: list[Period], cut: st.DataObject) -> None:
    halves = []
    for period in periods:
        middle = cut.draw(st.dates(period.since, period.until))
        halves += [Period(period.since, middle), Period(middle, period.until)]
    assert whole_months(halves) == whole_months(periods)


@settings(max_examples=60)
@given(since=DAYS, years=st.integers(1, 30))
def test_a_year_is_full_on_the_same_day_of_the_calendar(since: date, years: int) -> None:
    day = min(since.day, 28)
    since = since.replace(day=day)
    until = since.replace(year=since.year + years)
    assert whole_months([Period(since, until)]) == 12 * years
    assert whole_months([Period(since, until - timedelta(1))]) == 12 * years - 1
