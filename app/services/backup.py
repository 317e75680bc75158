"""Backups: the whole database in one file, and back into an empty one, with proof that it is what it was.

The file is a ZIP without compression of two members: `database.dump` (pg_dump's custom format) and `manifest.json`.
The secret is not in it: whoever has only one of the two can read no identity number and forge no receipt.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from alembic.script import ScriptDirectory
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.canonical import canonical_json
from app.core.database import Addresses, Database
from app.core.embedded import StartError
from app.core.keyring import Keyring, verify_signature
from app.core.migrations import MIGRATIONS, migrate
from app.core.postgres_tools import CHUNK, dump, load
from app.domain.audit_chain import Break
from app.schemas.backup import Manifest, SignedManifest
from app.services import audit_verification, receipts

FORMAT = 1
DUMP, MANIFEST = "database.dump", "manifest.json"

NO_TIMEOUTS = text(
    "SELECT set_config(name, '0', true) FROM pg_settings WHERE name LIKE '%\\_timeout' AND context = 'user'"
)
TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
RELATIONS = text("SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace(current_schema())")
REVISION = text("SELECT version_num FROM alembic_version")
SERVER = text("SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now")
SNAPSHOT = text("SELECT pg_export_snapshot()")


class BackupError(StartError):
    """The backup cannot be made or restored."""


@dataclass(frozen=True)
class Restored:
    """What was restored and how it was checked; `wrong_receipts` are attempts."""

    manifest: Manifest
    receipts: int
    wrong_receipts: Sequence[UUID]
    events: int
    breaks: Sequence[Break]

    @property
    def ok(self) -> bool:
        return not self.wrong_receipts and not self.breaks


async def back_up(addresses: Addresses, keyring: Keyring, file: Path) -> Manifest:
    """Writes the database as it is at one moment, while the service goes on, to a new file that only its owner can
    read. Raises BackupError when the file exists or pg_dump fails; then there is no file."""
    with _new_file(file) as stream:
        return await _write(addresses, keyring, stream)


async def restore(addresses: Addresses, keyring: Keyring, file: Path) -> Restored:
    """Reads a backup into an empty database, brings that to the newest schema, and checks what came out.

    Raises BackupError, before anything is written, when the file is no backup or is damaged, when the secret is
    another one, when the backup is newer than this program, and when the database is not empty; also when pg_restore
    fails or rows are missing.
    """
    with _opened(file) as archive:
        manifest = _read_manifest(archive, keyring)
        async with _as_owner(addresses) as session:
            if (await session.execute(RELATIONS)).scalar_one():
                raise BackupError(
                    "目标数据库不是空的：备份只能恢复到空数据库，请另建一个。\n"
                    "The database is not empty: a backup goes into an empty one only; make another."
                )
            server_version = (await session.execute(SERVER)).one().version
        with archive.open(DUMP) as member:
            await asyncio.to_thread(load, addresses.owner, member, server_version)
    async with _as_owner(addresses) as session:
        if await _rows(session) != manifest.rows:
            raise BackupError("恢复后的行数与备份不符。\nThe rows restored are not those of the backup.")
    await migrate(addresses)
    async with _as_owner(addresses) as session:
        await session.execute(text("ANALYZE"))
    return await _verified(addresses, keyring, manifest)


async def _write(addresses: Addresses, keyring: Keyring, stream: IO[bytes]) -> Manifest:
    async with _as_owner(addresses) as session:
        snapshot = (await session.execute(SNAPSHOT)).scalar_one()
        server = (await session.execute(SERVER)).one()
        revision = (await session.execute(REVISION)).scalar_one()
        rows = await _rows(session)
        with ZipFile(stream, "w") as archive:
            with archive.open(DUMP, "w", force_zip64=True) as member:
                digest = await asyncio.to_thread(dump, addresses.owner, snapshot, member, server.version)
            manifest = _manifest(keyring, server.now, revision, rows, digest)
            signature = keyring.sign_audit(canonical_json(manifest.model_dump(mode="json")))
            signed = SignedManifest(manifest=manifest, signature=signature)
            archive.writestr(MANIFEST, signed.model_dump_json(indent=2))
    return manifest


def _manifest(keyring: Keyring, now: datetime, revision: str, rows: dict[str, int], digest: str) -> Manifest:
    return Manifest(
        format=FORMAT,
        made_at=now,
        made_by=f"kaochang {version('kaochang')}",
        revision=revision,
        rows=rows,
        dump_sha256=digest,
        public_key=keyring.audit_public_key,
    )


@contextmanager
def _new_file(file: Path) -> Iterator[IO[bytes]]:
    """Under its name only when it is whole and on the disk."""
    part = file.with_name(f"{file.name}.part")
    for taken in (file, part):
        if taken.exists():
            raise BackupError(f"文件已存在：{taken}。\nThe file exists: {taken}.")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _opened(file: Path) -> ZipFile:
    try:
        return ZipFile(file)
    except (OSError, BadZipFile) as error:
        raise BackupError(f"不是备份文件：{file}。\nNot a backup: {file}.") from error


def _read_manifest(archive: ZipFile, keyring: Keyring) -> Manifest:
    try:
        signed = SignedManifest.model_validate_json(archive.read(MANIFEST))
    except (KeyError, BadZipFile, ValidationError) as error:
        raise BackupError("不是备份文件，或已损坏。\nNot a backup, or damaged.") from error
    manifest = signed.manifest
    if manifest.public_key != keyring.audit_public_key:
        raise BackupError(
            "此备份属于另一个密钥：请先设置备份时的 KAOCHANG_SECRET_KEY（或数据目录中的 secret.key）。\n"
            "The backup belongs to another secret: set the KAOCHANG_SECRET_KEY of that time, "
            "or put its secret.key into the data folder."
        )
    content = canonical_json(manifest.model_dump(mode="json"))
    genuine = verify_signature(keyring.audit_public_key, content, signed.signature)
    if not genuine or _digest(archive) != manifest.dump_sha256:
        raise BackupError("备份文件已损坏或被改动。\nThe backup is damaged or was altered.")
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest.format != FORMAT or manifest.revision not in known:
        raise BackupError(
            f"备份由更新的版本（{manifest.made_by}）制作：请用该版本恢复。\n"
            f"The backup was made by a newer version ({manifest.made_by}): restore it with that one."
        )
    return manifest


def _digest(archive: ZipFile) -> str | None:
    """Of the dump as it is in the file; None when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with archive.open(DUMP) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
    except (KeyError, BadZipFile):
        return None
    return digest.hexdigest()


async def _verified(addresses: Addresses, keyring: Keyring, manifest: Manifest) -> Restored:
    database = Database(addresses.service, pool_size=1)
    try:
        async with database.transaction() as session:
            count, wrong = await receipts.check_all(session, keyring.receipt_public_key)
        found = await audit_verification.verify(database, keyring.audit_public_key)
    finally:
        await database.dispose()
    return Restored(manifest, count, wrong, found.events, found.breaks)


async def _rows(session: AsyncSession) -> dict[str, int]:
    """By table, as the session's snapshot has them."""
    quote = session.get_bind().dialect.identifier_preparer.quote
    tables = (await session.execute(TABLES)).scalars().all()
    counts = [text(f"SELECT count(*) FROM {quote(table)}") for table in tables]  # noqa: S608 -- names of the catalogue
    return {table: (await session.execute(count)).scalar_one() for table, count in zip(tables, counts, strict=True)}


@asynccontextmanager
async def _as_owner(addresses: Addresses) -> AsyncIterator[AsyncSession]:
    """One transaction that sees one moment, without time limits."""
    database = Database(addresses.owner, pool_size=1)
    try:
        async with database.transaction() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await session.execute(NO_TIMEOUTS)
            yield session
    finally:
        await database.dispose()
