"""A whole exam by two candidates and a proctor, each in a window of their own."""

from decimal import Decimal

from playwright.async_api import expect

from tests.e2e.accounts import account_of
from tests.e2e.board import Board
from tests.e2e.candidate import LATER, Candidate
from tests.e2e.conftest import Site, Windows
from tests.e2e.records import answers_of, points_of, receipts_of
from tests.halls import open_hall, right_answers
from tests.serving import eventually

EXTRA = 5
"""Minutes that the board offers as a grant."""


def minutes(face: str) -> int:
    """Of a clock's face, whole."""
    hours, rest, _ = face.strip().split(":")
    return int(hours) * 60 + int(rest)


async def test_two_candidates_and_a_proctor_hold_a_whole_exam(site: Site, windows: Windows) -> None:
    hall = await open_hall(site.context, started=False)
    first, second = hall.seated
    board = Board(await windows())
    one, other = Candidate(await windows(), first), Candidate(await windows(), second)

    await board.open(await account_of(site.context, hall.proctors[0]), hall.room_id)
    await board.command_room("check_in")
    await board.show("desk")
    for who in hall.seated:
        await board.check_in(who.ticket_number)

    for candidate in (one, other):
        await candidate.log_in()
        await expect(candidate.part("waiting")).to_be_visible()
        await expect(candidate.part("start")).to_be_disabled()
    await expect(one.part("name")).to_have_text("考生1")
    for seat in (1, 2):
        await expect(board.seat(seat)).to_have_attribute("data-state", "ready", timeout=LATER)

    await board.command_room("start")
    await expect(board.part("room-state")).to_have_attribute("data-state", "running", timeout=LATER)
    for candidate in (one, other):
        await candidate.start()

    right = await right_answers(hall, first)
    await one.answer(right)
    await one.expect_saving("saved")
    await expect(board.seat(1)).to_contain_text("8/8", timeout=LATER)

    letters = {number: answer for number, answer in (await right_answers(hall, second)).items() if number <= 5}
    await other.answer({number: answer for number, answer in letters.items() if number != 5})
    await other.show(5)
    await other.page.keyboard.press("f")
    await expect(other.part("cell-5")).to_have_attribute("data-flagged", "true")

    before = minutes(await other.part("time-left").inner_text())
    await board.command(2, "grant", "technical.device")
    await expect(other.part("message")).to_be_visible(timeout=LATER)
    assert minutes(await other.part("time-left").inner_text()) - before in (EXTRA - 1, EXTRA)
    await other.part("message-read").click()
    await expect(other.part("messages")).to_be_hidden()

    await board.part("select-none").click()
    await board.send("请检查答题卡")
    for candidate in (one, other):
        await expect(candidate.part("message")).to_contain_text("请检查答题卡", timeout=LATER)
        await candidate.part("message-read").click()

    await other.part("hand").click()
    await other.part("reason-technical").check()
    await other.part("hand-note").fill("鼠标失灵")
    await other.part("hand-send").click()
    await expect(board.part("hand-2")).to_contain_text("鼠标失灵", timeout=LATER)
    await board.part("hand-confirm-2").click()
    await expect(board.part("hand-2")).to_be_hidden(timeout=LATER)
    await expect(other.part("hand")).to_have_text("举手", timeout=LATER)

    await other.part("hand-in").click()
    await expect(other.part("unanswered")).to_contain_text("4")
    await expect(other.part("flagged")).to_contain_text("1")
    await other.part("hand-in-next").click()
    await other.part("hand-in-back").click()
    for candidate in (one, other):
        await candidate.hand_in()
    for seat in (1, 2):
        await expect(board.seat(seat)).to_have_attribute("data-state", "submitted", timeout=LATER)

    assert await answers_of(hall, first) == right
    assert await answers_of(hall, second) == {number: letters[number] for number in (1, 2, 3, 4)}
    [receipt] = await receipts_of(hall, second)
    assert (receipt["answered"], receipt["items"], receipt["submitted_by"]) == (4, 8, "candidate")

    async def graded() -> bool:
        return None not in (await points_of(hall, first), await points_of(hall, second))

    await eventually(graded)
    assert await points_of(hall, first) == Decimal(10)
