"""The registry of checks, and the one meaning of `reliable`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from docvlm import checks, confidence
from docvlm.calibration import Calibration
from docvlm.charts.data import Evidence
from docvlm.charts.kinds import CHART_KINDS
from docvlm.charts.reliability import FEATURES, of_chart
from docvlm.checks import RELIABLE_SCORE, RULES, Rule
from docvlm.confidence import DOUBTED, combine
from docvlm.schema import Check

_REGISTRY = ROOT / "docvlm" / "checks.py"


def _nodes(*folders: str) -> Iterator[tuple[Path, ast.AST]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from ((path, node) for node in ast.walk(ast.parse(path.read_text())))


def test_every_check_is_made_by_its_rule() -> None:
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, node in _nodes("docvlm", "cli", "export")
        if isinstance(node, ast.Call)
        and path != _REGISTRY
        and ((isinstance(node.func, ast.Name) and node.func.id == "Check")
             or (isinstance(node.func, ast.Attribute) and node.func.attr == "Check"))
    ]  # fmt: skip
    assert not made


def test_every_rule_is_used() -> None:
    used = {
        node.attr
        for path, node in _nodes("docvlm")
        if isinstance(node, ast.Attribute) and path != _REGISTRY
        and isinstance(node.value, ast.Name) and node.value.id == "checks"
    }  # fmt: skip
    rules = {name: each for name, each in vars(checks).items() if isinstance(each, Rule)}
    assert {rule.name for rule in rules.values()} == RULES.keys()
    assert {name for name, rule in rules.items() if rule not in checks.UNREAD.values()} - used == set()
    assert "UNREAD" in used


def test_the_table_says_all_of_every_check() -> None:
    table = list(checks.rows())
    assert len(table) == len(RULES) > 30
    for name, meaning, demand, role, remedy in table:
        assert name == name.lower() and " " not in name
        assert meaning[0].isupper() and meaning.endswith(".") and len(remedy) > 10, name
        assert role in ("veto", "evidence")
        assert bool(demand) == bool(RULES[name].unit), name
    assert ("repetition", "at most 0.5 of the words, or of a series' marks") in [
        row[::2][:2] for row in table
    ]


def test_a_rule_knows_which_side_of_its_limit_is_good() -> None:
    high, low = checks.TEXT_AGREEMENT, checks.REPETITION
    assert high.limit is not None and low.limit is not None
    assert high(0.95) == Check(name="text-agreement", value=0.95, threshold=0.9, passed=True)
    assert high(high.limit).passed and low(low.limit).passed
    assert not high(high.limit - 1e-6).passed and not low(low.limit + 1e-6).passed
    assert checks.FORMULA_SEEN(0.7, limit=0.6).passed and not checks.FORMULA_SEEN(0.7).passed
    assert checks.FINISHED(passed=False) == Check(name="finished", value=None, threshold=None, passed=False)


def test_reliable_is_a_score_of_eight_tenths_and_no_failed_veto() -> None:
    assert RELIABLE_SCORE == 0.8
    veto, evidence = checks.REPETITION(0.9), checks.MARKS_IN_PICTURE(0.1)
    assert not veto.passed and not evidence.passed
    for score in (0.0, 0.3, 0.7999, 0.8, 1.0):
        assert combine(score, []).reliable == (score >= 0.8)
        assert combine(score, [evidence]).reliable == (score >= 0.8)
        assert combine(score, [evidence]).score == score
        doubted = combine(score, [evidence, veto])
        assert not doubted.reliable and doubted.score == min(score, DOUBTED)
        assert doubted.checks == [evidence, veto]


def test_what_is_printed_decides() -> None:
    assert combine(0.79996, []).score == 0.8 and combine(0.79996, []).reliable
    assert combine(1.3, []).score == 1.0 and combine(-0.1, []).score == 0.0


@pytest.mark.parametrize("bias", [3.0, -3.0])
def test_a_chart_is_reliable_by_the_same_rule(bias: float) -> None:
    fitted = Calibration(bias, dict.fromkeys(FEATURES, 0.0))
    doubts = Evidence(
        CHART_KINDS["vertical_bar"], values=4, labelled=1.0, outside=0.5, seen=0.2, unnamed=0.5, uneven=0.5
    )
    chart = of_chart(doubts, fitted)
    failed = {check.name for check in chart.checks if not check.passed}
    assert {"values-beyond-axis", "marks-in-picture", "names-missing", "series-incomplete"} <= failed
    assert chart.reliable == (chart.score >= RELIABLE_SCORE) == (bias > 0)
    doubts.stuck = 0.9
    stuck = of_chart(doubts, fitted)
    assert not stuck.reliable and stuck.score == min(chart.score, DOUBTED)


def test_one_function_decides_what_is_reliable() -> None:
    """Elsewhere in the library a verdict is only handed on."""
    deciding = [
        f"{path.relative_to(ROOT)}:{node.value.lineno}"
        for path, node in _nodes("docvlm")
        if isinstance(node, ast.keyword) and node.arg == "reliable"
        and path != Path(confidence.__file__)
        and not (isinstance(node.value, ast.Attribute) and node.value.attr == "reliable")
    ]  # fmt: skip
    assert not deciding
