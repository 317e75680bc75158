"""The database: engine, sessions, and the raw connection of the hot path."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from app.core.connecting import Connector
from app.core.embedded import start_embedded
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings

CONNECTION_SETTINGS = {
    "timezone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
CONNECT_ARGUMENTS = {"server_settings": {"application_name": "kaochang", **CONNECTION_SETTINGS}}
POOL_TIMEOUT = 5
"""Seconds that a request waits for a connection before it is refused (503)."""


Step = Callable[[AsyncSession], Awaitable[None]]
Listener = Callable[[frozenset[Hashable]], None]
LAST_STEPS, TOPICS = "last_steps", "topics"


def before_commit(session: AsyncSession, step: Step) -> None:
    """Makes `step` one of the last of the transaction, in the order given; each is done once."""
    session.info.setdefault(LAST_STEPS, {})[step] = None


def announce(session: AsyncSession, topic: Hashable) -> None:
    """Tells the database's listeners of `topic` when, and only when, the transaction has committed."""
    session.info.setdefault(TOPICS, set()).add(topic)


class Database:
    """One pool of connections; a session is one transaction. `listeners` hear, after each commit, what it announced.

    `listen_url` leads past a pooler between the service and the database, where `url` leads to one.
    """

    def __init__(self, url: str, pool_size: int = 10, listen_url: str | None = None) -> None:
        self._open: WeakSet[Any] = WeakSet()
        self.engine = self._engine(url, pool_size=pool_size, max_overflow=pool_size, pool_timeout=POOL_TIMEOUT)
        self._listening = self.engine if listen_url is None else self._engine(listen_url, poolclass=NullPool)
        self.connections_limit = 2 * pool_size
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.listeners: list[Listener] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end, or rolls back when the block raises."""
        async with self._sessions() as session:
            async with session.begin():
                yield session
                while steps := session.info.pop(LAST_STEPS, None):
                    for step in steps:
                        await step(session)
            if topics := frozenset(session.info.pop(TOPICS, ())):
                for listener in self.listeners:
                    listener(topics)

    @asynccontextmanager
    async def raw_connection(self) -> AsyncIterator[Any]:
        """An asyncpg connection in autocommit: each statement is its own transaction. After an error it is given up."""
        async with _raw(self.engine) as connection:
            yield connection

    @asynccontextmanager
    async def listening_connection(self) -> AsyncIterator[Any]:
        """As `raw_connection`, and notifications arrive on it."""
        async with _raw(self._listening) as connection:
            yield connection

    def abandon(self) -> None:
        """Gives up every connection: whoever waits on one learns at once that it is lost.

        For a host that has vanished: it tells nobody, and TCP would go on waiting for many minutes.
        """
        for connection in tuple(self._open):
            connection.terminate()

    async def dispose(self) -> None:
        await self._listening.dispose()
        await self.engine.dispose()

    def _engine(self, url: str, **pool: Any) -> AsyncEngine:
        arguments = CONNECT_ARGUMENTS | {"async_creator_fn": Connector()}
        engine = create_async_engine(url, hide_parameters=True, connect_args=arguments, **pool)
        event.listen(engine.sync_engine, "connect", self._remember)
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return engine

    def _remember(self, connection: Any, _record: object) -> None:
        self._open.add(connection.driver_connection)


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """After a restart of the database no request is given a connection of before it; costs no round trip."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


@asynccontextmanager
async def _raw(engine: AsyncEngine) -> AsyncIterator[Any]:
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        try:
            yield raw.driver_connection
        except BaseException:
            await connection.invalidate()
            raise


@dataclass(frozen=True)
class Addresses:
    """Of one database, for SQLAlchemy: as the role that the service works as, and as the owner of the tables.

    `listen`: as the service, past a pooler, if there is one.
    """

    service: str
    owner: str
    listen: str | None = None


def database_addresses(settings: Settings) -> Addresses:
    """Of the external database, else of the embedded one, which is started.

    Without an address for migrations the service's own role is the owner.
    """
    if settings.database_url is None:
        owner = start_embedded(settings.data_dir)
        return Addresses(as_role(owner, SERVICE_ROLE), owner)
    service = _for_asyncpg(settings.database_url)
    migration = settings.migration_database_url
    listen = settings.listen_database_url
    return Addresses(
        service,
        owner=service if migration is None else _for_asyncpg(migration),
        listen=None if listen is None else _for_asyncpg(listen),
    )


def as_role(url: str, role: str) -> str:
    """The same database as another role without a password."""
    return make_url(url).set(username=role).render_as_string(hide_password=False)


def _for_asyncpg(url: str) -> str:
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
