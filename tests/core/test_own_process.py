"""Heavy work in a process of its own."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from app.core.own_process import NICENESS, OwnProcess
from app.core.problem_catalog import Text
from app.core.problems import FieldError, Problem
from tests.serving import eventually


def refuse() -> None:
    params = {"area": Text("业务办理", "handling"), "needed": 3, "available": 2, "short": 1}
    error = FieldError("业务办理", "forms_own_level_short", params, clause="3")
    raise Problem("forms_unavailable", errors=[error], extra={"possible_forms": 1}, forms=2, possible=1)


def children() -> set[str]:
    """The identifiers of the processes that this one has started and that are not over."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


async def test_the_result_comes_from_another_process_that_stands_back() -> None:
    apart = OwnProcess()
    assert await apart.run(os.getpid) != os.getpid()
    assert await apart.run(os.getpriority, os.PRIO_PROCESS, 0) == min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)
    assert await apart.run(divmod, 17, 5) == (3, 2)


async def test_it_knows_nothing_of_the_servers_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOCHANG_SECRET_KEY", "not for others")
    assert await OwnProcess().run(os.getenv, "KAOCHANG_SECRET_KEY") is None


async def test_a_refusal_says_what_it_says_in_this_process() -> None:
    with pytest.raises(Problem) as here:
        refuse()
    with pytest.raises(Problem) as there:
        await OwnProcess().run(refuse)
    assert [there.value.render(language) for language in ("zh-CN", "en")] == [
        here.value.render(language) for language in ("zh-CN", "en")
    ]
    assert there.value.headers == here.value.headers


async def test_what_fails_there_fails_here() -> None:
    with pytest.raises(ZeroDivisionError):
        await OwnProcess().run(divmod, 17, 0)


async def test_a_process_that_dies_is_an_error_and_the_next_works() -> None:
    apart = OwnProcess()
    with pytest.raises(ChildProcessError, match="abort"):
        await apart.run(os.abort)
    assert await apart.run(divmod, 17, 5) == (3, 2)


async def test_who_no_longer_waits_ends_it() -> None:
    before = children()
    waiting = asyncio.create_task(OwnProcess().run(time.sleep, 600))

    async def works() -> bool:
        return children() > before

    await eventually(works)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert children() <= before
