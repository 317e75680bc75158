"""`kaochang rehearse` against two real server processes: a whole sitting of twelve people in two rooms."""

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
    """Only an administrator's login is given: who else is needed is hired. Streams end as often as tokens expire."""
    folder = tmp_path_factory.mktemp("site")
    picture, report = folder / "scores.png", folder / "report.json"
    options = ["--candidates=12", "--rooms=2", "--seconds=8", "--seed=7", "--admin=admin", "--password-stdin"]
    with Site(folder, servers=2, KAOCHANG_ACCESS_TOKEN_LIFE="PT12S") as site:
        servers = [f"--address={address}" for address in site.addresses]
        ran = subprocess.run(  # noqa: S603 -- own command
            [site.kaochang, "rehearse", *servers, *options, "--picture", picture, "--report", report],
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
    ends = rehearsed.report.handed_in
    handed_in = 12 - ends["absent"] - ends["terminated"]
    assert rehearsed.report.receipts.issued == rehearsed.report.receipts.genuine == handed_in


def test_results_are_published_by_room_and_drawn(rehearsed: Rehearsed) -> None:
    rooms = rehearsed.report.rooms
    assert [room.candidates for room in rooms] == [6, 6]
    assert sum(room.handed_in for room in rooms) == len(rehearsed.report.scores)
    assert rehearsed.picture.startswith(b"\x89PNG")


def test_who_was_hired_is_dismissed(rehearsed: Rehearsed) -> None:
    hired = [account for account in rehearsed.staff if str(account["username"]).startswith("rehearsal-")]
    assert len(hired) == 3 + 2 * 2, "an officer, a chief, an auditor, two proctors a room"
    assert not any(account["active"] for account in hired)


def test_the_proctors_did_all_of_their_duties(rehearsed: Rehearsed) -> None:
    acts = rehearsed.report.live.acts
    of_room = {f"room.{command}": 2 for command in ("check_in", "start", "suspend", "resume", "close", "seal")}
    assert of_room.items() <= acts.items()
    assert acts["attempt.check_in"] == 11
    assert acts["attempt.grant"] == 12 + 2 * (1 + 3) + 1, "each room, one and some of it; one who needs more"
    once = ("attempt.release", "attempt.interrupt", "attempt.resume", "attempt.propose_termination")
    assert {acts[act] for act in (*once, "attempt.terminate", "incident.report", "hand.confirm")} == {1}
    assert rehearsed.report.live.messages == 12 + 2, "to both rooms, and to one of each"


def test_the_screens_showed_all_of_it_in_time(rehearsed: Rehearsed) -> None:
    live = rehearsed.report.live
    assert live.wrong == 0
    of_many = {"check_in", "login", "start", "save", "clock", "grant", "submit"}
    assert of_many | {"suspend_room", "close_room", "seal_room", "resumed"} <= live.rows.keys()
    assert live.same_server is not None
    assert live.other_server is not None, "answers saved in one process came to the streams of the other"


def test_each_proctor_and_the_chief_read_a_stream_and_came_back_to_it(rehearsed: Rehearsed) -> None:
    chief, *proctors = rehearsed.report.live.streams
    assert [stream.of for stream in proctors] == ["第01考场", "第01考场", "第02考场", "第02考场"]
    for stream in (chief, *proctors):
        assert stream.changes > 0
        assert stream.resumed > 0, "cut, and told what was missed"
        assert stream.renewed > 0, "cut, and at the other server told everything"
    assert sum(stream.logins for stream in (chief, *proctors)) > 0, "tokens end while streams are open"
    assert all(stream.saves is not None for stream in proctors)
