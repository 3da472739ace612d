import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from flowsim.errors import InputError
from flowsim.plot import save
from flowsim.plot.style import COLORS, colors, date_ticks, label, spread


def test_a_built_in_source_has_the_same_color_in_every_run():
    assert colors(["news", "cta"])["cta"] == colors(["cta", "mine", "dealer"])["cta"] == COLORS["cta"]


def test_no_two_sources_share_a_color_while_the_palette_lasts():
    names = ["news", "policy", "cta", *(f"desk_{i}" for i in range(len(COLORS) - 3))]
    assert len(set(colors(names).values())) == len(names)


def test_the_color_of_a_user_population_does_not_depend_on_the_order_of_the_config():
    names = ["news", "alpha", "beta", "cta", "gamma"]
    assert colors(names) == colors(names[::-1])


def test_forty_populations_use_every_color_about_equally_often():
    given_colors = list(colors([f"desk_{i}" for i in range(40)]).values())
    assert {given_colors.count(color) for color in COLORS.values()} == {1, 2}


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("vol_control", "Vol control"),
        ("_", "_"),
        ("liquidity_provider", "Liquidity providers"),
        ("population_number_17", "Populatio…ber 17"),
    ],
)
def test_a_long_name_is_printed_in_words_and_by_its_ends(name, printed):
    assert label(name) == printed


def test_crowded_labels_move_apart_and_stay_below_the_top():
    # 0.98 and 0.99 with a gap of 0.1: the upper stops at 1, the lower at 0.9; 0.2 is far enough away.
    assert spread(np.array([0.2, 0.98, 0.99]), 0.1) == pytest.approx([0.2, 0.9, 1.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10), st.floats(0.01, 0.1))
def test_labels_never_overlap_nor_leave_the_panel(heights, gap):
    placed = spread(np.sort(heights), gap)
    assert np.all(np.diff(placed) >= gap - 1e-12)
    assert placed[-1] <= 1
    assert placed[0] >= -1e-9


@given(st.integers(0, 12_000), st.integers(0, 12_000), st.integers(4, 13))
def test_ticks_are_few_ordered_and_inside_the_dates(start, length, n_ticks):
    first = np.datetime64("2000-01-03") + start
    ticks, _ = date_ticks(first, first + length, n_ticks)
    assert min(length, 1) + 1 <= len(ticks) <= n_ticks
    assert np.all(np.diff(ticks).astype(int) > 0)
    assert first <= ticks[0]
    assert ticks[-1] <= first + length


def test_a_year_has_ticks_at_the_first_of_every_other_month():
    ticks, form = date_ticks(np.datetime64("2018-12-31"), np.datetime64("2019-12-31"), 7)
    assert [str(tick) for tick in ticks[:3]] == ["2019-01-01", "2019-03-01", "2019-05-01"]
    assert form == "%b %Y"


def test_days_take_more_room_than_months_and_so_fewer_ticks():
    # 29 days, room for 6 months or 4 days: every 7th day would be 5 ticks, so every 14th.
    ticks, form = date_ticks(np.datetime64("2019-01-01"), np.datetime64("2019-01-29"), 6)
    assert [str(tick) for tick in ticks] == ["2019-01-01", "2019-01-15", "2019-01-29"]
    assert form == "%d %b %Y"


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".PDF", b"%PDF")])
def test_save_writes_the_format_of_the_ending_and_makes_the_folder(tmp_path, ending, start):
    file = save(Figure(figsize=(1, 1)), tmp_path / "new" / f"picture{ending}")
    assert file.read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["picture.xls", "picture"])
def test_save_refuses_another_ending(tmp_path, name):
    with pytest.raises(InputError, match=rf"{name}: a picture ends in \.png, \.svg, \.pdf"):
        save(Figure(), tmp_path / name)


def test_save_says_so_when_the_file_cannot_be_written(tmp_path):
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(InputError, match="cannot write the picture"):
        save(Figure(figsize=(1, 1)), tmp_path / "taken.png")
