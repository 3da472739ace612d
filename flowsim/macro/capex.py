"""Capital spending of builders: plans around guidance, what power and chips let through, and capital in service.

    plan = guidance * exp(mood),  mood = keep * mood' + sd * z
    spent = plan * min(power factor, chip factor), less what finance cuts
    chip factor = min(1, (1 + chip growth) * spent' / plan)
    computers = (1 - decay) * computers' + share * (spent `service_lag` quarters ago); likewise buildings

A dash marks last quarter's value.
"""

from __future__ import annotations

from flowsim.kernel.functions import exp
from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.state import LONGEST_LAG


@inline
def plan_capex(layer, quarter, lane):
    """Find what each company plans and vehicles plan, and the capacity that they ask of utilities."""
    capex, state, found = layer.numbers.capex, layer.state, layer.found
    state.guided[lane] *= 1.0 + capex.guidance_growth[quarter]
    total = 0.0
    for one in range(N_COMPANIES):
        news = capex.mood_sd[quarter] * layer.shocks[one, lane]
        state.mood[one, lane] = capex.keep_mood[quarter] * state.mood[one, lane] + news
        guided = layer.numbers.builders.guidance[one, quarter] * state.guided[lane] * capex.scale[quarter]
        plan = guided * exp(state.mood[one, lane])
        if layer.given.is_given[quarter] > 0.0:
            plan = layer.given.capex[one, quarter]
        found.plan[one, lane] = plan
        total += plan
    vehicles = layer.numbers.vehicles
    found.plan_vehicles[lane] = vehicles.plan[quarter] * vehicles.plan_scale[quarter] * state.guided[lane]
    at_home = capex.us_share[quarter] * total + found.plan_vehicles[lane]
    found.request[lane] = capex.ai_share[quarter] * at_home / capex.cost_per_gw[quarter]


@inline
def limit_capex(layer, quarter, lane):
    """Find what companies spend as far as power and chips let them; what is given was spent."""
    state, found = layer.state, layer.found
    for one in range(N_COMPANIES):
        plan = found.plan[one, lane]
        most = (1.0 + layer.numbers.capex.chip_growth[quarter]) * state.capex[one, lane]
        free = layer.given.is_given[quarter] > 0.0 or plan <= most
        found.chip_factor[one, lane] = 1.0 if free else most / plan
        limit = min(found.power_factor[lane], found.chip_factor[one, lane])
        state.capex[one, lane] = plan if layer.given.is_given[quarter] > 0.0 else plan * limit


@inline
def age_capital(layer, quarter, lane):
    """Depreciate what serves, and take into service what is finished."""
    capex, state = layer.numbers.capex, layer.state
    hard = capex.hard_share[quarter]
    for one in range(N_COMPANIES):
        lost_hard = capex.hard_decay[quarter] * state.computers[one, lane]
        lost_building = capex.building_decay[quarter] * state.buildings[one, lane]
        layer.found.depreciation[one, lane] = lost_hard + lost_building
        finished = state.construction[one, 0, lane]
        state.computers[one, lane] += hard * finished - lost_hard
        state.buildings[one, lane] += (1.0 - hard) * finished - lost_building
        for slot in range(LONGEST_LAG - 1):
            state.construction[one, slot, lane] = state.construction[one, slot + 1, lane]
        state.construction[one, LONGEST_LAG - 1, lane] = 0.0


@inline
def begin_construction(layer, quarter, lane):
    """Let what was spent wait for service."""
    state, lag = layer.state, int(layer.numbers.capex.service_lag[quarter])
    for one in range(N_COMPANIES):
        state.construction[one, lag - 1, lane] += state.capex[one, lane]


@inline
def home_part(layer, quarter):
    """Return the part of builders' spending that is made at home: in the United States and not imported."""
    capex = layer.numbers.capex
    hard = capex.hard_share[quarter]
    imported = hard * capex.hard_import[quarter] + (1.0 - hard) * capex.building_import[quarter]
    return capex.us_share[quarter] * (1.0 - imported)
