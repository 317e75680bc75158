"""What is kept secret stays so, and what is signed cannot be changed."""

import base64
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from app.core.keyring import Keyring, load_keyring, verify_signature
from app.core.settings import Settings

KEYRING = Keyring("a secret of the tests that is long enough")
OTHER = Keyring("another secret of the tests, as long as that")

numbers = st.text(st.sampled_from("0123456789X"), min_size=15, max_size=18)
texts = st.text(max_size=40)
payloads = st.binary(min_size=1, max_size=200)


@given(texts)
def test_identity_is_decrypted_to_what_was_encrypted(number: str) -> None:
    assert KEYRING.decrypt_identity(KEYRING.encrypt_identity(number)) == number


@given(numbers)
def test_identity_is_encrypted_differently_each_time(number: str) -> None:
    first, second = KEYRING.encrypt_identity(number), KEYRING.encrypt_identity(number)
    assert first != second
    assert number.encode() not in first


@given(numbers, st.data())
def test_changed_ciphertext_is_refused(number: str, data: st.DataObject) -> None:
    with pytest.raises(InvalidTag):
        KEYRING.decrypt_identity(changed(KEYRING.encrypt_identity(number), data))


@given(numbers)
def test_another_installation_cannot_decrypt(number: str) -> None:
    with pytest.raises(InvalidTag):
        OTHER.decrypt_identity(KEYRING.encrypt_identity(number))


@given(numbers, numbers)
def test_index_is_equal_only_for_equal_numbers(one: str, other: str) -> None:
    assert (KEYRING.identity_index(one) == KEYRING.identity_index(other)) == (one == other)
    assert KEYRING.identity_index(one) != OTHER.identity_index(one)


@given(payloads)
def test_receipts_verify_with_the_public_key_alone(payload: bytes) -> None:
    signature = KEYRING.sign_receipt(payload)
    assert verify_signature(KEYRING.receipt_public_key, payload, signature)
    assert not verify_signature(OTHER.receipt_public_key, payload, signature)


@given(payloads, st.data())
def test_any_changed_byte_fails(payload: bytes, data: st.DataObject) -> None:
    signature = KEYRING.sign_receipt(payload)
    assert not verify_signature(KEYRING.receipt_public_key, changed(payload, data), signature)
    forged = base64.b64encode(changed(base64.b64decode(signature), data)).decode()
    assert not verify_signature(KEYRING.receipt_public_key, payload, forged)


@given(st.text(max_size=100))
def test_a_signature_that_is_none_fails_without_an_error(signature: str) -> None:
    assert not verify_signature(KEYRING.receipt_public_key, b"payload", signature)


def test_one_secret_gives_the_same_keys_and_one_key_per_purpose() -> None:
    again = Keyring("a secret of the tests that is long enough")
    assert again.token_key == KEYRING.token_key
    assert again.receipt_public_key == KEYRING.receipt_public_key
    assert KEYRING.identity_index("request").hex() != KEYRING.request_digest(b"request")


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new", secret_key=None)
    first = load_keyring(settings)
    file = tmp_path / "new" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text()) >= 64
    kept = file.read_bytes()
    assert load_keyring(settings).receipt_public_key == first.receipt_public_key
    assert file.read_bytes() == kept


def test_installations_have_different_secrets(tmp_path: Path) -> None:
    keys = {load_keyring(Settings(data_dir=tmp_path / name, secret_key=None)).token_key for name in ("a", "b")}
    assert len(keys) == 2


def test_a_configured_secret_is_not_written_down(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="a secret of the tests that is long enough")
    assert load_keyring(settings).token_key == KEYRING.token_key
    assert list(tmp_path.iterdir()) == []


def changed(content: bytes, data: st.DataObject) -> bytes:
    """The content with one byte made another."""
    place = data.draw(st.integers(0, len(content) - 1), label="place")
    flip = data.draw(st.integers(1, 255), label="flip")
    return content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :]
