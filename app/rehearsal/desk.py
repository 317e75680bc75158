"""What proctors do to single candidates or several, each act by the next of them, and what screens must then show."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import cycle
from uuid import UUID

from app.domain.incident_kinds import IncidentKind
from app.domain.messages import MessageState
from app.domain.reasons import Reason
from app.domain.states import AttemptState
from app.rehearsal.known import Known
from app.rehearsal.server import Body, Refused
from app.rehearsal.staff import StaffMember
from app.schemas.commands import CheckInChosen, CommandsRead, GrantChosen
from app.schemas.incidents import IncidentCreate, IncidentNoteCreate, IncidentRead
from app.schemas.messages import HandRead, MessageCreate, MessagesSent, RoomMessageCreate
from app.schemas.proctoring import AttemptChanged, CommandCreate, GrantCreate, ResumeCreate, TerminationCreate


class BrokenRule(Exception):
    """A server accepted what it has to refuse, or refused what it has to accept."""


class Desk:
    """Of the room at `path`. `acts` counts by the action of its audit event what was acknowledged."""

    def __init__(
        self,
        path: str,
        proctors: Sequence[StaffMember],
        chief: StaffMember,
        known: Mapping[UUID, Known],
        acts: Counter[str],
    ) -> None:
        self._path = path
        self._turns = cycle(proctors)
        self._chief = chief
        self._known = known
        self._acts = acts

    async def check_in(self, known: Known) -> None:
        server, _ = await self._act("check_in", known)
        self._checked_in(known, server)

    async def check_in_set(self, chosen: Sequence[Known]) -> None:
        body = CheckInChosen(command="check_in", attempts=[known.attempt for known in chosen])
        for known, server in await self._command("commands", "check_in", body, chosen):
            self._checked_in(known, server)

    async def release(self, known: Known) -> None:
        await self._act("release", known, CommandCreate(reason=Reason.technical_device))

    async def interrupt(self, known: Known) -> None:
        """The clock stops."""
        server, after = await self._act("interrupt", known, CommandCreate(reason=Reason.technical_device))
        known.changed("interrupt", after, server)

    async def resume(self, known: Known) -> None:
        server, after = await self._act("resume", known, ResumeCreate())
        known.paused = True
        known.changed("resume", after, server)

    async def grant(self, known: Known, extra: timedelta) -> None:
        body = GrantCreate(extra_seconds=_seconds(extra), reason=Reason.candidate_accommodation)
        server, after = await self._act("grant", known, body, path="grants")
        known.changed("clock", after, server)
        self._granted(known, extra, server)

    async def grant_set(self, chosen: Sequence[Known], extra: timedelta) -> None:
        body = GrantChosen(
            command="grant",
            attempts=[known.attempt for known in chosen],
            extra_seconds=_seconds(extra),
            reason=Reason.technical_network,
        )
        for known, server in await self._command("commands", "grant", body, chosen):
            self._granted(known, extra, server)

    async def grant_room(self, extra: timedelta) -> None:
        body = GrantCreate(extra_seconds=_seconds(extra), reason=Reason.environment_noise)
        for known, server in await self._command("grants", "grant", body, list(self._known.values())):
            self._granted(known, extra, server)

    async def terminate(self, known: Known) -> None:
        """A proctor proposes and may not confirm; a chief confirms."""
        body = TerminationCreate(reason=Reason.candidate_copying)
        confirming = body.model_copy(update={"confirms": 1})
        proctor = next(self._turns)
        path = f"/proctor/attempts/{known.attempt}/terminate"
        await proctor.call("terminate", "POST", path, AttemptChanged, body)
        self._acts["attempt.propose_termination"] += 1
        known.expect(
            "propose",
            lambda row: row.termination_proposal == 1 or row.state is AttemptState.terminated,
            proctor.caller.address,
        )
        try:
            await proctor.call("terminate", "POST", path, AttemptChanged, confirming, expected="not_allowed")
        except Refused as refused:
            if refused.code != "not_allowed":
                raise
        else:
            raise BrokenRule("一人完成终止 One person alone terminated an attempt")
        await self._chief.call("terminate", "POST", path, AttemptChanged, confirming)
        self._acts["attempt.terminate"] += 1
        known.terminated = True
        known.expect("terminate", lambda row: row.state is AttemptState.terminated, self._chief.caller.address)

    async def report(self, known: Known) -> None:
        """An incident with a note, which another proctor acknowledges."""
        proctor, other = next(self._turns), next(self._turns)
        body = IncidentCreate(kind=IncidentKind.misconduct, note="左顾右盼，已口头提醒。")
        path = f"/proctor/attempts/{known.attempt}/incidents"
        incident = await proctor.call("incident", "POST", path, IncidentRead, body)
        self._acts["incident.report"] += 1
        known.expect(
            "incident",
            lambda row: row.incidents.last_at is not None and row.incidents.last_at >= incident.last_at,
            proctor.caller.address,
            moot=lambda: incident.id in known.settled,
        )
        text = IncidentNoteCreate(text="复核：未再发生。")
        await other.call("note", "POST", f"/proctor/incidents/{incident.id}/notes", IncidentRead, text)
        await other.call("acknowledge", "POST", f"/proctor/incidents/{incident.id}/acknowledge", IncidentRead)
        self._acts["incident.acknowledge"] += 1
        known.settled.add(incident.id)

    async def confirm_hand(self, known: Known, hand: UUID) -> None:
        """Unless another proctor has turned to it already."""
        if hand in known.settled:
            return
        known.settled.add(hand)
        proctor = next(self._turns)
        answered = await proctor.call("confirm_hand", "POST", f"/proctor/hands/{hand}/confirm", HandRead)
        if answered.state is not MessageState.confirmed:
            raise BrokenRule(f"举手未应答 The hand is {answered.state}")
        self._acts["hand.confirm"] += 1
        known.expect("hand_confirmed", lambda row: row.hand is None or row.hand.id != hand, proctor.caller.address)

    async def write(self, known: Known, body: str) -> None:
        await self._send(f"/proctor/attempts/{known.attempt}/messages", MessageCreate(body=body))

    async def write_room(self, body: str) -> None:
        await self._send(f"{self._path}/messages", RoomMessageCreate(body=body))

    async def _send(self, path: str, body: MessageCreate) -> None:
        proctor = next(self._turns)
        sent = await proctor.call("message", "POST", path, MessagesSent, body)
        self._acts["message.send"] += 1
        for message in sent.messages:
            known = self._known[message.attempt_id]
            known.letters.sent[message.id] = time.monotonic()
            self._expect_unread(known, message.id, proctor.caller.address)

    def _expect_unread(self, known: Known, message: UUID, server: str) -> None:
        known.expect("message", lambda row: row.messages_unread > 0, server, moot=lambda: message in known.letters.read)

    async def _act(
        self, command: str, known: Known, body: Body = None, *, path: str | None = None
    ) -> tuple[str, AttemptChanged]:
        """By one proctor on one candidate: the server that did it, and the attempt after it."""
        proctor = next(self._turns)
        place = f"/proctor/attempts/{known.attempt}/{path or command.replace('_', '-')}"
        after = await proctor.call(command, "POST", place, AttemptChanged, body)
        self._acts[f"attempt.{command}"] += 1
        return proctor.caller.address, after

    async def _command(self, path: str, command: str, body: Body, chosen: Sequence[Known]) -> list[tuple[Known, str]]:
        """By one proctor on several candidates at once. Raises BrokenRule unless it was done for all of them."""
        proctor = next(self._turns)
        answer = await proctor.call(f"{command}_set", "POST", f"{self._path}/{path}", CommandsRead, body)
        if refused := {outcome.refused for outcome in answer.outcomes if not outcome.done}:
            raise BrokenRule(f"批量操作未全部执行 {command} refused: {', '.join(map(str, refused))}")
        if {outcome.attempt_id for outcome in answer.outcomes} != {known.attempt for known in chosen}:
            raise BrokenRule(f"批量操作结果不全 {command} told of other candidates than asked")
        self._acts[f"attempt.{command}"] += len(chosen)
        server = proctor.caller.address
        for outcome in answer.outcomes:
            if outcome.deadline_version:
                self._known[outcome.attempt_id].changed("clock", outcome, server)
        return [(known, server) for known in chosen]

    def _checked_in(self, known: Known, server: str) -> None:
        known.expect("check_in", lambda row: row.checked_in_at is not None, server)

    def _granted(self, known: Known, extra: timedelta, server: str) -> None:
        known.granted += extra
        seconds = _seconds(known.granted)
        known.expect("grant", lambda row: row.granted_seconds >= seconds, server)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
