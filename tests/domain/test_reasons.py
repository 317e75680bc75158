"""The taxonomy of reasons: complete, bilingual, and versioned."""

from hashlib import sha256

import pytest

from app.core.canonical import canonical_json
from app.core.problems import Problem
from app.domain.commands import Grant, Interrupt, Terminate
from app.domain.reasons import REASONS, TAXONOMY_VERSION, Reason, Reasoned, fitting, reason_details
from tests.domain.test_attempts import START

CATEGORIES = ["environment", "candidate", "staff", "technical", "other"]
DIGESTS = {2: "92618b44fb24c18d"}
"""Of each version's table: who changes a reason raises the version and writes its digest here."""


def test_every_code_has_its_texts_and_a_category_in_order() -> None:
    assert list(REASONS) == list(Reason)
    assert list(dict.fromkeys(reason.category for reason in Reason)) == CATEGORIES
    assert all(entry.zh and entry.en and entry.fits for entry in REASONS.values())
    assert len({entry.zh for entry in REASONS.values()}) == len({entry.en for entry in REASONS.values()}) == len(Reason)


def test_a_changed_table_has_a_new_version() -> None:
    table = [[code, entry.zh, entry.en, entry.stops_clock, sorted(entry.fits)] for code, entry in REASONS.items()]
    assert sha256(canonical_json(table)).hexdigest()[:16] == DIGESTS[TAXONOMY_VERSION]


@pytest.mark.parametrize("command", Reasoned)
def test_every_command_has_reasons(command: Reasoned) -> None:
    assert len(fitting(command)) >= 5


def test_only_a_breach_of_the_rules_terminates() -> None:
    assert {reason.category for reason in fitting(Reasoned.terminate)} == {"candidate"}
    with pytest.raises(Problem) as refusal:
        Terminate(Reason.technical_device)
    assert (refusal.value.status, refusal.value.code) == (422, "reason_not_fitting")
    assert refusal.value.extra["fits"] == [reason.value for reason in fitting(Reasoned.terminate)]


def test_what_the_hall_does_stops_the_clock_and_what_the_candidate_does_lets_it_run() -> None:
    stopping = {reason.category for reason in Reason if REASONS[reason].stops_clock}
    assert stopping == {"environment", "staff", "technical"}
    assert Interrupt(Reason.environment_fire_drill).stops_clock
    assert not Interrupt(Reason.candidate_restroom).stops_clock


def test_audit_events_name_the_version() -> None:
    assert reason_details(Reason.other) == {"reason": "other", "taxonomy": TAXONOMY_VERSION}
    assert Grant(Reason.other, "晚到", extra=START - START).record()["note"] == "晚到"
