"""Parameters of every agent: deterministic quantiles of a distribution, in an order of their own."""

from __future__ import annotations

import hashlib
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from flowsim.authoring.declaration import Strategy
from flowsim.config.population import Distribution, Normal, Population, Uniform
from flowsim.kernel.array_functions import exp, log, polynomial

_TAIL_ABOVE = (
    7.74545014278341407640e-4,
    2.27238449892691845833e-2,
    2.41780725177450611770e-1,
    1.27045825245236838258e0,
    3.64784832476320460504e0,
    5.76949722146069140550e0,
    4.63033784615654529590e0,
    1.42343711074968357734e0,
)
_TAIL_BELOW = (
    1.05075007164441684324e-9,
    5.47593808499534494600e-4,
    1.51986665636164571966e-2,
    1.48103976427480074590e-1,
    6.89767334985100004550e-1,
    1.67638483018380384940e0,
    2.05319162663775882187e0,
    1.0,
)


def agent_parameters(population: Population, strategy: Strategy) -> NDArray[np.float64]:
    """Return the parameters of every agent, shape (fields, agents), rows in the order of the strategy's fields.

    The row ``capital_bn`` holds each agent's equal part of the population's capital, in USD bn.
    """
    values: dict[str, object] = population.parameters
    values["capital_bn"] = population.capital_bn / population.agents
    return np.array([agent_values(name, values[name], population.agents) for name in strategy.parameter_names])


def agent_values(name: str, value: object, n_agents: int) -> NDArray[np.float64]:
    """Return one parameter's value for every agent, shape (agents,).

    `value` is a number, a tuple (agent i takes element i modulo its length), or a distribution, whose
    quantiles ``(rank + 1/2) / n_agents`` are dealt out in an order that depends on `name` alone.
    """
    if isinstance(value, Distribution):
        return quantiles(value, n_agents)[deal(name, n_agents)]
    return np.resize(np.asarray(value, dtype=np.float64), n_agents)


def quantiles(distribution: Distribution, n: int) -> NDArray[np.float64]:
    """Return the quantiles at ``(rank + 1/2) / n`` in ascending order, clipped, shape (n,)."""
    levels = (np.arange(n) + 0.5) / n
    if isinstance(distribution, Uniform):
        return distribution.low + (distribution.high - distribution.low) * levels
    standard = normal_quantiles(levels)
    if isinstance(distribution, Normal):
        drawn = distribution.mean + distribution.sd * standard
    else:
        drawn = distribution.median * exp(distribution.sigma * standard)
    low = -np.inf if distribution.low is None else distribution.low
    return np.clip(drawn, low, np.inf if distribution.high is None else distribution.high)


def normal_quantiles(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quantiles of the standard normal law at levels between 1e-11 and 1 - 1e-11, the same on every processor.

    Wichura (1988), "Algorithm AS 241: The Percentage Points of the Normal Distribution": in the middle as the standard
    library has it, and in the tails without the logarithm of the C library.
    """
    tail = np.abs(levels - 0.5) > 0.425
    found = np.zeros(len(levels))
    found[~tail] = [NormalDist().inv_cdf(level) for level in levels[~tail]]
    below = levels[tail] < 0.5
    r = np.sqrt(-log(np.where(below, levels[tail], 1.0 - levels[tail]))) - 1.6
    beyond = polynomial(_TAIL_ABOVE, r) / polynomial(_TAIL_BELOW, r)
    found[tail] = np.where(below, -beyond, beyond)
    return found


def deal(name: str, n: int) -> NDArray[np.int64]:
    """Return the rank that each agent takes of the parameter `name`, a permutation of ``range(n)``, shape (n,).

    The orders of two names are those of independent random numbers, keyed by a hash of the name: agents that
    are slow in one respect are not therefore large in another, and a parameter's order stays the same when
    others come and go.
    """
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=16).digest(), "little")
    # The raw stream of a bit generator is promised not to change between versions of numpy; shuffles are not.
    return np.argsort(np.argsort(np.random.PCG64(key).random_raw(n)))
