"""At zero the paper is handed in: by the page that is open, and by the service for who is away."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from app.services import rooms
from tests.e2e.candidate import Candidate
from tests.e2e.conftest import Site, Windows
from tests.e2e.records import answers_of, receipts_of
from tests.halls import Hall, open_hall
from tests.serving import eventually

DURATION = timedelta(minutes=90)
LEFT = timedelta(seconds=20)
THE_END = (LEFT + timedelta(seconds=20)) / timedelta(milliseconds=1)


async def open_hall_near_its_end(site: Site) -> Hall:
    """A rehearsal that began so long ago that LEFT remains."""
    starts_at = (datetime.now(UTC) + LEFT - DURATION).replace(microsecond=0)
    hall = await open_hall(
        site.context,
        started=False,
        starts_at=starts_at,
        duration_minutes=DURATION // timedelta(minutes=1),
        late_entry_minutes=DURATION // timedelta(minutes=1),
        grace_seconds=5,
    )
    async with site.context.database.transaction() as session:
        now = await site.context.clock.now(session)
        await rooms.open_check_in(session, hall.proctors[0], hall.room_id, now)
        await rooms.start(session, hall.proctors[0], hall.room_id, now, keep_end=True)
    await hall.check_in_all()
    return hall


async def test_at_zero_a_page_hands_in_by_itself_and_the_service_does_it_for_a_page_that_is_closed(
    site: Site, windows: Windows
) -> None:
    first, second = await windows(), await windows()
    hall = await open_hall_near_its_end(site)
    stays, leaves = Candidate(first, hall.seated[0]), Candidate(second, hall.seated[1])
    for candidate in (leaves, stays):
        await candidate.enter()
        await candidate.answer({1: "A"})
    await leaves.expect_saving("saved")
    await leaves.window.context.close()

    await stays.answer({2: "B"})
    await expect(stays.part("receipt-code")).to_be_visible(timeout=THE_END)
    [handed_in] = await receipts_of(hall, stays.who)
    assert handed_in["answered"] == 2
    assert await answers_of(hall, stays.who) == {1: "A", 2: "B"}

    async def closed() -> bool:
        return len(await receipts_of(hall, leaves.who)) == 1

    await eventually(closed)
    returned = Candidate(await windows(), leaves.who)
    returned.window.expect_refusal(409, "/exam/result")
    await returned.log_in()
    await returned.expect_receipt()
    [closed_receipt] = await receipts_of(hall, leaves.who)
    assert (closed_receipt["answered"], closed_receipt["submitted_by"]) == (1, "deadline")
    assert closed_receipt["submitted_at"] == handed_in["submitted_at"]
