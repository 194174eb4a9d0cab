"""What libjpeg says of a JPEG's data: MuPDF and Pillow show what it makes of damaged data and pass over its warnings."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import suppress

import cv2
import numpy as np

# Bytes too many before the end mark are harmless: cameras leave some.
_DAMAGE = re.compile(rb"Corrupt JPEG data: (bad Huffman code|premature end of data segment|found marker .*)")
_ERRORS = 2  # the file descriptor that libraries written in C complain to
_hearing = threading.Lock()


def damage(data: bytes) -> str | None:
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
