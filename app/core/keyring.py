"""Keys derived from one root secret, and what is done with them."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.core.settings import Settings

NONCE_BYTES = 12


def seal_paper(key: bytes, content: bytes) -> bytes:
    """AES-256-GCM; the nonce leads. It is zero, since a paper's key seals this one content and nothing else."""
    return bytes(NONCE_BYTES) + AESGCM(key).encrypt(bytes(NONCE_BYTES), content, None)


class Keyring:
    """One key per purpose, derived from the root secret by HKDF-SHA-256 (RFC 5869)."""

    def __init__(self, secret: str) -> None:
        def derive(purpose: str) -> bytes:
            return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"kaochang/{purpose}".encode()).derive(
                secret.encode()
            )

        self.token_key = derive("token").hex()
        self._identity_cipher = AESGCM(derive("identity-cipher"))
        self._identity_index = derive("identity-index")
        self._request_digest = derive("request-digest")
        self._paper_keys = derive("paper")
        self._receipt_key = Ed25519PrivateKey.from_private_bytes(derive("receipt"))
        self._audit_key = Ed25519PrivateKey.from_private_bytes(derive("audit"))

    def encrypt_identity(self, number: str) -> bytes:
        """AES-256-GCM; the nonce leads."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._identity_cipher.encrypt(nonce, number.encode(), None)

    def decrypt_identity(self, sealed: bytes) -> str:
        return self._identity_cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()

    def identity_index(self, number: str) -> bytes:
        """HMAC-SHA-256 of the number: equal numbers are found by it, nothing is read from it."""
        return hmac.digest(self._identity_index, number.encode(), hashlib.sha256)

    def paper_key(self, sitting_id: UUID, paper_id: UUID) -> bytes:
        """The AES-256 key that seals one form of one sitting until the candidate starts."""
        return hmac.digest(self._paper_keys, sitting_id.bytes + paper_id.bytes, hashlib.sha256)

    def request_digest(self, request: bytes) -> str:
        """HMAC-SHA-256 as 64 hexadecimal digits."""
        return hmac.digest(self._request_digest, request, hashlib.sha256).hex()

    def sign_receipt(self, payload: bytes) -> str:
        """Ed25519 signature (RFC 8032), base64."""
        return _sign(self._receipt_key, payload)

    def sign_audit(self, payload: bytes) -> str:
        """Of heads of the audit log and of exported records: Ed25519 signature (RFC 8032), base64."""
        return _sign(self._audit_key, payload)

    @property
    def receipt_public_key(self) -> str:
        """The raw Ed25519 public key, base64: whoever has it can check receipts."""
        return _public(self._receipt_key)

    @property
    def audit_public_key(self) -> str:
        """The raw Ed25519 public key, base64: whoever has it can check signed heads and exported records."""
        return _public(self._audit_key)


def verify_signature(public_key: str, payload: bytes, signature: str) -> bool:
    """Whether `signature` (base64) over `payload` was made with the key of `public_key` (base64).

    Raises ValueError when `public_key` is no Ed25519 public key.
    """
    key = Ed25519PublicKey.from_public_bytes(_decode(public_key))
    try:
        key.verify(_decode(signature), payload)
    except (InvalidSignature, ValueError):
        return False
    return True


def _decode(text: str) -> bytes:
    """Of base64 in its one canonical form (RFC 4648, 3.5), so that no other text passes for the same signature."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError("not canonical base64")
    return value


def _sign(key: Ed25519PrivateKey, payload: bytes) -> str:
    return base64.b64encode(key.sign(payload)).decode()


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def load_keyring(settings: Settings) -> Keyring:
    """The keyring of the root secret."""
    return Keyring(root_secret(settings))


def root_secret(settings: Settings) -> str:
    """The configured one, else one made at first use and kept in the data folder."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    return _kept_secret(_secret_file(settings))


def has_secret(settings: Settings) -> bool:
    """Whether there is a secret already, and `load_keyring` would not make one."""
    return settings.secret_key is not None or _secret_file(settings).exists()


def _secret_file(settings: Settings) -> Path:
    return settings.data_dir / "secret.key"


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
