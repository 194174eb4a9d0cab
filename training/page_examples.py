"""Pages of the data engine (`training.pages`) as examples of the page model, damaged as real ones are."""

from __future__ import annotations

import gzip
import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from docvlm.boxes import Box, as_box, union
from docvlm.layout.features import Look, encode
from docvlm.layout.interface import ROLES

MOST_LINES, SELDOM = 140, 280  # of a page; longer ones are cut to so many, for a batch's sake


@dataclass(frozen=True, slots=True)
class Truth:
    """A page with what is known of it: for each line its role, its successor (-1: none), block and item (-1: none)."""

    width: float
    height: float
    looks: list[Look]
    roles: list[int]
    next: list[int]
    blocks: list[int]
    items: list[int]
    drawn: list[tuple[str, Box]]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    lines: np.ndarray[Any, np.dtype[np.float32]]
    pairs: np.ndarray[Any, np.dtype[np.float32]]
    roles: list[int]
    next: list[int]
    previous: list[int]
    blocks: list[int]
    items: list[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """As `PageNetwork` takes it, with ``next`` and ``previous`` (B, N), where N means none, and ``joined`` (B, N, N, 2)."""

    lines: Tensor
    pairs: Tensor
    mask: Tensor
    roles: Tensor
    next: Tensor
    previous: Tensor
    joined: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


def examples(data: Path, seed: int) -> Iterator[Example]:
    """An endless stream of damaged pages. Shards that appear while it runs are read, too."""
    rng = random.Random(seed)
    while True:
        shards = shards_of(data)
        if not shards:
            raise FileNotFoundError(f"{data} holds no pages-*.jsonl.gz")
        for shard in _drawn(shards, rng):
            pages = list(read_shard(shard))
            rng.shuffle(pages)
            for page in pages:
                page = damaged(page, rng)
                if page.looks:
                    yield example_of(page)


def _drawn(shards: Sequence[Path], rng: random.Random) -> list[Path]:
    """Four shards. A folder, which holds one engine's, is drawn as often as the root of the number of its shards: what is
    made fast must not crowd out what is rarer.
    """
    folders: dict[Path, list[Path]] = {}
    for shard in shards:
        folders.setdefault(shard.parent, []).append(shard)
    weights = [math.sqrt(len(each)) for each in folders.values()]
    return [rng.choice(each) for each in rng.choices(list(folders.values()), weights, k=4)]


def shards_of(data: Path) -> list[Path]:
    """The shards of a folder, and of folders in it."""
    return sorted([*data.glob("pages-*.jsonl.gz"), *data.glob("*/pages-*.jsonl.gz")])


def read_shard(path: Path) -> Iterator[Truth]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for text in file:
            yield truth_of(json.loads(text))


def truth_of(page: dict[str, Any]) -> Truth:
    """A line of a shard."""
    looks = [
        Look(
            as_box(line["box"]), line["text"], float(line["size"]), bool(line["bold"]), bool(line["italic"]),
            bool(line["mono"]), int(line["color"]), (float(line["direction"][0]), float(line["direction"][1])),
        )
        for line in page["lines"]
    ]  # fmt: skip
    drawn = [(str(kind), as_box(box)) for kind, *box in page["drawn"]]
    roles = [ROLES.index(role) for role in page["role"]]
    return Truth(
        page["width"], page["height"], looks, roles, page["next"], page["block"], page["item"], drawn, page["source"]
    )  # fmt: skip


def example_of(page: Truth) -> Example:
    codes = encode(page.looks, page.width, page.height, page.drawn)
    previous = [-1] * len(page.next)
    for line, following in enumerate(page.next):
        if following >= 0:
            previous[following] = line
    return Example(codes.lines, codes.pairs, page.roles, page.next, previous, page.blocks, page.items)


def collate(batch: Sequence[Example]) -> Batch:
    size = max(len(each.roles) for each in batch)
    lines = np.zeros((len(batch), size, batch[0].lines.shape[1]), np.float32)
    pairs = np.zeros((len(batch), size, size, batch[0].pairs.shape[2]), np.float32)
    mask, joined = np.zeros((len(batch), size), bool), np.zeros((len(batch), size, size, 2), bool)
    roles, following, previous = (np.zeros((len(batch), size), np.int64) for _ in range(3))
    for row, each in enumerate(batch):
        n = len(each.roles)
        lines[row, :n], pairs[row, :n, :n], mask[row, :n] = each.lines, each.pairs, True
        roles[row, :n] = each.roles
        following[row, :n] = [size if i < 0 else i for i in each.next]
        previous[row, :n] = [size if i < 0 else i for i in each.previous]
        blocks, items = np.array(each.blocks), np.array(each.items)
        joined[row, :n, :n, 0] = blocks[:, None] == blocks
        joined[row, :n, :n, 1] = (items[:, None] == items) & (items >= 0)
    arrays = lines, pairs, mask, roles, following, previous, joined
    return Batch(*(torch.from_numpy(array) for array in arrays))


# --- damage ---------------------------------------------------------------------------------------


def damaged(page: Truth, rng: random.Random) -> Truth:
    """The page as another producer, OCR or a reader with a pair of scissors would give it."""
    most = SELDOM if rng.random() < 0.1 else MOST_LINES
    if len(page.looks) > most:
        page = _kept(page, _window(page, most, rng))
    if rng.random() < 0.25:
        page = _technical(page, rng, rng.choice([0.05, 0.3]))
    if rng.random() < 0.15:
        page = _split(page, rng, rng.choice([0.03, 0.15]))
    if rng.random() < 0.08:
        page = _shattered(page, rng)
    if rng.random() < 0.2:
        page = _markers_apart(page, rng)
    if rng.random() < 0.3:
        page = _merged(page, rng.choice([1.0, 2.0, 3.0]), rng)
    if rng.random() < 0.25:
        share = rng.choice([0.02, 0.1, 0.3])
        page = _kept(page, [i for i in range(len(page.looks)) if rng.random() > share])
    if rng.random() < 0.15:
        page = _without_blocks(page, rng)
    page = _shaken(page, rng)
    return _hidden(page, rng)


def _kept(page: Truth, kept: Sequence[int]) -> Truth:
    """The page with these lines only; who came before a line that is gone goes on with the one behind it."""
    place = {old: new for new, old in enumerate(kept)}

    def following(line: int) -> int:
        line = page.next[line]
        while line >= 0 and line not in place:
            line = page.next[line]
        return place.get(line, -1)

    return replace(
        page,
        looks=[page.looks[i] for i in kept],
        roles=[page.roles[i] for i in kept],
        next=[following(i) for i in kept],
        blocks=[page.blocks[i] for i in kept],
        items=[page.items[i] for i in kept],
    )


def _window(page: Truth, most: int, rng: random.Random) -> list[int]:
    """A band of the page with so many lines."""
    order = sorted(range(len(page.looks)), key=lambda i: page.looks[i].box[1])
    start = rng.randrange(len(order) - most + 1)
    return order[start : start + most]


def _without_blocks(page: Truth, rng: random.Random) -> Truth:
    """Leaves out whole blocks, as a page would have fewer of them."""
    gone = {block for block in set(page.blocks) if rng.random() < 0.2}
    return _kept(page, [i for i, block in enumerate(page.blocks) if block not in gone])


_RUNNING = tuple(ROLES.index(role) for role in ("paragraph", "list", "footnote", "caption", "side_note"))
_TOKENS = (
    "(https://{a}.{b}-project.org/package={a})", "https://www.{a}.org/{b}/{a}.html", "({a}@{b}.org)", "{a}_{b}()",
    "/usr/share/{a}/{b}", "--{a}-{b}", "{a}.{b}.conf", "\\{a}", "{a}::{b}", "<{a}>", "[{a}]", "({a} 1998, p. 12)", "{a}={b}",
    "$HOME/.{a}", "`{a}'", "‘{a}’", "‘{a}-{b}’", "{a}(1),", "{a}({b})", "§ 12.3", "[12, 14]", "3.4.1", "{a} = 0.05", "x_{a}",
    "(see Section 3.4)", "“{a} {b}”",
)  # fmt: skip


def _technical(page: Truth, rng: random.Random, share: float) -> Truth:
    """Puts addresses, paths, names of functions and references into running text, some of them in the type and colour of
    code or links: of what words are, not of where they stand.
    """
    many = {item for item in page.items if item >= 0 and page.items.count(item) > 1}
    looks = list(page.looks)
    link = rng.choice([0x0563C1, 0x1F4E79, 0x8B0000, 0x00838F])
    for line, look in enumerate(looks):
        words = look.text.split(" ")
        if (
            page.roles[line] not in _RUNNING
            or page.items[line] not in many
            or len(words) < 4
            or rng.random() > share
        ):
            continue
        names = [word.strip(".,;:()") or "x" for word in words]
        size = 0
        for _ in range(rng.choice([1, 1, 2, 3])):
            place = rng.randrange(1, len(words))
            words[place] = rng.choice(_TOKENS).format(a=rng.choice(names), b=rng.choice(names)) + rng.choice(
                ["", "", ".", ","]
            )
            size += len(words[place])
        text = " ".join(words)[: max(len(look.text), 12)]
        style = rng.random() if size > 0.4 * len(text) else 1.0
        looks[line] = replace(
            look,
            text=text,
            mono=True if style < 0.35 else look.mono,
            bold=True if 0.35 < style < 0.5 else look.bold,
            color=link if 0.3 < style < 0.6 else look.color,
        )
    return replace(page, looks=looks)


def _shattered(page: Truth, rng: random.Random) -> Truth:
    """Cuts a few lines into their words, as files do that set a line's words one by one."""
    for line in rng.sample(range(len(page.looks)), min(len(page.looks), rng.choice([1, 2, 4]))):
        while True:
            spaces = [
                i
                for i, c in enumerate(page.looks[line].text)
                if c == " " and page.looks[line].text[:i].strip()
            ]
            if not spaces or len(page.looks) > SELDOM:
                break
            before = len(page.looks)
            page = _cut(page, line, spaces[0], 0.0)
            if len(page.looks) == before:
                break
            line = len(page.looks) - 1
    return page


def _split(page: Truth, rng: random.Random, share: float) -> Truth:
    """Cuts lines at one of their spaces."""
    for line in range(len(page.looks)):
        text = page.looks[line].text
        spaces = [i for i, c in enumerate(text) if c == " " and text[:i].strip() and text[i:].strip()]
        if spaces and rng.random() < share:
            page = _cut(page, line, rng.choice(spaces), 0.0)
    return page


def _markers_apart(page: Truth, rng: random.Random) -> Truth:
    """Makes the markers of lists lines of their own."""
    lists = ROLES.index("list")
    for line in range(len(page.looks)):
        head, space, _ = page.looks[line].text.partition(" ")
        if page.roles[line] == lists and space and 0 < len(head) <= 3 and not head.isalpha():
            page = _cut(page, line, len(head), rng.uniform(0.0, 1.0))
    return page


def _cut(page: Truth, line: int, at: int, apart: float) -> Truth:
    """Cuts an upright line before its character ``at``; the second part comes last of the page's lines."""
    look = page.looks[line]
    if look.direction[0] < 0.9 or any(0x590 <= ord(c) < 0x900 for c in look.text):
        return page
    x0, y0, x1, y1 = look.box
    middle = x0 + (x1 - x0) * at / len(look.text)
    space = (x1 - x0) / len(look.text)
    gap = apart * look.size / 2
    first = replace(look, text=look.text[:at], box=(x0 - gap, y0, middle - gap, y1))
    second = replace(look, text=look.text[at + 1 :], box=(min(middle + space, x1 - 0.5), y0, x1, y1))
    looks, following, items = list(page.looks), list(page.next), list(page.items)
    looks[line], new = first, len(looks)
    following[line], last = new, following[line]
    if items[line] < 0:
        items[line] = max(items) + 1
    return replace(
        page,
        looks=[*looks, second],
        roles=[*page.roles, page.roles[line]],
        next=[*following, last],
        blocks=[*page.blocks, page.blocks[line]],
        items=[*items, items[line]],
    )


def _merged(page: Truth, most: float, rng: random.Random) -> Truth:
    """Joins level lines of one block and role that follow each other and stand no more than ``most`` ems apart."""
    gone: set[int] = set()
    looks, following = list(page.looks), list(page.next)
    for line in range(len(looks)):
        other = following[line]
        while other >= 0 and line not in gone and _can_be_one(page, looks, line, other, most):
            if rng.random() < 0.2:
                break
            a, b = looks[line], looks[other]
            looks[line] = replace(a, text=f"{a.text} {b.text}", box=union([a.box, b.box]))
            gone.add(other)
            following[line] = other = following[other]
    page = replace(page, looks=looks, next=following)
    return _kept(page, [i for i in range(len(looks)) if i not in gone])


def _can_be_one(page: Truth, looks: Sequence[Look], line: int, other: int, most: float) -> bool:
    a, b = looks[line], looks[other]
    level = abs((a.box[1] + a.box[3]) - (b.box[1] + b.box[3])) < 0.4 * a.size
    near = -0.5 * a.size < b.box[0] - a.box[2] < most * a.size
    same = page.blocks[line] == page.blocks[other] and page.roles[line] == page.roles[other]
    return level and near and same and a.direction == b.direction


def _shaken(page: Truth, rng: random.Random) -> Truth:
    """Other heights of line boxes, other margins, jitter, a tilt of a scan, and other sizes than the file's own."""
    high, low = rng.gauss(0, 0.08), rng.gauss(0, 0.08)
    jitter = rng.choice([0.0, 0.0, 0.02, 0.08])
    noise = rng.choice([0.0, 0.0, 0.03, 0.1])
    tilt = rng.choice([0.0, 0.0, 0.0, rng.uniform(-0.008, 0.008)])
    left, top = (rng.choice([0.0, 0.0, rng.uniform(-0.08, 0.08)]) * page.width for _ in range(2))
    aspect = rng.choice([1.0, 1.0, rng.uniform(0.85, 1.2)])

    def moved(look: Look) -> Look:
        x0, y0, x1, y1 = look.box
        em = look.size
        shake = [rng.gauss(0, jitter * em) if jitter else 0.0 for _ in range(4)]
        slope = tilt * (x0 + x1) / 2
        y0, y1 = y0 - high * em + shake[1] + slope, y1 + low * em + shake[3] + slope
        box = (
            aspect * (x0 + shake[0]) + left,
            y0 + top,
            aspect * max(x1 + shake[2], x0 + 0.2 * em) + left,
            max(y1, y0 + 0.3 * em) + top,
        )
        return replace(look, box=box, size=em * float(np.exp(rng.gauss(0, noise))) if noise else em)

    def placed(box: Box) -> Box:
        return (aspect * box[0] + left, box[1] + top, aspect * box[2] + left, box[3] + top)

    wide = page.width * aspect + left * rng.choice([1, 2, 2])
    return replace(
        page,
        width=wide,
        height=page.height + top * rng.choice([1, 2, 2]),
        looks=[moved(look) for look in page.looks],
        drawn=[(kind, placed(box)) for kind, box in page.drawn],
    )


def _hidden(page: Truth, rng: random.Random) -> Truth:
    """Takes from lines what some files do not say, and from the page what is drawn."""
    ocr = rng.random() < 0.25
    looks = page.looks
    if ocr or rng.random() < 0.05:
        looks = [replace(look, bold=None, italic=None, mono=None) for look in looks]
    if ocr or rng.random() < 0.05:
        looks = [replace(look, color=None) for look in looks]
    if not ocr and rng.random() < 0.05:
        looks = [replace(look, bold=False, italic=False) for look in looks]
    if not ocr and rng.random() < 0.1:
        looks = [replace(look, color=0) for look in looks]
    drawn = page.drawn if rng.random() > (0.7 if ocr else 0.15) else []
    if drawn and rng.random() < 0.1:
        drawn = [each for each in drawn if rng.random() > 0.3]
    return replace(page, looks=looks, drawn=drawn)
