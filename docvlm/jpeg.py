"""Whether a JPEG's data is damaged, by what libjpeg says of it and by the data: MuPDF and Pillow show what libjpeg makes of
it and pass over its warnings.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress

import cv2
import numpy as np

# Bytes too many before the end mark are harmless: cameras leave some.
_DAMAGE = re.compile(rb"Corrupt JPEG data: (bad Huffman code|premature end of data segment|found marker .*)")
_HOLE = bytes(64)  # a disk's or a download's block that was never written is longer
_BASELINE = (0xC0, 0xC1)  # the marks of a picture's head whose data are written once, block after block
_TABLES, _SCAN, _END = 0xC4, 0xDA, b"\xff\xd9"
_END_OF_BLOCK = 0
_LENGTHS = 16  # of codes in bits; a table tells how many codes there are of each
_ERRORS = 2  # the file descriptor that libraries written in C complain to
_hearing = threading.Lock()


def damage(data: bytes) -> str | None:
    """What shows that data is lost; ``None`` where nothing does."""
    return _complaint(data) or ("its data has a hole" if _has_hole(data) else None)


def _has_hole(data: bytes) -> bool:
    """Whether zeros stand among the data where no encoder writes them, which libjpeg takes for picture.

    The code of zeros alone means the first symbol of its table. Where that ends a block, zeros are blank paper; where it
    is a coefficient, no picture has so many.
    """
    place, is_baseline = 2, False
    firsts: list[int] = []
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != _SCAN:
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        is_baseline |= data[place + 1] in _BASELINE
        if data[place + 1] == _TABLES:
            firsts += _first_symbols(data[place + 4 : end])
        place = end
    if not is_baseline or not firsts or _END_OF_BLOCK in firsts:
        return False
    end = data.find(_END, place)
    return data.find(_HOLE, place, len(data) if end < 0 else end) >= 0


def _first_symbols(tables: bytes) -> Iterator[int]:
    """The symbols of the shortest codes for coefficients."""
    while len(tables) > _LENGTHS:
        count = sum(tables[1 : 1 + _LENGTHS])
        if tables[0] >> 4 and len(tables) > 1 + _LENGTHS:
            yield tables[1 + _LENGTHS]
        tables = tables[1 + _LENGTHS + count :]


def _complaint(data: bytes) -> str | None:
    """libjpeg's complaint of data that is lost; ``None`` where it has none, and where nobody can hear it."""
    with suppress(OSError, cv2.error), tempfile.TemporaryFile() as heard, _hearing:
        kept = os.dup(_ERRORS)
        try:
            os.dup2(heard.fileno(), _ERRORS)
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
        finally:
            os.dup2(kept, _ERRORS)
            os.close(kept)
        heard.seek(0)
        said = heard.read()
        found = _DAMAGE.search(said)
        if said and not found:
            os.write(_ERRORS, said)  # another thread's, perhaps
        return found[0].decode("ascii", "replace") if found else None
    return None
