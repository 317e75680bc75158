"""Of one attempt's events the first are kept, then one that says so, then none."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.client_events import LIMIT, LIMIT_REACHED, Event, within_limit

NOW = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)


def events(count: int) -> list[Event]:
    return [Event(f"kind_{number}", "", NOW) for number in range(count)]


@given(st.lists(st.integers(0, 100), max_size=30), st.integers(0, LIMIT))
def test_however_they_come_the_limit_holds_and_the_note_is_the_last(sizes: list[int], kept: int) -> None:
    stored: list[Event] = []
    for size in sizes:
        stored += within_limit(events(size), kept + len(stored), NOW)
    assert kept + len(stored) <= LIMIT
    notes = [index for index, event in enumerate(stored) if event.kind == LIMIT_REACHED]
    assert notes == ([] if sum(sizes) + kept < LIMIT or kept == LIMIT else [len(stored) - 1])


def test_below_the_limit_all_are_kept() -> None:
    assert within_limit(events(100), 0, NOW) == events(100)


def test_at_the_limit_none_is_kept() -> None:
    assert within_limit(events(3), LIMIT, NOW) == []
