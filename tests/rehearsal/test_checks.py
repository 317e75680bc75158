"""A rehearsal can only reassure if its checks can fail: each is shown a server that keeps something else."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.canonical import canonical_json
from app.core.keyring import Keyring
from app.domain.answers import Outcome, responses_digest
from app.domain.attempts import SubmittedBy
from app.domain.identity import identity_number_error
from app.domain.items import ItemType
from app.domain.receipts import receipt_code
from app.domain.states import AttemptState
from app.rehearsal.answers import AnswerQueue
from app.rehearsal.findings import receipt_is_genuine, time_faults
from app.rehearsal.keys import KeySheet, Question, points_of
from app.rehearsal.people import SHARES, Turn, make_people
from app.rehearsal.picture import draw
from app.rehearsal.script import write_script
from app.schemas.board import AttemptRow
from app.schemas.exam import CandidatePaperRead, OptionRead, PaperItemSeen, ReceiptRead, ResponseOutcome, ResponseRead
from app.schemas.papers import PaperItemRead
from tests.domain.answers import fits
from tests.rehearsal.rows import NOW, attempt_row


def stored(number: int, answer: str, sequence: int) -> ResponseRead:
    return ResponseRead(number=number, answer=answer, sequence=sequence, saved_at=NOW)


def acknowledged(*answers: tuple[int, str]) -> AnswerQueue:
    """A client whose answers were all saved, with sequences from 1."""
    queue = AnswerQueue()
    for number, answer in answers:
        queue.give(number, answer)
    batch = queue.batch(100)
    queue.settle(batch, [ResponseOutcome(number=one.number, outcome=Outcome.saved) for one in batch])
    return queue


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        ([stored(1, "B", 3), stored(2, "T", 2)], []),
        ([stored(1, "B", 3)], [2]),
        ([stored(1, "A", 1), stored(2, "T", 2)], [1]),
        ([stored(1, "C", 3), stored(2, "T", 2)], [1]),
        ([stored(1, "B", 9), stored(2, "T", 2)], [1]),
        ([], [1, 2]),
    ],
    ids=["all there", "one missing", "an older one", "another one", "one never given", "nothing"],
)
def test_a_lost_answer_is_noticed(kept: list[ResponseRead], lost: list[int]) -> None:
    queue = acknowledged((1, "A"), (2, "T"), (1, "B"))
    assert queue.lost(kept) == lost


def ended(by: SubmittedBy, at: datetime, deadline: datetime) -> AttemptRow:
    return attempt_row(state=AttemptState.submitted, deadline_at=deadline, submitted_at=at, submitted_by=by)


END, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=1, seconds=20)


@pytest.mark.parametrize(
    ("row", "granted", "paused", "faults"),
    [
        (ended(SubmittedBy.candidate, NOW, END), 0, False, 0),
        (ended(SubmittedBy.deadline, END, END), 0, False, 0),
        (ended(SubmittedBy.candidate, END, LATER), 20, False, 0),
        (ended(SubmittedBy.candidate, END, LATER), 0, True, 0),
        (ended(SubmittedBy.candidate, END, LATER), 0, False, 1),
        (ended(SubmittedBy.candidate, NOW, END), 20, False, 1),
        (ended(SubmittedBy.candidate, NOW, END), 0, True, 1),
        (ended(SubmittedBy.deadline, NOW, END), 0, False, 1),
        (ended(SubmittedBy.candidate, LATER, END), 0, False, 1),
    ],
    ids=[
        "in time",
        "by the clock",
        "granted",
        "paused",
        "a deadline that moved",
        "a grant that was forgotten",
        "a pause that was forgotten",
        "by the clock, but not at the deadline",
        "after the deadline",
    ],
)
def test_a_wrong_time_is_noticed(row: AttemptRow, granted: int, paused: bool, faults: int) -> None:
    assert len(list(time_faults(row, END, timedelta(seconds=granted), paused=paused))) == faults


def test_a_forged_receipt_is_noticed() -> None:
    keyring = Keyring("a secret of the tests that is long enough")
    content: dict[str, Any] = {"version": 1, "ticket_number": "270000100015"}
    payload = content | {"code": receipt_code(content)}
    signature = keyring.sign_receipt(canonical_json(payload))
    receipt = ReceiptRead(
        code=payload["code"], payload=payload, signature=signature, public_key=keyring.receipt_public_key
    )
    assert receipt_is_genuine(receipt)
    assert not receipt_is_genuine(receipt.model_copy(update={"payload": payload | {"version": 2}}))
    assert not receipt_is_genuine(receipt.model_copy(update={"code": "AAAAAAAA"}))


def test_what_was_not_acknowledged_is_not_counted_as_lost() -> None:
    queue = acknowledged((1, "A"))
    queue.give(1, "B")
    queue.give(2, "T")
    assert queue.lost([stored(1, "A", 1)]) == []
    assert queue.lost([stored(1, "B", 2)]) == [], "saved, though the acknowledgement did not arrive"
    assert queue.pending == 2


def test_a_rejected_answer_stays_pending() -> None:
    queue = AnswerQueue()
    queue.give(1, "A")
    queue.settle(queue.batch(10), [ResponseOutcome(number=1, outcome=Outcome.rejected, reason="not_in_progress")])
    assert (queue.pending, queue.acknowledged, queue.refused) == (1, 0, 1)


def test_another_device_gives_again_what_the_server_lacks() -> None:
    queue = acknowledged((1, "A"), (2, "T"))
    queue.give(2, "F")
    queue.adopt([stored(1, "A", 1), stored(2, "T", 2)], last_sequence=2)
    assert [(one.number, one.answer, one.sequence) for one in queue.batch(10)] == [(2, "F", 3)]
    assert queue.digest == responses_digest({1: "A", 2: "F"})
    assert queue.answered == 2, "as the server still has it"


def test_answers_taken_back_are_not_counted() -> None:
    assert acknowledged((1, "A"), (2, "T"), (1, "")).answered == 1


def test_keys_are_found_whatever_the_order_the_candidate_sees() -> None:
    authored = PaperItemRead(
        number=1,
        code="C5-1",
        version=1,
        type=ItemType.multiple,
        area="甲",
        stem="题干",
        options=[OptionRead(letter=letter, text=text) for letter, text in zip("ABCD", "甲乙丙丁", strict=True)],
        points=Decimal(2),
        key="AC",
    )
    seen = PaperItemSeen(
        number=7,
        type=ItemType.multiple,
        stem="题干",
        options=[OptionRead(letter=letter, text=text) for letter, text in zip("ABCD", "丁丙乙甲", strict=True)],
        points=Decimal(2),
    )
    [question] = KeySheet([authored]).questions(CandidatePaperRead(items=[seen], total_points=Decimal(2)))
    assert question == Question(7, ItemType.multiple, Decimal(2), "ABCD", "BD")
    assert points_of([question], {7: "BD"}) == 2
    assert points_of([question], {7: "B"}) == 0


@given(st.integers(1, 150), st.randoms(use_true_random=False))
def test_people_are_nobody_and_always_the_same(count: int, source: Random) -> None:
    people = make_people(count, source)
    assert len({who.id_number for who in people}) == count == len(people)
    assert all(identity_number_error(who.id_number, "id_number") is None for who in people)
    again = make_people(count, source)
    assert [(who.name, who.id_number) for who in people] == [(who.name, who.id_number) for who in again]
    if count >= 2 * len(Turn):
        assert set(SHARES) <= {who.turn for who in people}


QUESTIONS = [
    Question(1, ItemType.single, Decimal(1), "ABCD", "B"),
    Question(2, ItemType.multiple, Decimal(2), "ABCDE", "ACE"),
    Question(3, ItemType.true_false, Decimal(1), "TF", "F"),
]
FORMS = {1: "4", 2: "E", 3: "t"}


@given(st.floats(0, 1), st.randoms(use_true_random=True))
def test_a_script_answers_every_item_in_time_and_form(ability: float, source: Random) -> None:
    ends = NOW + timedelta(seconds=30)
    steps = write_script(QUESTIONS, ability, NOW, ends, source)
    assert {step.number for step in steps} == set(FORMS)
    assert all(NOW <= step.at <= ends and fits(FORMS[step.number], step.answer) for step in steps)
    assert steps == sorted(steps, key=lambda step: step.at)


@pytest.mark.parametrize("ending", ["png", "svg"])
@pytest.mark.parametrize("quantiles_ms", [[], [float(percent) for percent in range(101)]])
def test_the_picture_needs_no_installed_font(tmp_path: Path, ending: str, quantiles_ms: list[float]) -> None:
    """A character without a glyph would be a warning, which is an error in tests."""
    path = tmp_path / f"rehearsal.{ending}"
    draw(path, [Decimal("59.5"), Decimal(60), Decimal(100)], Decimal(100), Decimal(60), quantiles_ms)
    assert path.stat().st_size > 5000
