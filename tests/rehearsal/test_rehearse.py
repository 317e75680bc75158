"""`kaochang rehearse` against a real server process: a whole sitting of twelve people in two rooms."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from app.rehearsal.people import SHARES
from app.rehearsal.report import Report
from tests.rehearsal.site import PASSWORD, Site


@dataclass(frozen=True)
class Rehearsed:
    exit_code: int
    screen: str
    report: Report
    picture: bytes
    staff: list[dict[str, object]]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """Only an administrator's login is given: who else is needed is hired."""
    folder = tmp_path_factory.mktemp("site")
    picture, report = folder / "scores.png", folder / "report.json"
    options = ["--candidates=12", "--rooms=2", "--seconds=20", "--seed=7", "--admin=admin", "--password-stdin"]
    with Site(folder) as site:
        ran = subprocess.run(  # noqa: S603 -- own command
            [site.kaochang, "rehearse", "--address", site.address, *options, "--picture", picture, "--report", report],
            input=PASSWORD,
            capture_output=True,
            text=True,
        )
        assert report.exists(), ran.stderr
        yield Rehearsed(
            ran.returncode,
            ran.stdout,
            Report.model_validate_json(report.read_text(encoding="utf-8")),
            picture.read_bytes(),
            _accounts(site),
        )


def _accounts(site: Site) -> list[dict[str, object]]:
    api = f"{site.address}/api/v1"
    token = httpx.post(f"{api}/auth/token", data={"username": "admin", "password": PASSWORD}).json()["access_token"]
    accounts: list[dict[str, object]] = httpx.get(
        f"{api}/staff", headers={"Authorization": f"Bearer {token}"}, params={"limit": 200}
    ).json()["items"]
    return accounts


def test_it_ends_well(rehearsed: Rehearsed) -> None:
    assert list(rehearsed.report.faults) == []
    assert rehearsed.exit_code == 0
    assert "演练结果" in rehearsed.screen


def test_every_mishap_happened(rehearsed: Rehearsed) -> None:
    assert set(SHARES) <= set(rehearsed.report.turns)


def test_no_acknowledged_answer_is_lost(rehearsed: Rehearsed) -> None:
    saves = rehearsed.report.saves
    assert saves.lost == 0
    assert saves.sent >= saves.acknowledged > 500


def test_the_clock_hands_in_for_who_goes_silent_and_marks_who_never_came(rehearsed: Rehearsed) -> None:
    turns, ends = rehearsed.report.turns, rehearsed.report.handed_in
    assert ends["deadline"] >= turns["silent"] >= 1
    assert ends["absent"] == turns["absent"] >= 1
    assert sum(ends.values()) == 12
    assert rehearsed.report.sweep_lag_seconds is not None


def test_every_receipt_is_genuine(rehearsed: Rehearsed) -> None:
    handed_in = 12 - rehearsed.report.handed_in["absent"]
    assert rehearsed.report.receipts.issued == rehearsed.report.receipts.genuine == handed_in


def test_results_are_published_by_room_and_drawn(rehearsed: Rehearsed) -> None:
    rooms = rehearsed.report.rooms
    assert [room.candidates for room in rooms] == [6, 6]
    assert sum(room.handed_in for room in rooms) == len(rehearsed.report.scores)
    assert rehearsed.picture.startswith(b"\x89PNG")


def test_who_was_hired_is_dismissed(rehearsed: Rehearsed) -> None:
    hired = [account for account in rehearsed.staff if str(account["username"]).startswith("rehearsal-")]
    assert len(hired) == 2 + 2 * 2, "an officer, a chief, two proctors a room"
    assert not any(account["active"] for account in hired)
