"""CPU and memory of processes."""

import os
import resource
from pathlib import Path

import pytest

from bench.machine import file_system_of
from bench.usage import cpu_seconds, peak_mib, proportional_mib

NOBODY = 2**22 + 1
"""Above the highest process number that Linux gives."""


def test_what_this_process_has_used() -> None:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    assert cpu_seconds([os.getpid()]) >= sum(one.ru_utime + one.ru_stime for one in used) - 0.1
    assert peak_mib([os.getpid()]) == pytest.approx(used[0].ru_maxrss / 1024, rel=0.1)
    assert proportional_mib([os.getpid()]) > 0


def test_a_process_that_has_ended_uses_nothing() -> None:
    assert (cpu_seconds([NOBODY]), peak_mib([NOBODY]), proportional_mib([NOBODY])) == (0, 0, 0)


def test_the_kind_of_a_file_system() -> None:
    assert file_system_of(Path("/proc/self")) == "proc"
