"""Arithmetic that others published about the build-out, done again."""

import pytest

from flowsim.macro.numbers import laid_out


def annuity(years, rate):
    return (1 - (1 + rate) ** -years) / rate


def test_650_bn_of_revenue_is_ten_percent_of_5000_bn_in_perpetuity_only():
    """JPMorgan, November 2025: 650 bn a year for 10 % on 5,000 bn; a margin of .77, and nothing ever replaced."""
    assert pytest.approx(0.10 * 5000, rel=0.01) == 650 * 0.77
    computers, buildings = 0.62 * 5000, 0.38 * 5000
    cash = computers / annuity(5.5, 0.10) + buildings / annuity(20, 0.10)
    assert cash == pytest.approx(980, rel=0.01)
    assert cash / 0.65 == pytest.approx(1500, rel=0.01)


def test_650_bn_is_35_dollars_a_month_of_every_phone_user():
    assert pytest.approx(630) == 35 * 12 * 1.5
    assert pytest.approx(648) == 180 * 12 * 0.3


def test_rent_covers_level_service_of_the_notes():
    """27.3 bn of notes at 6.58 % over 20 years, October 2025; rent on 30 bn of campus at the layer's rate."""
    service = 27.3 / annuity(20, 0.0658)
    assert service == pytest.approx(2.49, abs=0.01)
    rent_rate = float(laid_out(4 * 2026 + 2, 1).vehicles.rent_rate[0])
    assert 4 * rent_rate * 30 == pytest.approx(1.2 * service, rel=0.01)


def test_lives_of_computers_and_buildings_are_those_of_the_notes_to_the_accounts():
    capex = laid_out(4 * 2026 + 2, 1).capex
    assert 2 < 1 / (4 * capex.hard_decay[0]) < 6
    assert 5 < 1 / (4 * capex.building_decay[0]) < 30
