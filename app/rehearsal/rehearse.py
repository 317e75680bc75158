"""A whole sitting over HTTP: planned, sat by simulated people, closed, published and checked."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from app.core.permissions import Role
from app.rehearsal import duties
from app.rehearsal.aftermath import Aftermath, check_kept, check_results, check_rows
from app.rehearsal.archive import archive_faults
from app.rehearsal.candidate import Candidate
from app.rehearsal.client import ExamClient
from app.rehearsal.desk import BrokenRule
from app.rehearsal.keys import KeySheet
from app.rehearsal.live import Live
from app.rehearsal.live_checks import check_board, screen_faults, settle, totals_faults
from app.rehearsal.live_summary import summarise_live
from app.rehearsal.measures import Measures
from app.rehearsal.office import Office, Plan
from app.rehearsal.people import Person, Turn, make_people
from app.rehearsal.reader import Reader, following
from app.rehearsal.report import Report
from app.rehearsal.room import Room, Watched
from app.rehearsal.screens import SittingScreen
from app.rehearsal.sealing import close_and_seal
from app.rehearsal.server import Network, Refused, ServerClock, Unreachable
from app.rehearsal.staff import Agency, Login, StaffMember
from app.rehearsal.summary import Held, summarise
from app.rehearsal.times import Times
from app.schemas.sittings import SittingRead

LEAD, LEAD_PER_CANDIDATE = timedelta(seconds=4), timedelta(seconds=0.08)
"""From the freeze to the start of the writing: check-in and logins."""

Tell = Callable[[str, int, int], None]
"""Told what goes on, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Scene:
    """A sitting that is live; `people` are by ticket number, the first of `readers` is the chief's."""

    sitting: SittingRead
    keys: KeySheet
    clock: ServerClock
    times: Times
    rooms: Sequence[Room]
    people: Mapping[str, Person]
    screen: SittingScreen
    readers: Sequence[Reader]


async def rehearse(
    addresses: Sequence[str], count: int, plan: Plan, logins: Mapping[Role, Login], tell: Tell
) -> Report:
    """People are spread over the servers at `addresses`, which work on one database.

    `logins` holds at least an admin; who is missing is hired, and dismissed at the end. Raises Refused when a server
    refuses what an exam needs, NoStandard without a fitting one, Unreachable when a server stays away.
    """
    measures = Measures()
    async with Network(addresses, measures) as network:
        await network.require_servers()
        admin = StaffMember(network.connect(), logins[Role.admin])
        await admin.log_in()
        agency = Agency(admin, network.connect)
        try:
            officer, chief, auditor = [
                await _member(role, logins, agency) for role in (Role.officer, Role.chief, Role.auditor)
            ]
            office = Office(officer, chief, agency, plan)
            tell("编排 Planning", 0, count)
            scene = await _set(office, count, plan, network, measures.acts)
            held = await _hold(office, auditor, plan, scene, network, measures.acts, tell)
        finally:
            await agency.dismiss()
    return summarise(addresses, plan, held, measures)


async def _member(role: Role, logins: Mapping[Role, Login], agency: Agency) -> StaffMember:
    if role not in logins:
        return await agency.hire(role)
    member = StaffMember(agency.connect(), logins[role])
    await member.log_in()
    return member


async def _set(office: Office, count: int, plan: Plan, network: Network, acts: Counter[str]) -> Scene:
    """Plans the sitting and brings it live."""
    people = make_people(count, random.Random(plan.seed))  # noqa: S311 -- reproducible by intention
    sitting, keys, clock = await office.plan_sitting()
    tickets = await office.fill(sitting, people)
    screen = SittingScreen(sitting.name)
    rooms = await office.staff_rooms(sitting, screen, clock, acts)
    readers = [Reader(office.chief, f"/proctor/sittings/{sitting.id}/stream", screen, network.connect_beyond)]
    for room in rooms:
        for proctor, own in zip(room.proctors, room.screens, strict=True):
            readers.append(Reader(proctor, f"{room.path}/stream", own, network.connect_beyond))
    ends_at = await office.go_live(sitting, clock, LEAD + LEAD_PER_CANDIDATE * count)
    times = Times(ends_at - plan.window, ends_at)
    return Scene(sitting, keys, clock, times, rooms, dict(zip(tickets, people, strict=True)), screen, readers)


async def _hold(
    office: Office,
    auditor: StaffMember,
    plan: Plan,
    scene: Scene,
    network: Network,
    acts: Counter[str],
    tell: Tell,
) -> Held:
    """From the check-in to the published results, and all checks."""
    source = random.Random(plan.seed)  # noqa: S311 -- reproducible by intention
    async with following(scene.readers, scene.times, scene.clock, source):
        tell("签到 Check-in", 0, len(scene.people))
        came = frozenset(ticket for ticket, who in scene.people.items() if who.turn is not Turn.absent)
        await asyncio.gather(*(room.open(came) for room in scene.rooms))
        times = Times(max(scene.times.begins, scene.clock.now()), scene.times.ends)
        aftermath = Aftermath(_candidates(scene, plan, network))
        watched = await _sit(scene, times, aftermath, tell)
        tell("核对 Checking", 0, len(scene.people))
        check_rows(aftermath, [one.rows for one in watched], times.ends)
        await check_kept(aftermath)
        live = await _close(scene, aftermath, plan.fallback, acts)
    results = await office.publish(scene.sitting.id)
    await check_results(aftermath, results)
    aftermath.fault(scene.sitting.name, *await archive_faults(auditor, scene.sitting.id, acts))
    tell("完成 Done", len(scene.people), len(scene.people))
    return Held(scene.sitting, times, aftermath, watched, live, results)


def _candidates(scene: Scene, plan: Plan, network: Network) -> list[Candidate]:
    seats = {known.ticket: (known, room) for room in scene.rooms for known in room.known.values()}
    return [
        Candidate(
            person,
            *seats[ticket],
            client=ExamClient(seats[ticket][0], person.id_number, network.connect, scene.clock),
            clock=scene.clock,
            keys=scene.keys,
            source=random.Random(f"{plan.seed} {ticket}"),  # noqa: S311 -- reproducible by intention
        )
        for ticket, person in scene.people.items()
    ]


async def _sit(scene: Scene, times: Times, aftermath: Aftermath, tell: Tell) -> Sequence[Watched]:
    """Everybody at once: the candidates write, the proctors do their duties until all attempts are over."""
    over: dict[str, int] = {}

    def ended(room: str, count: int) -> None:
        over[room] = count
        tell("作答 Writing", sum(over.values()), len(scene.people))

    async def noted(about: str, work: Awaitable[object]) -> None:
        try:
            await work
        except (BrokenRule, Refused, Unreachable) as fault:
            aftermath.fault(about, str(fault))

    attending = [
        asyncio.create_task(noted(room.name, duties.attend(room, screen)))
        for room in scene.rooms
        for screen in room.screens
    ]
    watching = asyncio.gather(*(room.watch(times.ends, ended) for room in scene.rooms))
    try:
        await asyncio.gather(
            *(
                noted(room.name, duties.perform(room, number / len(scene.rooms), times, scene.clock))
                for number, room in enumerate(scene.rooms)
            ),
            *(noted(candidate.ticket, candidate.sit(times)) for candidate in aftermath.candidates),
        )
        return await watching
    finally:
        for task in attending:
            task.cancel()
        await asyncio.wait(attending)


async def _close(scene: Scene, aftermath: Aftermath, fallback: timedelta, acts: Counter[str]) -> Live:
    """Compares the screens with snapshots, closes and seals, and sees whether all of it was shown."""
    boards = await asyncio.gather(*(check_board(room, fallback) for room in scene.rooms))
    totals = list(totals_faults(scene.screen, scene.rooms))
    for room, faults in zip(
        scene.rooms, await asyncio.gather(*(close_and_seal(room) for room in scene.rooms)), strict=True
    ):
        aftermath.fault(room.name, *faults)
    screens = [reader.screen for reader in scene.readers]
    await settle(screens, fallback)
    wrong = [*chain.from_iterable(boards), *totals, *screen_faults(screens, fallback)]
    aftermath.faults += wrong
    letters = [candidate.known.letters for candidate in aftermath.candidates]
    return summarise_live(scene.readers, letters, acts, len(wrong), fallback)
