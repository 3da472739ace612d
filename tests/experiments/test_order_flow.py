"""Claim 1, second part, on made markets: what all flows carry, and that an input decides it."""

import numpy as np
import pytest
from helpers.made_samples import MadeLaboratory, sample, surely, us_equity, values_of

from flowsim.config import Config
from flowsim.ensemble.sample import Sample
from flowsim.experiments import order_flow
from flowsim.experiments.arms import noise_traders
from flowsim.experiments.experiment import conduct
from flowsim.experiments.order_flow import all_share, measure

MOVES = np.random.default_rng(1).normal(size=(60, 400))


@pytest.mark.parametrize(("flows", "share"), [(0.0, 0.0), (1.0, 50.0), (-0.25, -100.0 / 3.0)])
def test_all_flows_have_the_share_that_they_make_of_every_move(flows: float, share: float) -> None:
    one = sample(MOVES.shape, contribution={"news": MOVES, "noise": 0.5 * flows * MOVES, "cta": 0.5 * flows * MOVES})
    assert values_of(measure({"with": one}))[all_share(5)] == pytest.approx(share)


def test_no_criterion_counts_so_that_the_claim_is_undecided_whatever_comes() -> None:
    def made(config: Config) -> Sample:
        off = not config.population["noise"].moves_price
        parts = {"news": 0.1 * MOVES} | ({} if off else {"noise": 0.9 * MOVES})
        return sample(MOVES.shape, config=config, contribution=parts)

    finding = conduct(order_flow.EXPERIMENT, MadeLaboratory(made, 60), us_equity())
    assert [one.met for one in finding.tried] == [True] * 3
    assert (finding.label, finding.verdict, finding.null.verdict) == ("1b", "undecided", "undecided")
    assert finding.sentences[0].startswith("Of 3 criteria none counts: undecided. Not counted: “all flows, noise")
    assert "is decided by an input, how large noise trading is against news" in finding.sentences[0]


def test_what_is_told_says_that_the_split_is_assumed() -> None:
    effects = {all_share(days): surely(share) for days, share in ((1, 84.4), (5, 76.0), (21, 71.6))}
    (said,) = order_flow.tell(effects)
    assert said.startswith("Flows of any kind carry 84 % at 1 day, 76 % at 5 days, 72 % at 21 days. That is the split")


def test_noise_is_scanned_and_nobody_else() -> None:
    assert noise_traders(us_equity()) == ["noise"]
    half = order_flow.scan_arms(us_equity(), 0.5)["with"]
    assert half.population["noise"].capital_bn == 0.5 * us_equity().population["noise"].capital_bn
    assert half.population["cta"] == us_equity().population["cta"]
