"""The plan of every experiment as one text: criteria are fixed before a run, so whoever moves a bound shows it here.

To renew it after a change that is meant: ``pytest tests/experiments/test_written_plan.py --force-regen``.
"""

from collections.abc import Iterator

from helpers.made_samples import us_equity

from flowsim.experiments.experiment import Experiment
from flowsim.experiments.runner import EXPERIMENTS


def written(one: Experiment) -> Iterator[str]:
    config = one.prepared(us_equity())
    yield f"{one.label}. {one.title}"
    yield f"claim: {one.claim}"
    yield f"experiment: {one.experiment}"
    yield f"criterion: {one.criterion}"
    for tried in one.criteria:
        yield f"- {tried.says}: {tried.effect} {tried.beyond} {tried.bound:g}, counts from {tried.counts:g}"
        if tried.assumed:
            yield f"  assumed: decided by {tried.assumed}"
        if tried.scale is not None:
            yield f"  size: {tried.scale.pct_per_unit:g} % for each unit from {tried.scale.neutral:g}"
    yield f"market: {config.time.days} days from {config.time.start}, options listed: {config.options.listed}"
    yield f"tables: {', '.join(config.record.tables)}; paths, times those asked for: {one.paths_times}"
    yield f"scan: {one.scan.parameter}: {', '.join(f'{value:g}' for value in one.scan.values)}"
    yield f"the config stands at {one.scan.configured(config):g}"
    yield f"null: {one.null.says}; on other news: {', '.join(one.null.on_other_news)}"
    yield from (f"- expected {value:g}: {name}" for name, value in one.null.expected.items())
    yield from (f"real: {said} ({source})" for said, source in one.real)


def test_the_plan_is_the_one_that_was_written_down(file_regression) -> None:
    file_regression.check("\n\n".join("\n".join(written(one)) for one in EXPERIMENTS.values()) + "\n")
