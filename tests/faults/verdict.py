"""What must hold after an exam, whatever was broken: read from the database and held against what clients were told."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from app.domain.answers import responses_digest
from app.rehearsal.answers import Given
from app.rehearsal.findings import receipt_is_genuine
from app.schemas.exam import ReceiptRead
from tests.faults.exam import Exam
from tests.faults.site import Site
from tests.faults.writer import Writer

HISTORY = "SELECT attempt_id, number, answer, sequence FROM response_history WHERE sitting_id = $1"

NOT_THE_NEWEST = """
SELECT coalesce(kept.attempt_id, newest.attempt_id) AS attempt_id, coalesce(kept.number, newest.number) AS number
FROM (SELECT * FROM response WHERE sitting_id = $1) AS kept
FULL JOIN (
    SELECT DISTINCT ON (attempt_id, number) attempt_id, number, sequence, answer
    FROM response_history WHERE sitting_id = $1
    ORDER BY attempt_id, number, sequence DESC
) AS newest USING (attempt_id, number)
WHERE (kept.sequence, kept.answer) IS DISTINCT FROM (newest.sequence, newest.answer)
"""

LATE = """
SELECT DISTINCT attempt_id FROM response_history AS saved
JOIN attempt ON attempt.sitting_id = saved.sitting_id AND attempt.id = saved.attempt_id
WHERE saved.sitting_id = $1 AND saved.saved_at > attempt.deadline_at + attempt.grace
"""

ENDS = """
SELECT attempt.id, attempt.state, attempt.submitted_at, attempt.submitted_by, attempt.deadline_at,
    sitting.starts_at + make_interval(mins => sitting.duration_minutes) AS common_end,
    attempt.granted, attempt.stopped,
    (SELECT coalesce(sum(extra), interval '0') FROM time_grant AS given
        WHERE given.sitting_id = attempt.sitting_id AND given.attempt_id = attempt.id) AS given,
    (SELECT coalesce(sum(ended_at - started_at), interval '0') FROM interruption AS pause
        WHERE pause.sitting_id = attempt.sitting_id AND pause.attempt_id = attempt.id AND stops_clock) AS paused,
    (SELECT count(*) FROM audit_event AS event WHERE event.chain = attempt.sitting_id
        AND event.subject_id = attempt.id AND event.details ->> 'to' = 'submitted') AS hand_ins,
    (SELECT count(*) FROM receipt
        WHERE receipt.sitting_id = attempt.sitting_id AND receipt.attempt_id = attempt.id) AS receipts,
    (SELECT count(*) FROM grading_run AS run
        WHERE run.sitting_id = attempt.sitting_id AND run.attempt_id = attempt.id) AS runs
FROM attempt JOIN sitting ON sitting.id = attempt.sitting_id
WHERE attempt.sitting_id = $1
"""

ANSWERS = "SELECT attempt_id, number, answer FROM response WHERE sitting_id = $1"

HANDED_IN = """
SELECT receipt.attempt_id, receipt.payload, receipt.signature, run.responses_digest
FROM receipt
JOIN result ON result.sitting_id = receipt.sitting_id AND result.attempt_id = receipt.attempt_id
JOIN grading_run AS run ON run.sitting_id = result.sitting_id AND run.id = result.run_id
WHERE receipt.sitting_id = $1
"""

EXPECTED_TROUBLE = frozenset({"503 database_unavailable", "503 save_queue_full", "429 too_many_requests"})
"""Besides lost connections, whose names hold no digit: what a server may answer when it cannot do its work."""


async def lost_saves(exam: Exam) -> list[tuple[Writer, Given]]:
    """Changes that were acknowledged and that the database does not have."""
    rows = await exam.site.database.fetch(HISTORY, exam.hall.sitting_id)
    kept = {(row["attempt_id"], row["number"], row["answer"], row["sequence"]) for row in rows}
    return [
        (writer, given)
        for writer in exam.writers
        for given in writer.acknowledged
        if (writer.who.attempt_id, given.number, given.answer, given.sequence) not in kept
    ]


async def breaches(exam: Exam) -> list[str]:
    """Everything that is wrong, in words; empty when all is right."""
    found = [f"lost: {writer.who.ticket_number} {given}" for writer, given in await lost_saves(exam)]
    found += [breach async for breach in _in_answers(exam)]
    for row in await exam.site.database.fetch(ENDS, exam.hall.sitting_id):
        found += _in_end(row, exam.proctor.granted[row["id"]])
    answers = [what for what in exam.trouble if what[0].isdigit()]
    return found + [f"unexpected answer: {what}" for what in answers if what not in EXPECTED_TROUBLE]


async def audit_breaches(site: Site) -> list[str]:
    """What the installed command finds in the chains."""
    status, said = await site.kaochang("audit", "verify")
    return [] if status == 0 else [f"audit verify: {said}"]


async def _in_answers(exam: Exam) -> AsyncIterator[str]:
    """The newest accepted answer is the one kept, handed in, signed and graded."""
    fetch, sitting = exam.site.database.fetch, exam.hall.sitting_id
    for row in await fetch(NOT_THE_NEWEST, sitting):
        yield f"not the newest answer: {row['attempt_id']} {row['number']}"
    for row in await fetch(LATE, sitting):
        yield f"accepted after deadline and grace: {row['attempt_id']}"
    answers: dict[UUID, dict[int, str]] = {writer.who.attempt_id: {} for writer in exam.writers}
    for row in await fetch(ANSWERS, sitting):
        answers[row["attempt_id"]][row["number"]] = row["answer"]
    told = {writer.who.attempt_id: writer.receipt for writer in exam.writers}
    for row in await fetch(HANDED_IN, sitting):
        attempt = row["attempt_id"]
        receipt = _receipt(row, exam.site.context.keyring.receipt_public_key)
        digest = responses_digest(answers[attempt])
        if not receipt_is_genuine(receipt):
            yield f"receipt not genuine: {attempt}"
        if not receipt.payload["responses_digest"] == row["responses_digest"] == digest:
            yield f"other answers handed in or graded than kept: {attempt}"
        if told[attempt] not in (None, receipt):
            yield f"another receipt than the candidate has: {attempt}"


def _in_end(row: Any, granted: int) -> Iterator[str]:
    """Handed in once, graded once, at the right time to the second."""
    who = row["id"]
    if row["state"] != "submitted":
        yield f"state {row['state']}: {who}"
        return
    if (counts := (row["hand_ins"], row["receipts"], row["runs"])) != (1, 1, 1):
        yield f"hand-ins, receipts, gradings {counts}: {who}"
    if not row["granted"].total_seconds() == row["given"].total_seconds() == granted:
        yield f"granted {row['granted']}, in all {row['given']}, as told {granted} s: {who}"
    if row["stopped"] != row["paused"]:
        yield f"stopped {row['stopped']} for pauses of {row['paused']}: {who}"
    if row["deadline_at"] != row["common_end"] + row["granted"] + row["stopped"]:
        yield f"deadline {row['deadline_at']}: {who}"
    if row["submitted_at"] > row["deadline_at"]:
        yield f"handed in after the deadline: {who}"
    if row["submitted_by"] == "deadline" and row["submitted_at"] != row["deadline_at"]:
        yield f"the clock handed in at {row['submitted_at']}, not at the deadline {row['deadline_at']}: {who}"


def _receipt(row: Any, public_key: str) -> ReceiptRead:
    payload = json.loads(row["payload"])
    return ReceiptRead(code=payload["code"], payload=payload, signature=row["signature"], public_key=public_key)
