"""Counts which glyphs occur in rendered samples: the table of what the glyph finder tells apart.

python -m training.text.classes SHARDS [--least 20] [-o training/text/glyph_classes.json]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from docvlm.files import write_atomically
from training.finder_examples import CLASSES, merged
from training.reader_examples import shards_of
from training.text.shards import read_shard


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shards", type=Path)
    parser.add_argument("--least", type=int, default=20, help="leave out what occurs less often")
    parser.add_argument("-o", "--output", type=Path, default=CLASSES)
    given = parser.parse_args()
    counts: Counter[tuple[str, int]] = Counter()
    for path in shards_of(given.shards):
        for sample in read_shard(path):
            counts.update((merged(sample.glyphs) or ([],))[0])
    styles: dict[int, list[str]] = defaultdict(list)
    for (text, style), count in sorted(counts.items()):
        if count >= given.least:
            styles[style].append(text)
    table = {str(style): styles[style] for style in sorted(styles)}
    write_atomically(given.output, (json.dumps(table, indent=1) + "\n").encode())
    print(f"{given.output}: {sum(map(len, table.values()))} classes")


if __name__ == "__main__":
    main()
