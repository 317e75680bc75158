"""The figures for Prometheus: who may read them, and that they tell what happened."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.core.context import Context
from app.core.database import Database
from app.core.metrics import SHARED_FOLDER, Metrics
from app.services.measuring import Figures
from app.services.sweeper import sweep
from tests.applications import started
from tests.conftest import FixedClock
from tests.halls import begin, changes, open_hall
from tests.serving import serving

METRICS = "/api/v1/metrics"
TOKEN = "a token of the scraper"
ROOT = Path(__file__).parents[2]

Figure = tuple[str, frozenset[tuple[str, str]]]


@asynccontextmanager
async def client_at(context: Context, address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with started(context) as app:
        transport = httpx.ASGITransport(app, client=(address, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield http


def with_token(context: Context) -> Context:
    settings = context.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    return replace(context, settings=settings)


async def figures(http: httpx.AsyncClient) -> dict[Figure, float]:
    """Every sample by its name and labels."""
    answer = await http.get(METRICS)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(name: str, **labels: str) -> Figure:
    return name, frozenset(labels.items())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_this_machine_may_read(context: Context, address: str) -> None:
    async with client_at(context, address) as http:
        answer = await http.get(METRICS)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("address", ["203.0.113.9", "10.1.2.3", "", "not an address"])
async def test_a_stranger_may_not(context: Context, address: str) -> None:
    async with client_at(context, address) as http:
        answer = await http.get(METRICS)
        assert (answer.status_code, answer.json()["code"]) == (401, "metrics_token_required")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_a_proxy_on_this_machine_does_not_open_it_to_others(context: Context, header: str) -> None:
    async with client_at(context, "127.0.0.1") as http:
        assert (await http.get(METRICS, headers={header: "203.0.113.9"})).status_code == 401
        assert (await http.get(METRICS, headers={header: "127.0.0.1"})).status_code == 401


async def test_who_has_the_token_may_read_from_anywhere(context: Context) -> None:
    async with client_at(with_token(context), "203.0.113.9") as http:
        for token, status in ((TOKEN, 200), (TOKEN[:-1], 401), ("令牌", 401)):
            headers = {b"Authorization": f"Bearer {token}".encode()}
            assert (await http.get(METRICS, headers=headers)).status_code == status


async def test_a_token_is_nothing_where_none_is_set(context: Context) -> None:
    async with client_at(context, "127.0.0.1") as http:
        assert (await http.get(METRICS, headers={"Authorization": "Bearer anything"})).status_code == 401


async def test_requests_are_counted_by_operation_and_status(http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await http.get("/api/v1/healthz")
    await http.get("/api/v1/items")
    await http.get("/api/v1/nowhere/4711")
    now = await figures(http)
    assert now[of("kaochang_request_seconds_count", operation="get_health", status="200")] == 3
    assert now[of("kaochang_request_seconds_count", operation="list_items", status="401")] == 1
    assert now[of("kaochang_request_seconds_count", operation="none", status="404")] == 1
    assert now[of("kaochang_problems_total", code="not_authenticated")] == 1
    assert "4711" not in (await http.get(METRICS)).text


async def test_saves_and_flushes(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    tokens = [await begin(http, who) for who in hall.seated]
    bodies = [changes({1: "A", 2: "B", 3: "C"}), changes({4: "A"})]
    await asyncio.gather(
        *(
            http.put("/api/v1/exam/responses", json=body, headers=token)
            for token, body in zip(tokens, bodies, strict=True)
        )
    )
    now = await figures(http)
    assert now[of("kaochang_save_seconds_count")] == 2
    assert now[of("kaochang_flush_answers_sum")] == 4
    assert 1 <= now[of("kaochang_flush_answers_count")] == now[of("kaochang_flush_seconds_count")] <= 2
    assert now[of("kaochang_save_queue_answers")] == 0
    assert now[of("kaochang_saves_refused_total")] == 0


async def test_attempts_by_state_and_how_late_the_sweeper_is(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await open_hall(context, candidates=3)
    await begin(http, hall.seated[0])
    now = await figures(http)
    assert now[of("kaochang_attempts", state="in_progress")] == 1
    assert now[of("kaochang_attempts", state="checked_in")] == 2
    assert now[of("kaochang_attempts", state="submitted")] == 0
    assert now[of("kaochang_sweeper_lag_seconds")] == 0
    assert now[of("kaochang_database_up")] == 1
    assert now[of("kaochang_audit_chains")] >= 1

    clock.advance(timedelta(minutes=90, seconds=10 + 7))
    await Figures(context).refresh()
    assert (await figures(http))[of("kaochang_sweeper_lag_seconds")] == 7

    await sweep(context)
    await Figures(context).refresh()
    now = await figures(http)
    assert now[of("kaochang_sweeper_lag_seconds")] == 0
    assert now[of("kaochang_attempts", state="submitted")] == 1
    assert now[of("kaochang_ungraded")] == 0


async def test_the_database_is_asked_once_in_a_while(http: httpx.AsyncClient, context: Context) -> None:
    await figures(http)
    await open_hall(context)
    assert (await figures(http))[of("kaochang_attempts", state="checked_in")] == 0


async def test_a_database_that_is_away_is_a_figure_too(context: Context) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    own = Context(context.settings, away, context.keyring, context.clock)
    async with client_at(own, "127.0.0.1") as http:
        now = await figures(http)
    await away.dispose()
    assert now[of("kaochang_database_up")] == 0
    assert now[of("kaochang_task_failures_total", task="announcements")] >= 1


async def test_streams_notifications_and_connections(context: Context) -> None:
    hall = await open_hall(context)
    async with serving(context) as served, served.stream(f"/api/v1/proctor/rooms/{hall.room_id}/stream", hall.proctor):
        for _ in range(200):
            now = await figures(served.http)
            if now[of("kaochang_announcement_seconds_count")] >= 1:
                break
            await asyncio.sleep(0.05)
        assert now[of("kaochang_stream_readers", stream="boards")] == 1
        assert now[of("kaochang_announcement_heard_timestamp_seconds")] > 1e9
        assert 1 <= now[of("kaochang_database_connections_in_use")] <= now[of("kaochang_database_connections_limit")]


async def test_two_services_of_one_process_count_apart(context: Context) -> None:
    one, other = (replace(context, metrics=Metrics()) for _ in range(2))
    async with client_at(one, "127.0.0.1") as first, client_at(other, "127.0.0.1") as second:
        await first.get("/api/v1/healthz")
        assert of("kaochang_request_seconds_count", operation="get_health", status="200") not in await figures(second)


def test_processes_behind_one_port_count_together(tmp_path: Path) -> None:
    code = (
        "from app.core.metrics import Metrics\n"
        "metrics = Metrics()\n"
        "metrics.answered('get_health', 200, 0.01)\n"
        "metrics.queued_answers.inc(2)\n"
        "print(metrics.exposition('')[0].decode())\n"
    )
    environment = {**os.environ, SHARED_FOLDER: str(tmp_path)}
    for times in (1, 2):
        done = subprocess.run(  # noqa: S603 -- our own Python
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        line = 'kaochang_request_seconds_count{operation="get_health",status="200"}'
        assert f"{line} {times}.0" in done.stdout.splitlines()
