"""What vendors call the columns of daily files, as plain names (see `flowsim.files.table.plain`)."""

from __future__ import annotations

from flowsim.files.header import Vocabulary
from flowsim.files.table import plain

INDICES = ("VIX1D", "VIX9D", "VIX", "VIX3M", "VIX6M")
DATE, CLOSE = "date", "close"


def _plain(*lines: str) -> frozenset[str]:
    return frozenset(plain(word) for line in lines for word in line.split("|"))


DATES = _plain(
    "date|dates|index date|observation_date|trade date|trading date|quote date|exchange date|effective date|caldt"
    "|datadate|business date|as of date|date time|datetime",
    "datum|handelstag|tag|fecha|data|dato|dátum|tarih|päivämäärä|kuupäev|dag|tanggal|ngày|jour|séance|tidspunkt",
    "дата|ημερομηνία|日付|日付け|日期|交易日期|날짜|일자|วันที่|วันเดือนปี|תאריך|التاريخ",
)
TIMES = _plain("timestamp|time|day|session|utc time|unix|t")
"""Names of dates where none of the former is there."""

CLOSES = (
    _plain(
        "close|closing|close last|closing price|close price|closing value|close value|index close|settle"
        "|settlement price|px_last|px close|last close|price close|trade close|official close|spindx|c|cls|prccd|level"
        "|index level|index value",
        "schluss|schlußkurs|schlusskurs|schlussstand|clôture|cours de clôture|cierre|precio de cierre|chiusura"
        "|fechamento|slot|slotkoers|zamknięcie|zamkniecie|kurs zamknięcia|slutkurs|stängning"
        "|stängningskurs|lukkekurs|sluttkurs"
        "|päätöskurssi|kapanış|penutupan|záró|zavírací|đóng cửa|záverečná",
        "закрытие|κλείσιμο|終値|收盘|收盘价|收盤|收盤價|收市|종가|ราคาปิด|שער נעילה|إغلاق",
    ),
    _plain(
        "last|last price|price|value|latest|last value|last trade",
        "zuletzt|letzter|kurs|dernier|cours|valeur|último|ultimo|precio|prezzo|preço|valor|valore|wert|laatste|koers"
        "|ostatnio|ostatni|kurs|senast|senaste|seneste|siste|viimeisin|hinta|şimdi|son|fiyat|terakhir|utolsó|poslední"
        "|lần cuối",
        "цена|последняя|τιμή|現在値|最新|最新价|현재가|ล่าสุด|שער|الأخير|آخر",
    ),
)
"""Names of closes, and names that are closes where none of the former is there."""

SP500 = _plain("^gspc|gspc|^spx|spx|sp500|s&p 500|s&p500|s&p 500 index|spx index|.spx|sp 500|us500|inx|.inx")
NAMES_OF_INDICES = {
    "VIX": _plain("vix|^vix|vixcls|cboe volatility index|vix index|vix close|cboe vix|.vix|vix last"),
    "VIX1D": _plain("vix1d|^vix1d|vix1d index|vix1d close|.vix1d|cboe 1 day volatility index"),
    "VIX9D": _plain("vix9d|^vix9d|vxst|^vxst|vix9d index|vix9d close|.vix9d|cboe s&p 500 9 day volatility index"),
    "VIX3M": _plain(
        "vix3m|^vix3m|vxv|^vxv|vxvcls|vix3m index|vix3m close|.vix3m|cboe s&p 500 3 month volatility index"
    ),
    "VIX6M": _plain("vix6m|^vix6m|vxmt|^vxmt|vix6m index|vix6m close|.vix6m|cboe s&p 500 6 month volatility index"),
}
"""Volatility indices by what columns, tickers and files call them; VXST, VXV and VXMT are the names of before 2017."""

DAILY = Vocabulary(DATES | TIMES)
