"""The network goes, the page is loaded anew, a device breaks: the exam goes on with every answer there."""

import re

from playwright.async_api import expect

from tests.e2e.accounts import account_of
from tests.e2e.board import Board
from tests.e2e.candidate import LATER, Candidate
from tests.e2e.conftest import Site, Windows
from tests.e2e.records import answers_of
from tests.halls import open_hall, right_answers
from tests.serving import eventually


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


async def test_a_page_that_is_loaded_anew_without_a_network_at_first_shows_every_answer(
    site: Site, windows: Windows
) -> None:
    hall = await open_hall(site.context, candidates=1)
    [who] = hall.seated
    candidate = Candidate(await windows(), who)
    await candidate.enter()
    right = await right_answers(hall, who)
    await candidate.answer(right)
    await candidate.part("flag").click()
    await candidate.page.reload()
    await expect(candidate.part("writing")).to_be_visible()
    if await candidate.part("full-screen").is_visible():
        await candidate.part("full-screen").click()
    await candidate.expect_answers(right)
    await expect(candidate.part("cell-8")).to_have_attribute("data-flagged", "true")
    await candidate.expect_saving("saved")
    assert await answers_of(hall, who) == right
