"""How many pictures a TIFF file holds, by its chain of directories alone.

Pillow reads each directory's tags for it, which takes minutes where there are a hundred thousand.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

_MARKS = {b"II": "<", b"MM": ">"}  # the byte order
_CLASSIC, _BIG = 42, 43  # the version, which says how wide offsets are
_ENTRY, _BIG_ENTRY = 12, 20  # bytes of a tag


def frames(file: BinaryIO) -> int:
    """The number of directories in the chain, each counted once; 0 where this is no TIFF file. Moves the file's place."""
    file.seek(0)
    head = file.read(16)
    order = _MARKS.get(head[:2])
    if order is None or len(head) < 8:
        return 0
    (version,) = struct.unpack(order + "H", head[2:4])
    if version == _CLASSIC:
        (offset,) = struct.unpack(order + "I", head[4:8])
        return _chain(file, offset, order + "H", order + "I", _ENTRY)
    if version == _BIG and len(head) == 16:
        (offset,) = struct.unpack(order + "Q", head[8:16])
        return _chain(file, offset, order + "Q", order + "Q", _BIG_ENTRY)
    return 0


def _chain(file: BinaryIO, offset: int, count: str, link: str, entry: int) -> int:
    end = file.seek(0, os.SEEK_END)
    seen: set[int] = set()
    while 0 < offset < end and offset not in seen:
        file.seek(offset)
        tags = file.read(struct.calcsize(count))
        if len(tags) < struct.calcsize(count):
            break
        after = offset + len(tags) + struct.unpack(count, tags)[0] * entry
        if after > end:
            break
        seen.add(offset)
        file.seek(after)
        following = file.read(struct.calcsize(link))
        if len(following) < struct.calcsize(link):
            break
        (offset,) = struct.unpack(link, following)
    return len(seen)
