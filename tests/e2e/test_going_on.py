"""The network goes, the page is loaded anew, a device breaks: the exam goes on with every answer there."""

from playwright.async_api import Route, expect

from tests.e2e.accounts import account_of
from tests.e2e.board import Board
from tests.e2e.candidate import LATER, Candidate
from tests.e2e.conftest import Site, Windows
from tests.e2e.records import answers_of
from tests.halls import open_hall, right_answers

SAVE = "/api/v1/exam/responses"


async def refuse_saves(route: Route) -> None:
    await (route.abort() if route.request.method == "PUT" else route.continue_())


async def test_answers_given_during_two_minutes_without_a_network_arrive_afterwards(
    site: Site, windows: Windows
) -> None:
    """Two minutes of the page's own timers, which the test winds forward: retries and pauses pass as they would."""
    hall = await open_hall(site.context, candidates=1)
    [who] = hall.seated
    candidate = Candidate(await windows(), who)
    await candidate.page.clock.install()
    await candidate.enter()
    right = await right_answers(hall, who)
    early, late = ({n: a for n, a in right.items() if (n > 2) is offline} for offline in (False, True))
    await candidate.answer(early)
    await candidate.expect_saving("saved")

    await candidate.window.lose_network()
    await candidate.answer(late)
    await candidate.expect_saving("offline")
    await expect(candidate.part("saving")).to_contain_text(str(len(late)))
    await candidate.page.clock.fast_forward("02:00")
    await candidate.expect_saving("offline")
    assert await answers_of(hall, who) == early

    await candidate.window.regain_network()
    await candidate.expect_saving("saved")
    assert await answers_of(hall, who) == right
    await candidate.hand_in()


async def test_a_page_that_is_loaded_anew_loses_nothing_that_it_could_not_send(site: Site, windows: Windows) -> None:
    hall = await open_hall(site.context, candidates=1)
    [who] = hall.seated
    candidate = Candidate(await windows(), who)
    await candidate.enter()
    right = await right_answers(hall, who)
    candidate.window.expected.append(("ERR_FAILED", SAVE))
    await candidate.window.context.route(f"**{SAVE}", refuse_saves)
    await candidate.answer(right)
    await candidate.part("flag").click()
    await candidate.expect_saving("offline")
    assert await answers_of(hall, who) == {}
    await candidate.page.reload()
    await candidate.return_to_full_screen()
    await candidate.expect_answers(right)
    await expect(candidate.part(f"cell-{len(right)}")).to_have_attribute("data-flagged", "true")

    await candidate.window.context.unroute(f"**{SAVE}")
    await candidate.expect_saving("saved")
    assert await answers_of(hall, who) == right


async def test_after_a_crash_the_exam_goes_on_at_another_device_that_the_proctor_lets_in(
    site: Site, windows: Windows
) -> None:
    hall = await open_hall(site.context)
    who = hall.seated[0]
    candidate, board = Candidate(await windows(), who), Board(await windows())
    await candidate.enter()
    right = await right_answers(hall, who)
    await candidate.answer(right)
    await candidate.expect_saving("saved")
    await candidate.window.context.close()

    elsewhere = Candidate(await windows(), who)
    elsewhere.window.expect_refusal(409, "/exam/login")
    await elsewhere.log_in()
    await expect(elsewhere.part("problem")).to_contain_text("设备")
    await board.open(await account_of(site.context, hall.proctors[0]), hall.room_id)
    await board.command(1, "release", "technical.device")
    await elsewhere.log_in()
    await elsewhere.return_to_full_screen()
    await elsewhere.expect_answers(right)
    await elsewhere.hand_in()
    assert await answers_of(hall, who) == right


async def test_a_window_is_told_that_its_exam_goes_on_elsewhere(site: Site, windows: Windows) -> None:
    hall = await open_hall(site.context)
    who = hall.seated[0]
    candidate, board = Candidate(await windows(), who), Board(await windows())
    await candidate.enter()
    await candidate.answer({1: "B"})
    await candidate.expect_saving("saved")
    candidate.window.expect_refusal(409, "")
    await board.open(await account_of(site.context, hall.proctors[0]), hall.room_id)
    await board.command(1, "release", "technical.device")
    await expect(candidate.part("stopped")).to_have_attribute("data-reason", "lease_moved", timeout=LATER)
    await expect(candidate.part("stopped")).to_contain_text("另一设备")

    elsewhere = Candidate(await windows(), who)
    await elsewhere.log_in()
    await elsewhere.return_to_full_screen()
    await elsewhere.expect_answers({1: "B"})
    await expect(candidate.part("stopped")).to_be_visible()
