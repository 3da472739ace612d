"""The figures as tables."""

from __future__ import annotations

from .targets import Figures

SMALLEST_SHARE = 0.002


def as_text(figures: Figures) -> str:
    """Return the figures of a run as Markdown."""
    parts = [_machine, _targets, _against_c, _market, _profile, _alternatives]
    return "\n\n".join(part(figures) for part in parts)


def _machine(figures: Figures) -> str:
    told = figures["machine"]
    return (
        f"{told['processor']}, {told['cores']} cores, {told['system']}; Python {told['python']},"
        f" numba {told['numba']}, numpy {told['numpy']}; {told['compiler']}"
    )


def _targets(figures: Figures) -> str:
    cells = [
        [one["what"], one["target"], f"{one['measured']:.3g}", "pass" if one["met"] else "miss"]
        for one in figures["targets"]
    ]
    return table(["target (ratios to C of the same bits)", "wanted", "measured", ""], cells)


def _against_c(figures: Figures) -> str:
    rows = []
    for one in figures["engine"]:
        what = f"engine, 5 x {one['agents_per_population']} agents, {one['paths']} paths"
        rows.append((what, one["microseconds_per_block_day"], "us a day of 64 paths", one))
    for one in figures["rules"]:
        what = f"rule {one['rule']}, {one['agents']} agents"
        rows.append((what, one["nanoseconds_per_agent_step"], "ns an agent-step", one))
    rows.append(("normal draw", figures["normal"]["nanoseconds"], "ns", figures["normal"]))
    greeks = figures["greeks"]
    rows.append((f"greeks of a book of {greeks['options']}", greeks["nanoseconds"], "ns an option", greeks))
    cells = [
        [
            what,
            *(f"{cost[way]:.3g}" for way in ("flowsim", "c", "c_same_bits")),
            unit,
            f"{one['ratio_to_c']:.2f}",
            f"{one['ratio_to_c_of_same_bits']:.2f}",
        ]
        for what, cost, unit, one in rows
    ]
    return table(["", "flowsim", "C", "C, same bits", "unit", "ratio to C", "to C, same bits"], cells)


def _market(figures: Figures) -> str:
    speed, threads, start = figures["speed"], figures["threads"], figures["start"]
    size = f"{speed['config']}, {speed['bars_per_day']} bars, {speed['populations']} populations"
    cells = [
        [f"path-years a second and core ({size})", f"{speed['path_years_per_core_second']:.0f}"],
        ["two threads against one, wall time", f"{threads['ratio']:.2f} x"],
        ["sessions a second of a replay, one path", f"{figures['replay']['sessions_per_second']:.0f}"],
        ["fresh process to first result, warm", _both(start, "warm")],
        ["fresh process to first result, cold", _both(start, "cold")],
    ]
    return table(["default market", ""], cells)


def _profile(figures: Figures) -> str:
    shares = sorted(figures["profile"].items(), key=lambda item: -item[1])
    rest = sum(share for _, share in shares if share < SMALLEST_SHARE)
    cells = [[name, f"{100.0 * share:.1f} %"] for name, share in shares if share >= SMALLEST_SHARE]
    return table(["part of the day", "share of the time"], [*cells, ["all else", f"{100.0 * rest:.1f} %"]])


def _both(start: dict[str, float], how: str) -> str:
    return f"{start[f'{how}_seconds']:.2f} s ({start[f'{how}_processor_seconds']:.2f} s of processor time)"


def _alternatives(figures: Figures) -> str:
    speeds = figures["alternatives"]["million_agent_steps_per_second"]
    missing = figures["alternatives"]["mesa"]
    cells = [[name, missing if speed is None else f"{speed:.3g}"] for name, speed in speeds.items()]
    return table(["vol-target rule, 10 agents x 64 paths", "million agent-steps a second"], cells)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
