"""Chains as vendors write them: the same quotes of one afternoon in each form of docs/data.md."""

from __future__ import annotations

from datetime import date, datetime, time

from helpers.made_chains import MINUTES_IN_YEAR, SPOT, black

AS_OF = datetime(2025, 8, 21, 16, 15)
EXPIRIES = (("SPX", date(2025, 9, 19)), ("SPXW", date(2025, 9, 26)))
STRIKES = range(3400, 4601, 50)


def _quotes() -> list[tuple[str, date, int, list[tuple[float, float]]]]:
    """Return root, expiry, strike, and bid and ask of call and put."""
    rows = []
    for root, day in EXPIRIES:
        settlement = datetime.combine(day, time(9, 30) if root == "SPX" else time(16))
        years = (settlement - AS_OF).total_seconds() / 60.0 / MINUTES_IN_YEAR
        for strike in STRIKES:
            prices = [round(price, 2) for price in black(SPOT, strike, 0.2, years)]
            rows.append((root, day, strike, [(round(0.98 * price, 2), round(1.02 * price, 2)) for price in prices]))
    return rows


QUOTES = _quotes()


def _contracts(header: str, row: str, number: str = "{:.2f}", comma: bool = False) -> str:
    """Return a line for each contract; a row knows root, day, strike, cp, word, bid, ask and symbol."""
    lines = [header]
    for root, day, strike, sides in QUOTES:
        for cp, (bid, ask) in zip("CP", sides, strict=True):
            written = [number.format(price) for price in (bid, ask)]
            bid_text, ask_text = [text.replace(".", ",") for text in written] if comma else written
            symbol = f"{root}{day:%y%m%d}{cp}{strike * 1000:08d}"
            word = {"C": "call", "P": "put"}[cp]
            lines.append(
                row.format(
                    root=root, day=day, strike=strike, cp=cp, word=word, bid=bid_text, ask=ask_text, symbol=symbol
                )
            )
    return "\n".join(lines) + "\n"


def _side_by_side(header: str, row: str, above: str = "") -> str:
    """Return a line for each strike; a row knows also call and put, their symbols, and their bids and asks."""
    lines = [header]
    for root, day, strike, ((call_bid, call_ask), (put_bid, put_ask)) in QUOTES:
        quotes = {"cb": call_bid, "ca": call_ask, "pb": put_bid, "pa": put_ask}
        call, put = (f"{root}{day:%y%m%d}{cp}{strike * 1000:08d}" for cp in "CP")
        lines.append(row.format(root=root, day=day, strike=strike, call=call, put=put, **quotes))
    return above + "\n".join(lines) + "\n"


_CBOE = (
    "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,"
    "Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest"
)
_CBOE_ROW = (
    "{day:%a %b %d %Y},{call},0,0,{cb},{ca},0,0.2,0.5,0.001,10,{strike}.00,{put},0,0,{pb},{pa},0,0.2,-0.5,0.001,20"
)


def _cboe(moment: str, header: str = _CBOE) -> str:
    above = f'\nS&P 500 INDEX,Last: 4000.00,Change:  3.50\n"{moment}",Bid: 3999,Ask: 4001,Size: 1*1,Volume: 0\n'
    return _side_by_side(header, _CBOE_ROW, above)


_OPTION_METRICS = (
    "secid,date,symbol,symbol_flag,exdate,last_date,cp_flag,strike_price,best_bid,best_offer,volume,open_interest,"
    "impl_volatility,delta,am_settlement,ticker"
)

CHAIN_FILES: dict[str, str] = {
    "plain": _contracts(
        "as_of,root,expiry,strike,cp,bid,ask", "2025-08-21 16:15,{root},{day},{strike},{cp},{bid},{ask}"
    ),
    "Cboe quotedata": _cboe("Date: August 21, 2025 at 4:15 PM EDT"),
    "Cboe quotedata in French": _cboe("Date: 21 août 2025 à 16:15 UTC\u22124"),
    "Cboe quotedata in German": _cboe(
        "Datum: 21. August 2025 um 22:15 MESZ",
        "Verfallsdatum,Kaufoptionen,Letzter,Netto,Geld,Brief,Volumen,IV,Delta,Gamma,Offen,Basispreis,"
        "Verkaufsoptionen,Letzter,Netto,Geld,Brief,Volumen,IV,Delta,Gamma,Offen",
    ),
    "Cboe quotedata in Spanish": _cboe("Fecha: 21 de agosto de 2025, 16:15 GMT-4"),
    "Cboe quotedata in Japanese": _cboe("日付: 2025年8月21日 16:15 GMT-4"),
    "Cboe DataShop": _contracts(
        "underlying_symbol,quote_date,root,expiration,strike,option_type,bid_size_1545,bid_1545,ask_size_1545,ask_1545,"
        "underlying_bid_1545,bid_size_eod,bid_eod,ask_size_eod,ask_eod,underlying_bid_eod,open_interest",
        "^SPX,2025-08-21,{root},{day},{strike}.000,{cp},1,1.00,1,1.10,4000,1,{bid},1,{ask},4000,10",
    ),
    "yfinance option_chain": _contracts(
        "contractSymbol,lastTradeDate,strike,lastPrice,bid,ask,change,volume,openInterest,impliedVolatility,currency",
        "{symbol},2025-08-21 19:59:57+00:00,{strike},1.0,{bid},{ask},0.0,5,10,0.16,USD",
    ),
    "OptionMetrics": _contracts(
        _OPTION_METRICS,
        "108105,2025-08-21,{root} {day:%y%m%d}{cp}{strike}000,1,{day},2025-08-21,{cp},{strike}000,{bid},{ask},5,10,0.2,"
        "0.5,{cp},SPX",
    ).replace(",C,SPX", ",,SPX"),
    "OptionMetrics, days of SAS": _contracts(
        _OPTION_METRICS,
        "108105,21AUG2025,{root} {day:%y%m%d}{cp}{strike}000,1,{day:%d%b%Y},21AUG2025,{cp},{strike}000,{bid},{ask},5,"
        "10,0.2,0.5,,SPX",
    ),
    "ORATS": _side_by_side(
        "ticker,stkPx,expirDate,yte,strike,cVolu,cOi,pVolu,pOi,cBidPx,cValue,cAskPx,pBidPx,pValue,pAskPx,delta,trade_date",
        "SPX,4000,{day:%m/%d/%Y},0.1,{strike},1,10,1,20,{cb},1,{ca},{pb},1,{pa},0.5,08/21/2025",
    ),
    "ORATS, data API": _side_by_side(
        "ticker,tradeDate,expirDate,dte,strike,stockPrice,callVolume,callOpenInterest,callBidSize,callAskSize,putVolume,"
        "putOpenInterest,callBidPrice,callValue,callAskPrice,putBidPrice,putValue,putAskPrice",
        "SPX,2025-08-21,{day},30,{strike},4000,1,10,1,1,1,20,{cb},1,{ca},{pb},1,{pa}",
    ),
    "OptionsDX": _side_by_side(
        "[QUOTE_UNIXTIME], [QUOTE_READTIME], [QUOTE_DATE], [UNDERLYING_LAST], [EXPIRE_DATE], [DTE], [C_DELTA], [C_BID],"
        " [C_ASK], [STRIKE], [P_BID], [P_ASK], [P_DELTA], [STRIKE_DISTANCE]",
        "1755807300, 2025-08-21 16:15, 2025-08-21, 4000, {day}, 29, 0.5, {cb}, {ca}, {strike}, {pb}, {pa}, -0.5, 10",
    ),
    "HistoricalOptionData": _contracts(
        "UnderlyingSymbol,UnderlyingPrice,Exchange,OptionSymbol,OptionExt,Type,Expiration,DataDate,Strike,Last,Bid,Ask,"
        "Volume,OpenInterest,IV",
        "SPX,4000,*,{symbol},,{word},{day:%m/%d/%Y},08/21/2025,{strike},0,{bid},{ask},0,10,0.2",
    ),
    "iVolatility": _contracts(
        "symbol,exchange,date,adjusted stock close price,option symbol,expiration,strike,call/put,style,ask,bid,"
        "mean price,iv,volume,open interest",
        "SPX,CBOE,08/21/2025,4000,{symbol},{day:%m/%d/%Y},{strike},{cp},E,{ask},{bid},0,0.2,0,5",
    ),
    "Theta Data": _contracts(
        "root,expiration,strike,right,ms_of_day,bid_size,bid_exchange,bid,bid_condition,ask_size,ask_exchange,ask,"
        "ask_condition,date",
        "{root},{day:%Y%m%d},{strike}000,{cp},58500000,1,5,{bid},50,1,5,{ask},50,20250821",
    ),
    "Tradier": _contracts(
        "symbol,description,exch,type,last,volume,bid,ask,underlying,strike,open_interest,expiration_date,"
        "expiration_type,option_type,root_symbol",
        "{symbol},SPX,Z,option,1,0,{bid},{ask},SPX,{strike},5,{day},weeklys,{word},{root}",
    ),
    "Databento": _contracts(
        "ts_event,symbol,bid_px_00,ask_px_00,expiration,strike_price,instrument_class",
        "2025-08-21T20:15:00Z,{symbol},{bid},{ask},{day}T00:00:00Z,{strike},{cp}",
    ),
    "Polygon": _contracts(
        "ticker,contract_type,expiration_date,strike_price,exercise_style,bid,ask,open_interest",
        "O:{symbol},{word},{day},{strike},european,{bid},{ask},5",
    ),
    "European Excel": _contracts(
        "Root;Verfall;Basispreis;Typ;Geld;Brief", "{root};{day:%d.%m.%Y};{strike};{word};{bid};{ask}", comma=True
    ),
    "strikes in thousandths": _contracts("root,expiry,strike,cp,bid,ask", "{root},{day},{strike}000,{cp},{bid},{ask}"),
    "thousands separators": _contracts(
        "root,expiry,strike,cp,bid,ask", '{root},{day},"{strike:,}",{cp},"${bid}","${ask}"'
    ),
}
"""Text of a chain file, by the form of its vendor."""
