"""Nights between sessions against clocks read by hand."""

import numpy as np
import pytest

from flowsim.clock import sessions
from flowsim.clock.nights import nights_before, usual_hours

BY_HAND = {
    "2025-01-15": (17.5, False),  # Tuesday 16:00 to Wednesday 9:30
    "2025-01-13": (65.5, True),  # Friday to Monday
    "2025-03-10": (64.5, True),  # the clock goes forward on Sunday the 9th
    "2025-11-03": (66.5, True),  # and back on Sunday the 2nd
    "2007-03-12": (64.5, True),  # the first spring of the rule of 2005; the year before it was in April
    "2006-04-03": (64.5, True),
    "2025-11-28": (41.5, True),  # Wednesday to the Friday after Thanksgiving
    "2025-12-01": (68.5, True),  # that Friday closed at 13:00
    "2025-07-07": (92.5, True),  # Thursday 3 July 13:00 to Monday
    "2025-01-10": (41.5, True),  # the day of mourning on Thursday 9 January 2025
    "2025-02-18": (89.5, True),  # over Presidents' Day
    "2001-09-17": (161.5, True),  # Monday 10 September to Monday
    "2025-12-26": (44.5, True),  # from 13:00 on Christmas Eve
}


@pytest.mark.parametrize("date", BY_HAND)
def test_a_night_has_the_hours_of_a_clock(date: str) -> None:
    hours, over = BY_HAND[date]
    night = nights_before(np.array([date], "datetime64[D]"))
    assert night.hours.tolist() == [hours]
    assert night.over_a_closed_day.tolist() == [over]
    assert night.bars.tolist() == [hours + 0.5]


def test_every_night_is_half_an_hour_more_than_whole_hours_and_less_than_a_week() -> None:
    hours = nights_before(sessions("1971-01-04", "2060-12-31").dates).hours
    assert (hours % 1.0 == 0.5).all()
    assert hours.min() == 17.5
    assert hours.max() == 161.5


def test_the_usual_hours_add_up_to_those_between_two_sessions() -> None:
    usual, days = usual_hours(), sessions("2000-01-03", "2029-12-31").dates
    calendar_hours = 24.0 * float((days[-1] - days[0]).astype(int)) / (len(days) - 1)
    assert sum(usual) == pytest.approx(calendar_hours, rel=1e-3)
    assert usual.session == pytest.approx(6.5, abs=0.05)
