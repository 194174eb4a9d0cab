"""Whether a JPEG's data is damaged, by what libjpeg says of it and by the data: MuPDF and Pillow show what libjpeg makes of
it and pass over its warnings.

A flipped bit is picture, too, as a rule: after a few wrong blocks the decoder falls into step again, but has mostly counted
too few blocks or too many. With too many it complains that data is missing; with too few it stops before the data ends,
and says nothing of less than eight bytes. So it is asked again, without the last byte: of a sound picture that is missing.
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

_DAMAGE = re.compile(
    rb"Corrupt JPEG data: (bad Huffman code|premature end of data segment|found marker .*"
    rb"|\d+ extraneous bytes before marker 0xd[0-7])"  # which begin a row or another part of the picture anew
)
_AT_THE_END = re.compile(rb"(Corrupt JPEG data: \d+ extraneous bytes before marker 0xd9\s*)?")
_COMPLAINT = b"Corrupt JPEG data: "
_EARLY = b"premature end of data segment"
_HOLE = bytes(64)  # a disk's or a download's block that was never written is longer
_BASELINE = (0xC0, 0xC1)  # the marks of a picture's head whose data are written once, block after block
_HUFFMAN = (*_BASELINE, 0xC2)  # the marks of those that libjpeg decodes by Huffman codes
_TABLES, _SCAN, _END = 0xC4, 0xDA, b"\xff\xd9"
_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # a mark that ends a scan's data
_FILLING = (b"\xff", b"\0")  # what may stand between the data and the end mark: cameras align files
_END_OF_BLOCK = 0
_LENGTHS = 16  # of codes in bits; a table tells how many codes there are of each
_ERRORS = 2  # the file descriptor that libraries written in C complain to
_hearing = threading.Lock()


def damage(data: bytes, is_read: bool = True) -> str | None:
    """What shows that data is lost; ``None`` where nothing does. Only where the picture ``is_read``, because a page's words
    may stand in it, it is decoded a second time.
    """
    said, is_decoded = _decoded(data)
    found = _DAMAGE.search(said)
    if found:
        return found[0].decode("ascii", "replace")
    flaw = _flaw(data)
    if flaw:
        return flaw
    if is_read and is_decoded and _AT_THE_END.fullmatch(said) and _goes_on(data):
        return "its data goes on after the picture"
    return None


def _goes_on(data: bytes) -> bool:
    """Whether the data has bytes that the picture does not need."""
    end = _last_scan_end(data)
    if end is None:
        return False
    scan = data[:end]
    for filling in _FILLING:
        scan = scan.rstrip(filling)
    said, is_decoded = _decoded(scan[:-1].rstrip(b"\xff") + _END)
    return is_decoded and _EARLY not in said


def _last_scan_end(data: bytes) -> int | None:
    """Where the data of the last scan ends; ``None`` where no end is marked, and for codes that are not Huffman's."""
    place, is_huffman = 2, False
    while place + 4 <= len(data) and data[place] == 0xFF:
        mark = data[place + 1]
        is_huffman |= mark in _HUFFMAN
        place += 1 if mark == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4])
        if mark == _SCAN:
            found = _NEXT.search(data, place)
            if found is None:
                return None
            place = found.start()
            if found[0] == _END:
                return place if is_huffman else None
    return None


def _flaw(data: bytes) -> str | None:
    """What is wrong with the tables of codes, or zeros among the data where no encoder writes them, which libjpeg takes for
    picture.

    The code of zeros alone means the first symbol of its table. Where that ends a block, zeros are blank paper; where it
    is a coefficient, no picture has so many.
    """
    place, is_baseline = 2, False
    firsts: list[int] = []
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != _SCAN:
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        is_baseline |= data[place + 1] in _BASELINE
        if data[place + 1] == _TABLES:
            for is_for_coefficients, symbols in _symbols(data[place + 4 : end]):
                if len(set(symbols)) < len(symbols):
                    return "its tables of codes are not whole"  # no encoder has two codes for a symbol
                firsts += symbols[:1] if is_for_coefficients else b""
        place = end
    if not is_baseline or not firsts or _END_OF_BLOCK in firsts:
        return None
    end = data.find(_END, place)
    return "its data has a hole" if data.find(_HOLE, place, len(data) if end < 0 else end) >= 0 else None


def _symbols(tables: bytes) -> Iterator[tuple[bool, bytes]]:
    """Of each table whether it is for coefficients, and its symbols by the lengths of their codes."""
    while len(tables) > _LENGTHS:
        count = sum(tables[1 : 1 + _LENGTHS])
        yield tables[0] >> 4 > 0, tables[1 + _LENGTHS : 1 + _LENGTHS + count]
        tables = tables[1 + _LENGTHS + count :]


def _decoded(data: bytes) -> tuple[bytes, bool]:
    """What libjpeg says of the data, its first complaint alone, and whether it made a picture of it; nothing where nobody
    can hear it.
    """
    with suppress(OSError, cv2.error), tempfile.TemporaryFile() as heard, _hearing:
        kept = os.dup(_ERRORS)
        try:
            os.dup2(heard.fileno(), _ERRORS)
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
        finally:
            os.dup2(kept, _ERRORS)
            os.close(kept)
        heard.seek(0)
        said = heard.read()
        if said and not said.startswith(_COMPLAINT):
            os.write(_ERRORS, said)  # another thread's, perhaps
        return said, picture is not None
    return b"", False
