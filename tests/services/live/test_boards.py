"""What a board reads of the database when something is announced."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from app.core.context import Context
from tests.halls import begin, open_hall
from tests.proctors import save
from tests.routers.test_streams import room_stream, until
from tests.serving import serving

NEVER = timedelta(hours=1)


@contextmanager
def statements(context: Context) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    engine = context.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_of_a_room_in_which_answers_were_saved_only_the_presence_is_read(context: Context) -> None:
    hall = await open_hall(context, candidates=2)
    who, _ = hall.seated
    settings = context.settings.model_copy(update={"live_fallback": NEVER})
    async with serving(replace(context, settings=settings)) as server:
        token = await begin(server.http, who)
        async with server.stream(room_stream(hall), hall.proctor) as reader:
            await save(server.http, token, 1, "A", 1)
            await until(reader, who, answered=1)
            with statements(context) as read:
                await save(server.http, token, 2, "A", 2)
                await until(reader, who, answered=2)
    assert any("FROM presence" in statement for statement in read)
    assert not [statement for statement in read if "FROM time_grant" in statement]
