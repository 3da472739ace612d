"""What vendors call the columns of a chain: each name is split into words, and the words say what it is."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from flowsim.files.header import Vocabulary
from flowsim.files.table import plain


class Role(NamedTuple):
    """What a column is: its name here, its side ("C", "P" or none), and what else its name says."""

    name: str
    side: str = ""
    beside: frozenset[str] = frozenset()


def _sets(text: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(plain(words).split()) for words in text.split("|"))


_NAMES = {
    "root": _sets("root|root symbol|option root|class|option class|series root"),
    "underlying": _sets(
        "underlying|underlying symbol|ticker|symbol|act symbol|underlier|asset|basiswert|sous jacent|subyacente"
    ),
    "expiry": _sets(
        "expiry|expiration|expiry date|expiration date|exdate|ex date|expdate|exp date|exp|expir date|expire date"
        "|expires|maturity|maturity date|expiration day|verfall|verfallsdatum|verfalltag|echeance|date echeance"
        "|vencimiento|fecha vencimiento|scadenza|data scadenza|vencimento|vervaldatum|到期日|満期日"
    ),
    "strike": _sets(
        "strike|k|exercise|ex|basispreis|ausubungspreis|exercice|ejercicio|precio ejercicio|uitoefenprijs"
        "|行权价|行使価格"
    ),
    "cp": _sets(
        "cp|cp flag|type|call put|put call|right|side|flag|pc|p c|c p|call or put|cp type|put or call|callput flag|typ"
        "|instrument class"
    ),
    "bid": _sets("bid|geld|compra|denaro|acheteur|bied|买价|買気配"),
    "ask": _sets("ask|offer|brief|venta|lettera|vendeur|laat|vraag|卖价|売気配"),
    "open_interest": _sets("open interest|oi|open int|offene positionen|interes abierto|interet ouvert|建玉|未平仓"),
    "as_of": _sets(
        "as of|quote date|quote datetime|quote time|date|trade date|data date|quote readtime|datetime|timestamp|asof"
        "|snapshot time|quote timestamp|business date|day|datum|fecha|日付|日期"
    ),
    "am_settlement": _sets("am settlement|am settled|am settlement flag"),
    "term": _sets("term"),
    "path": _sets("path"),
}
_ROLE_OF = {words: name for name, several in _NAMES.items() for words in several}
_SIDES = {
    word: side for side, words in (("C", "c call calls kaufoption"), ("P", "p put puts")) for word in words.split()
}
_MOMENTS = frozenset(("eod", "1545"))
_BESIDE = _MOMENTS | frozenset(
    "price px 00 best close closing usd national quote option options contract of de d".split()  # noqa: SIM905
)
_GLUED = re.compile(r"\b(call|put|c|p)(bid|ask|offer|oi|openinterest)\b")
_UNGLUED = {
    "openinterest": "open interest",
    "openint": "open interest",
    "strikeprice": "strike",
    "bidprice": "bid",
    "askprice": "ask",
    "bestbid": "bid",
    "bestask": "ask",
    "bestoffer": "ask",
    "optiontype": "type",
    "putcall": "put call",
    "callput": "call put",
    "expirationdate": "expiration",
    "expirydate": "expiry",
    "quotedate": "quote date",
    "tradedate": "trade date",
    "underlyingsymbol": "underlying",
}


@cache
def role_of(name: str) -> Role | None:
    """Return what a column of this name is, None if nothing that is read: 'cBidPx' is the bid of calls."""
    words = plain(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))
    words = _GLUED.sub(r"\1 \2", words)
    words = " ".join(_UNGLUED.get(word, word) for word in words.split())
    tokens = frozenset(words.split())
    whole = _ROLE_OF.get(tokens)
    if whole is not None:
        return Role(whole)
    bare, beside = tokens - _BESIDE, tokens & _MOMENTS
    sides = {_SIDES[token] for token in bare if token in _SIDES}
    found = _ROLE_OF.get(bare)
    if found is None and len(sides) == 1:
        found = _ROLE_OF.get(frozenset(token for token in bare if token not in _SIDES))
        if found in ("bid", "ask", "open_interest"):
            return Role(found, sides.pop(), beside)
        return None
    return None if found is None else Role(found, "", beside)


CHAIN = Vocabulary((), at_least=3, known=lambda name: role_of(name) is not None)
"""A header of a chain has three names of columns at least."""
