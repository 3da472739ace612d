"""Daily files as vendors write them, of made-up closes: one for each form of docs/data.md."""

from __future__ import annotations

import datetime
import gzip
import io
import zipfile
from collections.abc import Callable

DATES = [datetime.date(2025, 8, day) for day in (22, 25, 26, 27, 28, 29)] + [datetime.date(2025, 9, 2)]
"""Sessions on either side of Labor Day, Monday the 1st of September."""
CLOSES = [16366.52, 16361.5, 16349.5, 16571.98, 16614.87, 16684.2, 17121.83]
CLOSED = datetime.date(2025, 9, 1)


def _table(
    header: str,
    row: str,
    date: Callable[[datetime.date], str] = str,
    number: Callable[[float], str] = str,
    newest_first: bool = False,
) -> str:
    lines = [row.format(date(day), number(close)) for day, close in zip(DATES, CLOSES, strict=True)]
    return "\n".join([header, *(lines[::-1] if newest_first else lines)]) + "\n"


def _us(day: datetime.date) -> str:
    return f"{day:%m/%d/%Y}"


def _dotted(day: datetime.date) -> str:
    return f"{day:%d.%m.%Y}"


def _american(close: float) -> str:
    return f"{close:,.2f}"


def _european(close: float) -> str:
    return _american(close).translate(str.maketrans(",.", ".,"))


def _decimal_comma(close: float) -> str:
    return f"{close:.2f}".replace(".", ",")


_INVESTING = '"Date","Price","Open","High","Low","Vol.","Change %"'
_INVESTING_ROW = '"{0}","{1}","{1}","{1}","{1}","","0.10%"'
_YFINANCE_ROW = "{0},{1},{1},{1},{1},5"
_OHLC_ROW = "{0},1,2,3,{1},0"

PRICE_FILES: dict[str, str] = {
    "yfinance download": _table(
        "Price,Close,High,Low,Open,Volume\nTicker,^GSPC,^GSPC,^GSPC,^GSPC,^GSPC\nDate,,,,,", _YFINANCE_ROW
    ),
    "yfinance download of two tickers": _table(
        "Price,Close,Close,Open,Open\nTicker,^GSPC,^VIX,^GSPC,^VIX\nDate,,,,", "{0},{1},16.1,1,2"
    ),
    "yfinance download by ticker": _table(
        "Ticker,^VIX,^VIX,^GSPC,^GSPC\nPrice,Open,Close,Open,Close\nDate,,,,", "{0},16.1,16.2,1,{1}"
    ),
    "yfinance download without its index": _table(
        "Date,Close,High,Low,Open,Volume\n,^GSPC,^GSPC,^GSPC,^GSPC,^GSPC", _YFINANCE_ROW
    ),
    "yfinance history": _table(
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
        "{0} 00:00:00-04:00,1,2,3,{1},0,0.0,0.0",
    ),
    "Yahoo": _table("Date,Open,High,Low,Close,Adj Close,Volume", "{0},1,2,3,{1},9,5"),
    "Yahoo's page, pasted": _table(
        "Date\tOpen\tHigh\tLow\tClose Close price adjusted for splits.\tAdj Close**\tVolume".replace(
            "Close Close price adjusted for splits.", "Close*"
        ),
        "{0}\t1\t2\t3\t{1}\t9\t-",
        lambda day: f"{day:%b} {day.day}, {day.year}",
        _american,
        newest_first=True,
    ),
    "Stooq": _table("Date,Open,High,Low,Close,Volume", _OHLC_ROW),
    "Stooq in Polish": _table("Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen", _OHLC_ROW),
    "Stooq ASCII": _table(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        "^SPX,D,{0},000000,1,2,3,{1},0,0",
        lambda day: f"{day:%Y%m%d}",
    ),
    "Cboe": _table("DATE,OPEN,HIGH,LOW,CLOSE", "{0},1,2,3,{1}", _us),
    "Cboe, one value": _table("DATE,SPX", "{0},{1}", _us),
    "FRED": _table("observation_date,SP500", "{0},{1}").replace("2025-09-02", f"{CLOSED},\n2025-09-02"),
    "FRED with points": _table("DATE,SP500", "{0},{1}").replace("2025-09-02", f"{CLOSED},.\n2025-09-02"),
    "investing.com": _table("\ufeff" + _INVESTING, _INVESTING_ROW, _us, _american, newest_first=True),
    "investing.com with months": _table(
        _INVESTING, _INVESTING_ROW, lambda day: f"{day:%b %d, %Y}", _american, newest_first=True
    ),
    "investing.com in Britain": _table(
        _INVESTING, _INVESTING_ROW, lambda day: f"{day:%d/%m/%Y}", _american, newest_first=True
    ),
    "investing.com in German": _table(
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"',
        _INVESTING_ROW,
        _dotted,
        _european,
        newest_first=True,
    ),
    "investing.com in Spanish": _table(
        '"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."',
        _INVESTING_ROW,
        _dotted,
        _european,
        newest_first=True,
    ),
    "investing.com in Russian": _table(
        '"Дата","Цена","Откр.","Макс.","Мин.","Объём","Изм. %"', _INVESTING_ROW, _dotted, _european, newest_first=True
    ),
    "investing.com in Japanese": _table(
        '"日付け","終値","始値","高値","安値","出来高","変化率 %"',
        _INVESTING_ROW,
        lambda day: f"{day:%Y年%m月%d日}",
        _american,
        newest_first=True,
    ),
    "investing.com in Chinese": _table(
        '"日期","收盘","开盘","高","低","交易量","涨跌幅"',
        _INVESTING_ROW,
        lambda day: f"{day.year}-{day.month}-{day.day}",
        _american,
        newest_first=True,
    ),
    "nasdaq.com": _table(
        "Date,Close/Last,Volume,Open,High,Low",
        '{0},"${1}",N/A,"$1","$2","$3"',
        _us,
        _american,
        newest_first=True,
    ),
    "nasdaq.com, indices": _table("Date,Close/Last,Open,High,Low", "{0},{1},1,2,3", _us, newest_first=True),
    "MarketWatch": _table("Date,Open,High,Low,Close", '{0},"1","2","3","{1}"', _us, _american, newest_first=True),
    "Wall Street Journal": _table(
        "Date, Open, High, Low, Close", "{0}, 1, 2, 3, {1}", lambda day: f"{day:%m/%d/%y}", newest_first=True
    ),
    "Barchart": _table("Time,Open,High,Low,Last,Change,%Chg,Volume", "{0},1,2,3,{1},0,0%,0", newest_first=True)
    + '"Downloaded from Barchart.com as of 09-03-2025 03:14pm CDT"\n',
    "Alpha Vantage": _table("timestamp,open,high,low,close,volume", _OHLC_ROW, newest_first=True),
    "Alpha Vantage, numbered": _table("date,1. open,2. high,3. low,4. close,5. volume", _OHLC_ROW, newest_first=True),
    "Nasdaq Data Link": _table("Date,Open,High,Low,Last,Settle,Volume", "{0},1,2,3,7,{1},5", newest_first=True),
    "Nasdaq Data Link, one value": _table("Date,Value", "{0},{1}", newest_first=True),
    "Bloomberg": "Security,SPX Index\nStart Date,01/01/2025\nPeriod,D\n\n" + _table("Date,PX_LAST", "{0},{1}", _us),
    "TradingView": _table(
        "time,open,high,low,close,Volume",
        _OHLC_ROW,
        lambda day: str(int(datetime.datetime.combine(day, datetime.time(13, 30), datetime.UTC).timestamp())),
    ),
    "TradingView, times of the exchange": _table("time,open,high,low,close", "{0}T09:30:00-04:00,1,2,3,{1}"),
    "Bloomberg, newest first": "SPX Index,\n" + _table("Dates,PX_LAST", "{0},{1}", _us, newest_first=True),
    "Refinitiv": _table("Instrument,Date,Price Close", ".SPX,{0}T00:00:00Z,{1}"),
    "Refinitiv Workspace": _table(
        "Exchange Date,Close,Net,%Chg,Open,Low,High,Volume",
        '{0},"{1}",1.2,+0.1%,1,2,3,',
        lambda day: f"{day:%d-%b-%Y}",
        _american,
        newest_first=True,
    ),
    "FactSet": "S&P 500 (SP50)\nPrice History\n\n"
    + _table("Date,Price,CVol,% Change", "{0},{1},1,0.1", lambda day: f"{day:%d %b '%y}", newest_first=True),
    "CRSP": _table("caldt,spindx,vwretd", "{0},{1},0.001", lambda day: f"{day:%Y%m%d}"),
    "Tiingo": _table(
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor",
        "{0}T00:00:00.000Z,{1},1,2,3,4,9,9,9,9,9,0.0,1.0",
    ),
    "EODHD": _table("Date,Open,High,Low,Close,Adjusted_close,Volume", "{0},1,2,3,{1},9,5") + f"{len(DATES)}\n",
    "Polygon": _table(
        "v,vw,o,c,h,l,t,n",
        "5,1,2,{1},3,4,{0},7",
        lambda day: f"{datetime.datetime.combine(day, datetime.time(4), datetime.UTC).timestamp() * 1000:.0f}",
    ),
    "Norgate": _table(
        "Date,Open,High,Low,Close,Volume,Turnover,Unadjusted Close,Dividend",
        "{0},1,2,3,{1},5,0,9,0",
        lambda day: f"{day:%Y%m%d}",
    ),
    "Interactive Brokers": _table(
        "date,open,high,low,close,volume,average,barCount", "{0},1,2,3,{1},5,9,7", lambda day: f"{day:%Y%m%d}"
    ),
    "Databento": _table(
        "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol",
        "{0}T00:00:00.000000000Z,35,1,1,1,2,3,{1},5,ES.c.0",
    ),
    "MetaTrader": _table(
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>",
        "{0}\t1\t2\t3\t{1}\t5\t0\t1",
        lambda day: f"{day:%Y.%m.%d}",
    ),
    "Kaggle": _table(",Date,Open,High,Low,Close,Adj Close,Volume", "0,{0} 00:00:00-04:00,1,2,3,{1},9,5"),
    "Google Finance": _table("Date,Close", "{0} 16:00:00,{1}", lambda day: f"{day.month}/{day.day}/{day.year}"),
    "European Excel": _table("\ufeffDatum;Schluss", "{0};{1}", _dotted, _decimal_comma),
    "European Excel with thousands": "sep=;\n" + _table("Datum;Kurs", "{0};{1}", _dotted, _european),
    "French Excel": _table(
        "Date;Clôture",
        "{0};{1} €",
        lambda day: f"{day:%d/%m/%Y}",
        lambda close: f"{close:,.2f}".replace(",", "\u202f").replace(".", ","),
    ),
    "Swiss Excel": _table("Datum;Schlusskurs", "{0};{1}", _dotted, lambda close: f"{close:,.2f}".replace(",", "'")),
    "dates by month": _table("Date,Close", "{0},{1}", lambda day: f"{day:%d-%b-%y}"),
    "pandas, numbered rows": _table(",Date,Close", "0,{0},{1}"),
    "no header": _table("", "{0},{1}"),
    "names of nobody": _table("wann,wieviel", "{0},{1}"),
    "Excel's numbers of days": _table(
        "Date,Close", "{0},{1}", lambda day: str((day - datetime.date(1899, 12, 30)).days)
    ),
}
"""Text of a price file, by the form of its vendor."""


def encoded(text: str) -> dict[str, bytes]:
    """Return a text in every encoding and every wrapping in which files come."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("closes.csv", text)
    return {
        "UTF-8": text.encode(),
        "UTF-8 with its mark": text.encode("utf-8-sig"),
        "UTF-16": text.encode("utf-16"),
        "UTF-16, big end first": b"\xfe\xff" + text.encode("utf-16-be"),
        "UTF-16 without its mark": text.encode("utf-16-le"),
        "Windows-1252": text.encode("cp1252"),
        "gzipped": gzip.compress(text.encode()),
        "zipped": archive.getvalue(),
        "Windows line ends": text.replace("\n", "\r\n").encode(),
    }
