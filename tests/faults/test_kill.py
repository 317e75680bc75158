"""The server is killed in the middle of an exam, and again across its end: nothing acknowledged is lost."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from app.core.settings import Settings
from app.rehearsal.office import GRACE, Plan
from app.rehearsal.rehearse import rehearse
from app.rehearsal.staff import DemoFile
from tests.rehearsal.site import PASSWORD, Site

WINDOW = timedelta(seconds=20)
FALLBACK: timedelta = Settings.model_fields["live_fallback"].default


async def test_a_killed_server_loses_nothing_and_ends_on_time(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        logins = {login.role: login for login in DemoFile.model_validate_json(site.logins.read_text()).staff}
        plan = Plan(level=5, seed=5, rooms=1, window=WINDOW, standard_code="3-01-01-01", fallback=FALLBACK)
        live = asyncio.Event()

        def tell(what: str, *_: int) -> None:
            if what.startswith("签到"):
                live.set()

        rehearsal = asyncio.create_task(rehearse([site.address], 20, plan, logins, tell))
        await live.wait()
        ends_at = await _common_end(site)

        await _until(ends_at - timedelta(seconds=12))
        site.kill()
        await asyncio.to_thread(site.start)

        await _until(ends_at - timedelta(seconds=0.5))
        site.kill()
        await _until(ends_at + GRACE + timedelta(seconds=1))
        await asyncio.to_thread(site.start)
        report = await rehearsal

    assert report.retries > 0, "the candidates met with the killed server"
    assert report.saves.acknowledged > 500
    assert report.saves.lost == 0
    assert report.handed_in["deadline"] >= report.turns["silent"] >= 2, "due while the server was down"
    handed_in = 20 - report.turns["absent"] - report.turns["terminated"]
    assert report.receipts.genuine == report.receipts.issued == len(report.scores) == handed_in
    assert list(report.faults) == [], "deadlines as told before, ends recorded at them, grades for what was kept"


async def _common_end(site: Site) -> datetime:
    """Of the sitting that is live."""
    async with httpx.AsyncClient(base_url=f"{site.address}/api/v1") as http:
        form = {"username": "officer", "password": PASSWORD}
        token = (await http.post("/auth/token", data=form)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        [sitting] = (await http.get("/sittings?state=live", headers=headers)).json()["items"]
    return datetime.fromisoformat(sitting["starts_at"]) + timedelta(minutes=sitting["duration_minutes"])


async def _until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
