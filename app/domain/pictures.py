"""Pictures kept as evidence: what they are is told by their content, not by what the sender says of them."""

import warnings
from io import BytesIO

from PIL import Image

from app.core.problems import Problem

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 24_000_000

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg"}
"""By Pillow's format; MPO is a JPEG with further pictures behind the first, as some cameras write them."""


def media_type(content: bytes) -> str:
    """`image/png` or `image/jpeg`.

    No pixel is decoded: the size stands in the header, and `verify` checks a PNG chunk by chunk.
    Raises Problem `evidence_too_large` (413), `evidence_not_picture` (415).
    """
    if len(content) > MOST_BYTES:
        raise Problem("evidence_too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
                kind, pixels = MEDIA_TYPES[picture.format or ""], picture.width * picture.height
                picture.verify()
    except Image.DecompressionBombError as error:
        raise Problem("evidence_too_large") from error
    except Exception as error:
        raise Problem("evidence_not_picture") from error
    if pixels > MOST_PIXELS:
        raise Problem("evidence_too_large")
    return kind
