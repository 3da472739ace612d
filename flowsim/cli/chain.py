"""The command that reads a real option chain: vix."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from flowsim.cli.arguments import AsJson, ColumnNames, TrustData
from flowsim.cli.inputs import columns_from
from flowsim.cli.output import print_json
from flowsim.errors import InputError


def vix(
    chain: Annotated[
        Path, typer.Argument(metavar="CHAIN", help="CSV, Parquet or Excel file of SPX and SPXW quotes, or RUN/chain.")
    ],
    index: Annotated[str, typer.Option("--index", help="VIX1D, VIX9D, VIX, VIX3M, VIX6M, VIX1Y, or all.")] = "VIX",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="When quoted, New York time: 'YYYY-MM-DD HH:MM'.")
    ] = None,
    rate: Annotated[
        str,
        typer.Option("--rate", "--rate-pct", metavar="PCT or NEAR,NEXT", help="Interest rate in % a year, continuous."),
    ] = "0",
    minutes: Annotated[
        str | None, typer.Option("--minutes", metavar="NEAR,NEXT", help="To settlement, for a chain by term.")
    ] = None,
    path: Annotated[int | None, typer.Option("--path", help="Path of a run, for its chain.")] = None,
    futures: Annotated[bool, typer.Option("--futures", help="The VIX futures that the chain implies.")] = False,
    products: Annotated[
        str | None, typer.Option("--products", metavar="CONFIG", help="With --futures: what its products trade.")
    ] = None,
    columns: ColumnNames = None,
    trust_data: TrustData = False,
    as_json: AsJson = False,
) -> None:
    """Compute an index of the VIX family from a chain of option quotes, by Cboe's published method."""
    from flowsim.chain.vix import vix as volatility_index

    rates, names = _near_and_next(rate, "--rate"), columns_from(columns, chain=True).chain
    if products is not None and not futures:
        raise InputError(f"--products {products} says what trades VIX futures; give --futures too")
    if futures:
        _print_futures(chain, as_of, rates, path, products, names, trust_data, as_json)
        return
    if index == "all":
        _print_family(chain, as_of, rates, path, names, trust_data, as_json)
        return
    result = volatility_index(
        chain,
        index,
        as_of=as_of,
        rate_pct=rates,
        minutes=None if minutes is None else _near_and_next(minutes, "--minutes"),
        path=path,
        columns=names,
        trust_data=trust_data,
    )
    for note in result.notes:
        print(f"flowsim: {note}", file=sys.stderr)
    if as_json:
        print_json(result.as_dict())
    else:
        print(result.as_text())


def _print_family(
    chain: Path,
    as_of: str | None,
    rates: float | tuple[float, float],
    path: int | None,
    names: Mapping[str, str] | None,
    trust_data: bool,
    as_json: bool,
) -> None:
    """Print the term structure: a row for each index, and on standard error why one is missing."""
    from flowsim.chain.vix import term_structure

    found = term_structure(chain, as_of, rates, path, columns=names, trust_data=trust_data)
    whole = [one for one in found.values() if not isinstance(one, str)]
    for why in (one for one in found.values() if isinstance(one, str)):
        print(f"flowsim: {why}", file=sys.stderr)
    if as_json:
        print_json([one.as_dict() for one in whole])
        return
    print(f"{'index':<8}{'value':>8}  {'near':<16}{'next':<16}")
    for one in whole:
        print(f"{one.index:<8}{one.value:>8.2f}  {one.near.label:<16}{one.next.label:<16}".rstrip())


def _print_futures(
    chain: Path,
    as_of: str | None,
    rates: float | tuple[float, float],
    path: int | None,
    products: str | None,
    names: Mapping[str, str] | None,
    trust_data: bool,
    as_json: bool,
) -> None:
    """Print a row for each future, what the 30-day index holds, and what products trade."""
    from flowsim.cli.output import config_from
    from flowsim.futures.of_chain import futures_of_chain

    held = None if products is None else config_from(products, None, None).vix_products
    if products is not None and held is None:
        raise InputError(
            f"--products {products} has no table vix_products; name a config that has, such as vix_products"
        )
    curve = futures_of_chain(chain, as_of, rates, path, products=held, columns=names, trust_data=trust_data)
    if as_json:
        print_json(curve.as_dict())
    else:
        print(curve.as_text())


def _near_and_next(text: str, option: str) -> tuple[float, float]:
    """Return the two numbers of an option, the same twice if one is given."""
    words = text.split(",")
    try:
        near, next_ = map(float, words * 2 if len(words) == 1 else words)
    except ValueError:
        raise InputError(f"{option} {text} is not a number, nor two for near and next with a comma between") from None
    return near, next_
