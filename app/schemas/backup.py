"""What a backup file says of itself."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Manifest(BaseModel):
    """`rows` by table, as they were at the moment of the dump; `public_key` tells which secret belongs to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    made_at: datetime
    made_by: str
    revision: str
    rows: dict[str, int]
    dump_sha256: str
    public_key: str


class SignedManifest(BaseModel):
    """`signature`: Ed25519 (RFC 8032), base64, over the canonical JSON of `manifest`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    manifest: Manifest
    signature: str
