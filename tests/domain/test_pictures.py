"""Evidence is a PNG or a JPEG of bounded size by its content, whatever it is called."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.core.problems import Problem
from app.domain.pictures import MOST_BYTES, media_type


def picture(kind: str, size: tuple[int, int] = (8, 6)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, "white").save(stream, kind)
    return stream.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def claiming(width: int, height: int) -> bytes:
    """A sound PNG of some hundred bytes that says it is so large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def refusal(content: bytes) -> str:
    with pytest.raises(Problem) as caught:
        media_type(content)
    return caught.value.code


def test_what_it_is_is_told_by_its_content() -> None:
    assert media_type(picture("PNG")) == "image/png"
    assert media_type(picture("JPEG")) == "image/jpeg"
    assert media_type(picture("MPO")) == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 this program cannot be run in DOS mode",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        picture("GIF"),
        picture("TIFF"),
        picture("PNG")[:-20],
        picture("PNG").replace(b"IDAT", b"IDAX"),
    ],
    ids=["empty", "program", "svg", "gif", "tiff", "cut", "broken"],
)
def test_anything_else_is_refused(content: bytes) -> None:
    assert refusal(content) == "evidence_not_picture"


def test_too_many_bytes_or_pixels_are_refused() -> None:
    assert refusal(picture("PNG") + bytes(MOST_BYTES)) == "evidence_too_large"
    assert refusal(claiming(5000, 5000)) == "evidence_too_large"
    assert refusal(claiming(13000, 10000)) == "evidence_too_large", "Pillow itself warns"
    assert refusal(claiming(60000, 60000)) == "evidence_too_large", "Pillow itself refuses"


@given(content=st.binary(max_size=400), start=st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"]))
def test_nothing_else_comes_of_garbage(content: bytes, start: bytes) -> None:
    with suppress(Problem):
        assert media_type(start + content) in ("image/png", "image/jpeg")
