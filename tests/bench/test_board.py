"""What the board is measured with is what the service would tell it."""

from datetime import UTC, datetime

from app.schemas.board import RoomSnapshot
from bench.board import snapshot

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_the_room_is_one_that_the_service_could_tell_and_each_row_differs_from_the_second_before() -> None:
    first, second = (RoomSnapshot.model_validate(snapshot(100, tick, NOW)) for tick in (0, 1))
    assert [row.seat_number for row in first.attempts] == list(range(1, 101))
    assert all(one != other for one, other in zip(first.attempts, second.attempts, strict=True))
