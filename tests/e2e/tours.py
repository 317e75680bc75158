"""Tours through every page of the three clients: each stop is a name, and what the window then shows."""

from collections.abc import AsyncIterator

from playwright.async_api import expect

from app.core.permissions import Role
from tests.e2e.board import Board, Staff
from tests.e2e.candidate import LATER, Candidate
from tests.e2e.windows import Window
from tests.e2e.world import World
from tests.halls import Seated

UNFINISHED = ".el-skeleton, .el-loading-mask"
TABS = ("plan", "roster", "rooms", "seats", "alarms", "prints", "live")


async def candidates_tour(world: World, window: Window, who: Seated) -> AsyncIterator[str]:
    """From the login to the receipt, with what a proctor does meanwhile."""
    candidate = Candidate(window, who)
    attempt = f"/proctor/attempts/{who.attempt_id}"
    await window.page.goto("/")
    await expect(candidate.part("login")).to_be_visible()
    yield "login"
    await candidate.part("check-receipt").click()
    yield "receipt-check"
    await candidate.log_in()
    await expect(candidate.part("waiting")).to_be_visible()
    yield "waiting"
    await candidate.start()
    await _write(candidate)
    yield "answering"
    if await candidate.part("open-card").is_visible():
        await candidate.part("open-card").click()
        yield "answer-card"
        await window.page.keyboard.press("Escape")
    await candidate.part("list").click()
    yield "whole-paper"
    await candidate.part("list").click()
    await candidate.part("look").click()
    yield "look"
    await candidate.part("look-close").click()
    await candidate.part("hand").click()
    yield "hand"
    await candidate.part("hand-cancel").click()
    await world.command(Role.proctor, f"{attempt}/messages", {"body": "请坐正，注意答题时间。"})
    await expect(candidate.part("message").filter(has_text="请坐正")).to_be_visible(timeout=LATER)
    yield "message"
    await world.command(Role.proctor, f"{attempt}/interrupt", {"reason": "technical.device"})
    await expect(candidate.part("paused")).to_be_visible(timeout=LATER)
    yield "paused"
    await world.command(Role.proctor, f"{attempt}/resume", {})
    await expect(candidate.part("writing")).to_be_visible(timeout=LATER)
    await _close_messages(candidate)
    await candidate.part("hand-in").click()
    yield "hand-in"
    await candidate.part("hand-in-next").click()
    yield "hand-in-sure"
    await candidate.part("hand-in-confirm").click()
    await candidate.expect_receipt()
    yield "receipt"


async def results_tour(world: World, window: Window) -> AsyncIterator[str]:
    """Of somebody whose sitting is published."""
    candidate = Candidate(window, world.graded[0])
    await candidate.log_in()
    await expect(candidate.part("areas")).to_be_visible(timeout=LATER)
    await expect(candidate.part("receipt-code")).to_be_visible(timeout=LATER)
    yield "result"


async def moved_tour(world: World, window: Window, who: Seated) -> AsyncIterator[str]:
    """Of somebody whose device was released."""
    candidate = Candidate(window, who)
    window.expect_refusal(409, "")
    await candidate.enter()
    await world.command(Role.proctor, f"/proctor/attempts/{who.attempt_id}/release", {"reason": "technical.device"})
    await expect(candidate.part("stopped")).to_be_visible(timeout=LATER)
    yield "moved"


async def _close_messages(candidate: Candidate) -> None:
    while await candidate.part("message").count():
        await candidate.part("message-read").first.click()


async def _write(candidate: Candidate) -> None:
    """Seven answers and a flag, with no message before them."""
    await _close_messages(candidate)
    for _ in range(6):
        await candidate.part("item").locator("[role=radio], [role=checkbox]").nth(1).click()
        await candidate.part("next").click()
    await candidate.part("flag").click()
    await candidate.part("next").click()
    await candidate.part("item").locator("[role=radio], [role=checkbox]").first.click()
    await candidate.expect_saving("saved")


async def boards_tour(world: World, window: Window) -> AsyncIterator[str]:
    board = Board(window)
    await board.log_in(world.account(Role.proctor), "/rooms")
    await settled(window)
    yield "rooms"
    await board.page.goto(f"/staff/rooms/{world.room_id}")
    await expect(board.seat(30)).to_be_attached()
    await board.seat(8).click()
    yield "board"
    await board.part("view-table").click()
    await expect(board.part("row-table")).to_be_visible()
    yield "board-table"
    await board.part("view-map").click()
    await board.part("act-grant").click()
    await expect(board.part("command-form")).to_be_visible()
    yield "board-command"
    await board.page.keyboard.press("Escape")
    for tab in ("desk", "incidents", "talk", "timeline"):
        await board.show(tab)
        await expect(board.page.locator(f"#pane-{tab}")).to_be_visible()
        yield f"board-{tab}"
    await board.page.goto(f"/staff/rooms/{world.room_id}/wall")
    await expect(board.part("wall-clock")).to_be_visible()
    yield "wall"


async def desks_tour(world: World, window: Window) -> AsyncIterator[str]:
    """Everything of an officer, then what only other roles see."""
    past, present = world.past.sitting.id, world.present.sitting.id
    places = {
        Role.officer: {
            "home": "/",
            "sittings": "/sittings",
            "new-sitting": "/sittings/new",
            "sitting": f"/sittings/{present}",
            **{f"sitting-{tab}": f"/sittings/{present}/{tab}" for tab in TABS},
            "results": "/results",
            "sitting-results": f"/results/{past}",
            "papers": "/papers",
            "assemble": "/papers/assemble",
            "paper": f"/papers/{world.paper_id}",
            "bank": "/bank",
            "bank-coverage": "/bank/coverage",
            "bank-import": "/bank/import",
            "bank-item": f"/bank/items/{world.item_id}",
            "standards": "/standards",
            "password": "/password",
        },
        Role.author: {"bank-new": "/bank/new", "bank-edit": f"/bank/items/{world.item_id}/edit"},
        Role.chief: {"chief": f"/chief/{present}"},
        Role.admin: {"accounts": "/accounts"},
        Role.auditor: {"audit": "/audit"},
    }
    staff = Staff(window)
    await staff.page.goto("/staff/login")
    yield "login"
    for role, paths in places.items():
        await staff.log_in(world.account(role))
        for name, path in paths.items():
            await staff.page.goto(f"/staff{path}")
            await settled(window)
            yield name
        await staff.log_out()


async def settled(window: Window) -> None:
    """The page has its heading, and nothing is loading."""
    await expect(window.page.locator("h1").first).to_be_visible(timeout=LATER)
    await expect(window.page.locator(UNFINISHED)).to_have_count(0, timeout=LATER)
