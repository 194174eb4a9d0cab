"""Names that an axis leaves out follow from those it prints."""

from __future__ import annotations

import pytest

from docvlm.charts.sequence import divisions, fill, period


@pytest.mark.parametrize(
    ("whole", "every"),
    [
        ([str(year) for year in range(1990, 2011)], 5),
        ([f"{year}年" for year in range(1971, 1983)], 3),
        ([f"{n / 20:.2f}" for n in range(12)], 4),
        (["June 2017", "July 2017", "August 2017", "September 2017", "October 2017", "November 2017"], 3),
        (["Nov 19", "Dec 19", "Jan 20", "Feb 20", "Mar 20"], 2),
        (["März 2020", "April 2020", "Mai 2020", "Juni 2020", "Juli 2020"], 2),
        (["11/2015", "12/2015", "01/2016", "02/2016", "03/2016"], 2),
        (["2015-11", "2015-12", "2016-01", "2016-02", "2016-03"], 2),
        (["30/08/2003", "31/08/2003", "01/09/2003", "02/09/2003", "03/09/2003"], 2),
        (["Jun 28", "Jun 29", "Jun 30", "Jul 1", "Jul 2"], 2),
        (["28 Feb", "1 Mar", "2 Mar", "3 Mar"], 3),
        (["Q3 2019", "Q4 2019", "Q1 2020", "Q2 2020", "Q3 2020"], 2),
        (["3Q17", "4Q17", "1Q18", "2Q18", "3Q18"], 2),
        (["2017 Q3", "2017 Q4", "2018 Q1", "2018 Q2", "2018 Q3"], 2),
        (["T3 2017", "T4 2017", "T1 2018", "T2 2018", "T3 2018"], 2),
        (["2017年3季度", "2017年4季度", "2018年1季度", "2018年2季度"], 3),
        (["2017年11月", "2017年12月", "2018年1月", "2018年2月", "2018年3月"], 2),
        (["1998/99", "1999/00", "2000/01", "2001/02"], 3),
        (["11/17", "12/17", "1/18", "2/18", "3/18"], 2),
        (["28.02.", "01.03.", "02.03.", "03.03."], 3),
        (["30/04", "01/05", "02/05", "03/05", "04/05"], 2),
    ],
)
def test_the_left_out_names_are_found(whole: list[str], every: int) -> None:
    printed = [name if i % every == 0 else None for i, name in enumerate(whole)]
    places = [40 + 13.2 * i for i in range(len(whole))]
    assert fill(printed, places) == whole


def test_uneven_places_count_by_pixels() -> None:
    assert fill(["2000", None, "2010", None], [100, 120, 200, 240]) == ["2000", "2002", "2010", "2014"]


@pytest.mark.parametrize(
    "names",
    [
        ["North", None, "South", None],
        ["2000", None, None],
        ["2000", None, "2010", None, "2030"],
        ["31 Feb", None, "3 Mar"],
        [None, None],
        ["7", None, "7"],
    ],
)
def test_what_cannot_be_told_is_left_open(names: list[str | None]) -> None:
    assert fill(names, [10.0 * i for i in range(len(names))]) == names


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["2000", "2006", "2012"], [1, 2, 3, 6]),
        (["01/01/2020", "15/01/2020", "29/01/2020"], [1, 2, 7, 14]),
        (["1/17", "3/17", "5/17"], [1, 2]),
        (["Q1 2017", "Q1 2018"], [1, 2, 4]),
        (["North", "South"], list(range(1, 13))),
        (["North"], list(range(1, 13))),
    ],
)
def test_names_say_into_how_many_parts_their_distance_can_be_divided(
    names: list[str], parts: list[int]
) -> None:
    assert divisions(names) == parts


def test_only_months_and_quarters_have_a_period() -> None:
    assert period(["1/17", "3/17", "5/17"]) == 2
    assert period(["2000", "2010", "2020"]) == 1
