"""What an exam day may do to a room and its attempts: the tables of the design (section 3), written a second time.

Nothing here comes from the program. Time is in whole minutes from the sitting's start.
"""

from dataclasses import dataclass, replace

DURATION, LATE_ENTRY, EARLIEST, GRANT = 90, 30, 10, 10

LEASED = {"ready", "in_progress", "interrupted"}
NEVER_STARTED = {"registered", "checked_in", "ready"}
UNFINISHED = {"in_progress", "interrupted"}
OVER = {"absent", "submitted", "terminated", "voided"}
STATES = NEVER_STARTED | UNFINISHED | OVER

MOVES: dict[str, tuple[set[str], str]] = {
    "check_in": ({"registered"}, "checked_in"),
    "log_in": ({"checked_in"}, "ready"),
    "start": ({"ready"}, "in_progress"),
    "interrupt": ({"in_progress"}, "interrupted"),
    "resume": ({"interrupted"}, "in_progress"),
    "submit": ({"in_progress"}, "submitted"),
    "collect": (UNFINISHED, "submitted"),
    "terminate": (UNFINISHED, "terminated"),
    "reopen": ({"submitted"}, "in_progress"),
    "reverse_absence": ({"absent"}, "registered"),
    "void": ({"submitted", "terminated"}, "voided"),
}
NO_MOVES: dict[str, set[str]] = {"release": LEASED, "grant": STATES - OVER, "withdraw": UNFINISHED}
ROOM_MOVES = {
    "check-in": ("preparing", "check_in"),
    "start": ("check_in", "running"),
    "suspend": ("running", "suspended"),
    "resume": ("suspended", "running"),
    "close": ("running", "closed"),
}


class Refused(Exception):
    """With the code of the problem."""

    @property
    def code(self) -> str:
        return str(self.args[0])


def require(condition: bool, code: str) -> None:
    if not condition:
        raise Refused(code)


@dataclass
class Seat:
    """`paused` is since when the clock stands, `token` the lease of the token in the candidate's hands."""

    state: str = "registered"
    epoch: int = 0
    device: str | None = None
    token: int | None = None
    granted: int = 0
    stopped: int = 0
    waited: int = 0
    paused: int | None = None
    stops: bool = False
    with_room: bool = False
    waived: bool = False
    proposer: str | None = None
    proposals: int = 0
    ended: int | None = None

    @property
    def deadline(self) -> int:
        return DURATION + self.waited + self.granted + self.stopped

    @property
    def entry_closes(self) -> int:
        return LATE_ENTRY + self.waited

    def due(self, now: int) -> bool:
        return self.state in UNFINISHED and self.paused is None and now > self.deadline

    def go(self, command: str) -> None:
        sources, target = MOVES[command]
        require(self.state in sources, "invalid_transition")
        self.state = target

    def free(self) -> None:
        self.device, self.epoch = None, self.epoch + 1

    def settle(self, now: int) -> None:
        if self.paused is not None:
            self.stopped += now - self.paused
        self.paused = None

    def end(self, at: int) -> None:
        self.settle(at)
        self.ended = at


@dataclass
class Hall:
    """A command is given to a copy, which is kept only when it is not refused."""

    room: str
    seats: list[Seat]
    now: int = 0
    suspended_at: int = 0

    def copy(self) -> "Hall":
        return replace(self, seats=[replace(seat) for seat in self.seats])

    # The candidate's

    def log_in(self, seat: Seat, device: str) -> None:
        if seat.state in ("registered", "checked_in"):
            require(self.room in ("check_in", "running", "suspended"), "room_not_open")
        require(seat.state != "registered", "not_checked_in")
        if seat.state == "checked_in" or (seat.state in LEASED and seat.device is None):
            seat.state = "ready" if seat.state == "checked_in" else seat.state
            seat.device, seat.epoch = device, seat.epoch + 1
        elif seat.state in LEASED:
            require(seat.device == device, "lease_held")
        seat.token = seat.epoch

    def start(self, seat: Seat) -> None:
        require(seat.token == seat.epoch, "lease_moved")
        if seat.state == "in_progress":
            return
        seat.go("start")
        require(self.room == "running", "room_not_open")
        require(self.now >= 0, "not_started_yet")
        require(self.now < seat.entry_closes or seat.waived, "late_entry_closed")
        require(not seat.due(self.now), "deadline_passed")

    def submit(self, seat: Seat) -> None:
        require(seat.token == seat.epoch, "lease_moved")
        if seat.state == "submitted":
            return
        due = seat.due(self.now)
        seat.go("submit")
        require(self.now >= EARLIEST, "too_early")
        require(not due, "deadline_passed")
        seat.end(self.now)

    # The proctors'

    def check_in(self, seat: Seat, _by: str) -> None:
        seat.go("check_in")
        require(self.room in ("check_in", "running"), "room_not_open")

    def release(self, seat: Seat, _by: str) -> None:
        require(seat.state in NO_MOVES["release"], "invalid_transition")
        seat.free()

    def interrupt(self, seat: Seat, _by: str, *, stops: bool = False) -> None:
        due = seat.due(self.now)
        seat.go("interrupt")
        require(not due, "deadline_passed")
        seat.stops, seat.with_room = stops, False
        seat.paused = self.now if stops else None

    def interrupt_and_stop(self, seat: Seat, by: str) -> None:
        self.interrupt(seat, by, stops=True)

    def resume(self, seat: Seat, _by: str) -> None:
        due = seat.due(self.now)
        seat.go("resume")
        require(self.room == "running", "room_not_open")
        require(not due, "deadline_passed")
        seat.settle(self.now)

    def resume_elsewhere(self, seat: Seat, by: str) -> None:
        self.resume(seat, by)
        seat.free()

    def grant(self, seat: Seat, _by: str) -> None:
        require(seat.state in NO_MOVES["grant"], "invalid_transition")
        require(not seat.due(self.now), "deadline_passed")
        seat.granted += GRANT

    def collect(self, seat: Seat, _by: str) -> None:
        at = self.now if seat.paused is not None else min(self.now, seat.deadline)
        seat.go("collect")
        seat.end(at)

    def propose(self, seat: Seat, by: str) -> None:
        require(seat.state in UNFINISHED, "invalid_transition")
        require(seat.proposer is None, "termination_already_proposed")
        seat.proposer, seat.proposals = by, seat.proposals + 1

    def terminate(self, seat: Seat, by: str) -> None:
        """Confirms the proposal of number 1."""
        require(seat.state in UNFINISHED, "invalid_transition")
        require(by == "chief", "not_allowed")
        require(seat.proposer is not None and seat.proposals == 1, "termination_not_proposed")
        require(seat.proposer != by, "second_person_needed")
        seat.go("terminate")
        seat.paused, seat.ended = None, self.now

    def withdraw(self, seat: Seat, _by: str) -> None:
        require(seat.state in NO_MOVES["withdraw"], "invalid_transition")
        require(seat.proposer is not None, "termination_not_proposed")
        seat.proposer = None

    def reverse_absence(self, seat: Seat, _by: str) -> None:
        seat.go("reverse_absence")
        require(self.room == "running", "room_not_open")
        seat.waived = True

    def reopen(self, seat: Seat, _by: str) -> None:
        seat.go("reopen")
        require(self.room == "running", "room_not_open")
        assert seat.ended is not None
        seat.stopped += self.now - seat.ended
        seat.granted += GRANT
        seat.ended = seat.proposer = None
        seat.free()

    def void(self, seat: Seat, _by: str) -> None:
        seat.go("void")

    # The room's

    def lead(self, command: str) -> None:
        source, target = ROOM_MOVES[command]
        require(self.room == source, "invalid_transition")
        effects = {"start": self._started, "suspend": self._suspended, "resume": self._resumed, "close": self._closed}
        effects.get(command, lambda: None)()
        self.room = target

    def _started(self) -> None:
        for seat in self.seats:
            seat.waited += max(0, self.now)

    def _suspended(self) -> None:
        self.suspended_at = self.now
        for seat in self.seats:
            if seat.state not in UNFINISHED or seat.due(self.now):
                continue
            if seat.state == "in_progress":
                seat.state, seat.with_room, seat.paused = "interrupted", True, self.now
            elif seat.paused is None:
                seat.paused = self.now

    def _resumed(self) -> None:
        for seat in self.seats:
            if seat.state in NEVER_STARTED or seat.state == "absent":
                seat.waited += max(0, self.now - max(0, self.suspended_at))
            elif seat.state == "interrupted" and seat.with_room:
                seat.state, seat.with_room = "in_progress", False
                seat.settle(self.now)
            elif seat.state == "interrupted" and not seat.stops:
                seat.settle(self.now)

    def _closed(self) -> None:
        for seat in self.seats:
            if seat.waived and seat.state in NEVER_STARTED:
                require(self.now >= seat.entry_closes, "late_entry_still_open")
                seat.state = "absent"
                seat.free()
        require(not [seat for seat in self.seats if seat.state in UNFINISHED | NEVER_STARTED], "attempts_unfinished")

    # The system's

    def sweep(self) -> None:
        for seat in self.seats:
            if seat.due(self.now):
                seat.state, seat.ended = "submitted", seat.deadline
            missing = seat.state in NEVER_STARTED and not seat.waived and self.room == "running"
            if missing and self.now >= seat.entry_closes:
                seat.state = "absent"
                seat.free()
