"""A whole sitting over HTTP: planned, sat by simulated people, closed, published and checked."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from app.core.permissions import Role
from app.rehearsal.aftermath import Aftermath, check_kept, check_results, check_rows
from app.rehearsal.candidate import BrokenRule, Candidate, Times
from app.rehearsal.client import ExamClient
from app.rehearsal.measures import Measures
from app.rehearsal.office import Office, Plan
from app.rehearsal.people import Turn, make_people
from app.rehearsal.report import Report
from app.rehearsal.room import Room, Watched
from app.rehearsal.server import Network, Refused, Unreachable
from app.rehearsal.staff import Agency, Login, StaffMember
from app.rehearsal.summary import Held, summarise

LEAD, LEAD_PER_CANDIDATE = timedelta(seconds=4), timedelta(seconds=0.08)
"""From the freeze to the start of the writing: check-in and logins."""

Tell = Callable[[str, int, int], None]
"""Told what goes on, how much of it is done, and of how much."""


async def rehearse(address: str, count: int, plan: Plan, logins: Mapping[Role, Login], tell: Tell) -> Report:
    """`logins` holds at least an admin; who is missing is hired, and dismissed at the end.

    Raises Refused when the server refuses what an exam needs, LookupError without a fitting standard, Unreachable
    when the server stays away.
    """
    measures = Measures()
    async with Network(address, measures) as network:
        await network.require_server()
        admin = StaffMember(network.connect(), logins[Role.admin])
        await admin.log_in()
        agency = Agency(admin, network.connect)
        try:
            officer = await _member(Role.officer, logins, agency)
            chief = await _member(Role.chief, logins, agency)
            held = await _hold(Office(officer, chief, agency, plan), count, plan, network, tell)
        finally:
            await agency.dismiss()
    return summarise(address, plan, held, measures)


async def _hold(office: Office, count: int, plan: Plan, network: Network, tell: Tell) -> Held:
    """From the planning to the published results, and all checks."""
    people = make_people(count, random.Random(plan.seed))  # noqa: S311 -- reproducible by intention
    tell("编排 Planning", 0, count)
    sitting, keys, clock = await office.plan_sitting()
    tickets = await office.fill(sitting, people)
    rooms = await office.staff_rooms(sitting, clock)
    ends_at = await office.go_live(sitting, clock, LEAD + LEAD_PER_CANDIDATE * count)
    tell("签到 Check-in", 0, count)
    expected = frozenset(ticket for ticket, who in zip(tickets, people, strict=True) if who.turn is not Turn.absent)
    seats = {
        ticket: (attempt, room)
        for room, attempts in zip(rooms, await asyncio.gather(*(room.open(expected) for room in rooms)), strict=True)
        for ticket, attempt in attempts.items()
    }
    candidates = [
        Candidate(
            person,
            ticket,
            *seats[ticket],
            client=ExamClient(ticket, person.id_number, network.connect, clock),
            clock=clock,
            keys=keys,
            source=random.Random(f"{plan.seed} {ticket}"),  # noqa: S311 -- reproducible by intention
        )
        for person, ticket in zip(people, tickets, strict=True)
    ]
    times = Times(max(ends_at - plan.window, clock.now()), ends_at)
    aftermath = Aftermath(candidates)
    watched = await _sit(candidates, rooms, times, aftermath, tell)
    tell("核对 Checking", 0, count)
    check_rows(aftermath, [one.rows for one in watched], ends_at)
    await check_kept(aftermath)
    await asyncio.gather(*(room.close_and_seal() for room in rooms))
    results = await office.publish(sitting.id)
    await check_results(aftermath, results)
    tell("完成 Done", count, count)
    return Held(sitting, times, aftermath, watched, results)


async def _member(role: Role, logins: Mapping[Role, Login], agency: Agency) -> StaffMember:
    if role not in logins:
        return await agency.hire(role)
    member = StaffMember(agency.connect(), logins[role])
    await member.log_in()
    return member


async def _sit(
    candidates: Sequence[Candidate], rooms: Sequence[Room], times: Times, aftermath: Aftermath, tell: Tell
) -> Sequence[Watched]:
    """Everybody at once: the candidates write, the proctors watch until all attempts are over."""
    over: dict[str, int] = {}

    def ended(room: str, count: int) -> None:
        over[room] = count
        tell("作答 Writing", sum(over.values()), len(candidates))

    async def sit(candidate: Candidate) -> None:
        try:
            await candidate.sit(times)
        except (BrokenRule, Refused, Unreachable) as fault:
            aftermath.fault(candidate, str(fault))

    watching = asyncio.gather(*(room.watch(times.ends, ended) for room in rooms))
    await asyncio.gather(*(sit(candidate) for candidate in candidates))
    return await watching
