"""Pages damaged for training keep a truth that holds together."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

from docvlm.layout.features import LINE, Look
from docvlm.layout.interface import ROLES
from training.page_examples import Truth, _drawn, _shattered, _technical, damaged, example_of

WORDS = "some words that make a line of running text"


def page(seed: int) -> Truth:
    """Paragraphs and lists of a few lines each, one below the other."""
    rng = random.Random(seed)
    looks: list[Look] = []
    roles: list[int] = []
    blocks: list[int] = []
    items: list[int] = []
    for block in range(rng.randint(1, 9)):
        role = ROLES.index(rng.choice(("paragraph", "list", "heading", "table")))
        for row in range(rng.randint(1, 6)):
            top = 20.0 + 12 * len(looks)
            looks.append(Look((50, top, 300, top + 10), f"{WORDS} {row}", 10, False, False, False, 0))
            roles.append(role)
            blocks.append(block)
            items.append(block if rng.random() < 0.9 else -1)
    following = [*range(1, len(looks)), -1]
    return Truth(600, 800, looks, roles, following, blocks, items, [("rule", (50, 15, 300, 16))])


def check(found: Truth) -> None:
    count = len(found.looks)
    assert all(len(each) == count for each in (found.roles, found.next, found.blocks, found.items))
    followed = [line for line in found.next if line >= 0]
    assert len(followed) == len(set(followed)) and all(line < count for line in followed)
    reached, seen = set(range(count)) - set(followed), set[int]()
    for line in reached:
        while line >= 0:
            assert line not in seen, "lines are read in a circle"
            seen.add(line)
            line = found.next[line]
    assert len(seen) == count


@pytest.mark.parametrize("seed", range(40))
def test_damage_leaves_an_order(seed: int) -> None:
    found = damaged(page(seed), random.Random(seed))
    check(found)
    if found.looks:
        example = example_of(found)
        assert example.lines.shape == (len(found.looks), LINE)


def test_a_shattered_line_is_its_words_in_their_order() -> None:
    whole = replace(page(1), looks=page(1).looks[:1], roles=[2], next=[-1], blocks=[0], items=[0])
    found = _shattered(whole, random.Random(0))
    check(found)
    line, words = next(iter(set(range(len(found.looks))) - set(found.next))), []
    while line >= 0:
        words.append(found.looks[line].text)
        line = found.next[line]
    assert words == whole.looks[0].text.split()
    assert len(set(found.items)) == 1


def test_technical_words_come_only_into_running_text_of_several_lines() -> None:
    rng = random.Random(2)
    changed = 0
    for seed in range(30):
        before = page(seed)
        after = _technical(before, rng, 1.0)
        for line, (old, new) in enumerate(zip(before.looks, after.looks)):
            if old.text != new.text:
                changed += 1
                assert ROLES[before.roles[line]] in ("paragraph", "list")
                assert before.items.count(before.items[line]) > 1
            assert old.box == new.box
    assert changed > 20


def test_rare_engines_are_drawn_oftener_than_their_share(tmp_path: Path) -> None:
    shards = [tmp_path / "many" / f"{n}" for n in range(64)] + [tmp_path / "few" / f"{n}" for n in range(4)]
    rng = random.Random(3)
    drawn = [shard for _ in range(500) for shard in _drawn(shards, rng)]
    share = sum(shard.parent.name == "few" for shard in drawn) / len(drawn)
    assert 0.15 < share < 0.25  # 2 of 8 + 2
