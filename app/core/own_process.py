"""Heavy work in a process of its own, which ends with the work.

So the server never loads the libraries that only such work needs, and those who are served have the processors first.
anyio's and the standard library's worker processes load the whole command again and stay; this one loads what it is
given to do.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

NICENESS = 10
"""How far the work stands back behind the server (nice(2))."""


class OwnProcess:
    """At most one at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Lock()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function of a module returns or raises; it, its arguments and its result are pickled.

        The process is killed when the caller is cancelled. Raises ChildProcessError when it ends without an answer.
        """
        task = pickle.dumps((function, args, kwargs))
        command = (sys.executable, "-I", "-m", __name__)
        async with self._free:
            process = await asyncio.create_subprocess_exec(
                *command, env={}, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            try:
                answer, _ = await process.communicate(task)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode:
            raise ChildProcessError(f"{function.__qualname__} ended with status {process.returncode}")
        result: T | Exception = pickle.loads(answer)  # noqa: S301 -- written by the process that was started here
        if isinstance(result, Exception):
            raise result
        return result


def main() -> None:
    """Does the one task that is written to the standard input."""
    os.nice(NICENESS)
    function, args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301 -- written by the process that started this
    try:
        answer = pickle.dumps(function(*args, **kwargs))
    except Exception as error:
        answer = pickle.dumps(error)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
