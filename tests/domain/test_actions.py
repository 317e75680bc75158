"""What is shown as possible is what the command would answer, whatever the attempt."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.actions import SOMEBODY, asked, attempt_actions
from app.domain.attempts import AttemptFacts, open_proposal
from app.domain.commands import Command, Situation, decide
from app.domain.states import AttemptState, RoomState
from app.domain.timing import TimingMode, TimingRules

START = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)
instants = st.integers(-10, 200).map(lambda minutes: START + timedelta(minutes=minutes))
spans = st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes))
rules = st.builds(
    TimingRules,
    starts_at=st.just(START),
    duration=st.just(timedelta(minutes=90)),
    mode=st.sampled_from(TimingMode),
    late_entry=spans,
    earliest_submission=spans,
    grace=st.sampled_from([timedelta(0), timedelta(seconds=10)]),
)
facts = st.builds(
    AttemptFacts,
    state=st.sampled_from(AttemptState),
    started_at=st.none() | instants,
    deadline_at=st.none() | instants,
    granted=spans,
    stopped=spans,
    waited=spans,
    interrupted_at=st.none() | instants,
    clock_stopped=st.booleans(),
    late_entry_waived=st.booleans(),
    termination_proposed_by=st.none() | st.just(UUID(int=7)),
    termination_proposals=st.integers(1, 3),
    submitted_at=st.none() | instants,
)


def answer(command: Command, facts: AttemptFacts, at: Situation) -> str | None:
    try:
        decide(command, facts, at)
    except Problem as problem:
        return problem.code
    return None


@settings(max_examples=1000)
@given(facts, rules, st.sampled_from(RoomState), instants, st.booleans())
def test_every_attempt_is_told_what_its_commands_would_answer(
    facts: AttemptFacts, timing: TimingRules, room: RoomState, now: datetime, chief: bool
) -> None:
    at = Situation(timing, room, now, SOMEBODY, chief)
    told = dict(attempt_actions(facts, timing, room, now, chief=chief))
    assert told == {command.name: answer(command, facts, at) for command in asked(open_proposal(facts))}
