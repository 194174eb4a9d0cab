"""Trains the reading model's tokenizer on rendered samples.

python -m training.text.vocabulary SHARDS [--samples 60000] [-o training/text/tokenizer.json]
"""

from __future__ import annotations

import argparse
import itertools
import random
from pathlib import Path

from docvlm.files import write_atomically
from docvlm.formulas.tokens import train_tokenizer
from training.reader_examples import shards_of
from training.reader_task import TOKENIZER
from training.text.shards import read_shard


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shards", type=Path)
    parser.add_argument("--samples", type=int, default=60000)
    parser.add_argument("-o", "--output", type=Path, default=TOKENIZER)
    given = parser.parse_args()
    paths = shards_of(given.shards)
    random.Random(1).shuffle(paths)
    samples = (sample for path in paths for sample in read_shard(path))
    tokenizer = train_tokenizer(
        (sample.text, sample.kind) for sample in itertools.islice(samples, given.samples)
    )
    write_atomically(given.output, (tokenizer.tokenizer.to_str(pretty=True) + "\n").encode())
    print(f"{given.output}: {tokenizer.size} tokens")


if __name__ == "__main__":
    main()
