"""The faults: what is done to a site, and undone again. Each returns when all is repaired."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.faults.exam import GRACE, Exam
from tests.faults.relay import FAIR, FOUL, Weather
from tests.faults.servers import NoFakeClock, Server

DOWN = 0.5
LASTS = 2.0
READY_AGAIN = 90.0
HOUR = timedelta(hours=1)


class Impossible(Exception):
    """This fault cannot be made here; says why."""


@dataclass(frozen=True)
class Fault:
    name: str
    zh: str
    en: str
    strike: Callable[[Exam], Awaitable[None]]


async def kill_servers(exam: Exam) -> None:
    await asyncio.gather(*(server.kill() for server in exam.site.servers))
    await asyncio.sleep(DOWN)
    await asyncio.gather(*(server.start() for server in exam.site.servers))


async def kill_database(exam: Exam) -> None:
    await exam.site.database.kill()
    await asyncio.sleep(DOWN)
    await exam.site.database.start()
    await _servers_ready(exam)


async def fail_over(exam: Exam) -> None:
    await exam.site.database.kill()
    await _promote(exam)
    await _servers_ready(exam)
    await exam.site.standby.follow(exam.site.database)


async def lose_the_primary_host(exam: Exam) -> None:
    """Its last packets are lost too: whoever waits for an answer from it is told nothing, not even that it is gone."""
    line = exam.site.line
    line.freeze()
    await exam.site.database.kill()
    await _promote(exam)
    await _servers_ready(exam)
    await line.cut()
    line.mend()
    await exam.site.standby.follow(exam.site.database)


async def fill_the_disk(exam: Exam) -> None:
    volume = exam.site.database.volume
    if not volume.small:
        raise Impossible("no unprivileged mount namespace (unshare --user --mount), so no small file system")
    await volume.fill()
    await asyncio.sleep(LASTS)
    await volume.free()
    await exam.site.database.start_if_down()
    await _servers_ready(exam)


async def set_a_clock_forward(exam: Exam) -> None:
    await _shift(exam, exam.site.servers[0], HOUR)


async def set_a_clock_back(exam: Exam) -> None:
    await _shift(exam, exam.site.servers[-1], -HOUR)


async def cut_off_the_clients(exam: Exam) -> None:
    await exam.site.door.cut()
    await asyncio.sleep(LASTS)
    exam.site.door.mend()


async def cut_off_the_database(exam: Exam) -> None:
    await exam.site.line.cut()
    await asyncio.sleep(LASTS)
    exam.site.line.mend()
    await _servers_ready(exam)


async def hold_up_the_database(exam: Exam) -> None:
    """Nothing passes for a while, and then all of it."""
    exam.site.line.freeze()
    await asyncio.sleep(LASTS)
    exam.site.line.mend()
    await _servers_ready(exam)


async def spoil_the_network(exam: Exam) -> None:
    exam.site.door.weather, exam.site.line.weather = FOUL, SLOW
    await asyncio.sleep(2 * LASTS)
    exam.site.door.weather = exam.site.line.weather = FAIR


async def repeat_and_reorder(exam: Exam) -> None:
    exam.be_unruly(True)
    await asyncio.sleep(2 * LASTS)
    exam.be_unruly(False)


def restart_servers(times: int) -> Callable[[Exam], Awaitable[None]]:
    """One after the other, each killed as soon as the one before is back."""

    async def strike(exam: Exam) -> None:
        for time in range(times):
            server = exam.site.servers[time % len(exam.site.servers)]
            await server.kill()
            await server.start()

    return strike


async def miss_the_end(exam: Exam) -> None:
    """Servers and database are killed while half hand in just before the common end, and come back after the grace."""
    await exam.until(exam.ends_at - timedelta(seconds=0.5))
    exam.bell.set()
    await asyncio.sleep(0.1)
    await asyncio.gather(*(server.kill() for server in exam.site.servers), exam.site.database.kill())
    await exam.until(exam.ends_at + GRACE + timedelta(seconds=1))
    await exam.site.database.start()
    await asyncio.gather(*(server.start() for server in exam.site.servers))


SLOW = Weather(latency=(0.005, 0.03), stall=0.02, stalled=0.3)

AT_RANDOM = (
    Fault("kill_servers", "杀死全部服务进程", "kill -9 of all server processes", kill_servers),
    Fault("kill_database", "杀死数据库全部进程", "kill -9 of PostgreSQL, postmaster and all backends", kill_database),
    Fault("fail_over", "主库被杀，同步备库升主", "primary killed, synchronous standby promoted", fail_over),
    Fault(
        "lose_the_primary_host",
        "主库主机失联，备库升主",
        "the primary's host vanishes without a word, standby promoted",
        lose_the_primary_host,
    ),
    Fault("fill_the_disk", "数据库磁盘写满", "disk full on the database volume", fill_the_disk),
    Fault(
        "clock_forward",
        "一台主机时钟拨快一小时再拨回",
        "a host's clock jumps an hour ahead, and back",
        set_a_clock_forward,
    ),
    Fault(
        "clock_back", "一台主机时钟拨慢一小时再拨回", "a host's clock jumps an hour behind, and back", set_a_clock_back
    ),
    Fault("cut_off_the_clients", "考生网络中断", "network cut between clients and servers", cut_off_the_clients),
    Fault("cut_off_the_database", "数据库网络中断", "network cut between servers and database", cut_off_the_database),
    Fault(
        "hold_up_the_database",
        "数据库网络停滞",
        "nothing passes between servers and database, and nobody is told",
        hold_up_the_database,
    ),
    Fault("spoil_the_network", "延迟与丢包", "latency, stalls and broken connections", spoil_the_network),
    Fault("repeat_and_reorder", "重复与乱序", "saves repeated, their parts out of order", repeat_and_reorder),
)

MISS_THE_END = Fault(
    "miss_the_end", "交卷时刻服务与数据库都不在", "servers and database killed across the end", miss_the_end
)


def restarts(times: int) -> Fault:
    return Fault("restarts", f"连续重启 {times} 次", f"{times} kills and restarts in a row", restart_servers(times))


async def _promote(exam: Exam) -> None:
    await exam.site.standby.promote()
    exam.site.primary = 1 - exam.site.primary


async def _shift(exam: Exam, server: Server, by: timedelta) -> None:
    """And back, which is a jump the other way."""
    try:
        await server.shift_clock(by)
    except NoFakeClock as error:
        raise Impossible(f"libfaketime does not work here: {error}") from error
    answer = await server.ask("/api/v1/proctor/rooms", exam.hall.proctor)
    assert answer.is_success, f"who was logged in is not any more: {answer.text}"
    await asyncio.sleep(LASTS)
    await server.shift_clock(timedelta(0))


async def _servers_ready(exam: Exam) -> None:
    async with asyncio.timeout(READY_AGAIN):
        for server in exam.site.servers:
            await server.ready()
