"""What the names of columns say, in English and German: customer, kunde, client; order, auftrag, beleg …"""

from __future__ import annotations

import re
from dataclasses import dataclass

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
NUMBERED = frozenset(("id", "no", "nr", "num", "nummer", "number", "key", "code"))


@dataclass(frozen=True)
class Words:
    """How columns of one meaning are called; each text holds words separated by blanks.

    Parameters
    ----------
    exact
        Whole names, in small letters without blanks and signs.
    stems
        What a word of the name begins with.
    never
        What makes the name mean something else wherever it stands in it.
    numbered
        Whether words like "number" speak for it.
    """

    exact: str
    stems: str
    never: str = ""
    numbered: bool = False


NO_KEY = "date datum name type typ status group gruppe mail seit since segment "
NO_MONEY = (
    "date datum order territor tax steuer cost kosten person rep unit rabatt discount channel office "
    "organi currency waehrung number nummer key"
)

# A new meaning is one entry here.
MEANINGS: dict[str, Words] = {
    "customer_id": Words(
        "customerid customer kunde kundennr kundennummer kdnr debitor kunnr client clientid soldto "
        "auftraggeber account accountid buyerid",
        "customer kund client debitor reseller soldto account buyer auftraggeber",
        NO_KEY + "country city region age",
        numbered=True,
    ),
    "order_id": Words(
        "orderid order orderno ordernumber invoice invoiceno auftrag auftragsnr auftragsnummer beleg "
        "belegnr belegnummer rechnung bestellung vbeln receipt",
        "order invoice auftrag beleg rechnung bestell receipt document transaction",
        NO_KEY + "auftraggeber line item position quantity menge value wert amount betrag price preis "
        "count anzahl total",
        numbered=True,
    ),
    "order_date": Words(
        "orderdate invoicedate date datum auftragsdatum belegdatum rechnungsdatum bestelldatum erdat "
        "audat fkdat",
        "order invoice auftrag beleg rechnung bestell date datum day tag",
        "delivery liefer ship due faellig birth geburt since seit update change",
    ),
    "item": Words(
        "item position pos posnr orderitem lineitem line lineno linenumber zeile",
        "item position posnr line zeile",
        "total amount date datum price preis name text type",
        numbered=True,
    ),
    "amount": Words(
        "amount umsatz sales revenue netvalue nettowert nettoumsatz salesamount betrag netamount "
        "nettobetrag linetotal turnover netwr",
        "umsatz amount betrag revenue nett sales turnover net total gesamt wert value",
        NO_MONEY,
    ),
    "quantity": Words("quantity qty menge", "quantity qty menge anzahl stueck units"),
    "price": Words("price unitprice preis einzelpreis", "price preis unitprice", "total"),
    "market": Words(
        "market markt category kategorie sparte division productgroup produktgruppe warengruppe "
        "productcategory spart businessarea",
        "market markt categor kategor sparte division warengr productgr produktgr",
        "sub date datum",
    ),
    "product": Words(
        "product productid productkey produkt stockcode sku artikel artikelnr artikelnummer material "
        "matnr itemcode",
        "product produkt stock sku artikel material article",
        "name group gruppe categor kategor price preis cost descr bezeich text",
        numbered=True,
    ),
    "rep": Words(
        "rep salesrep representative vertreter verkaeufer salesperson employee employeekey aussendienst "
        "accountmanager",
        "rep salesrep vertret verkaeuf salesperson employee aussendienst betreuer",
        "date datum name mail region report",
        numbered=True,
    ),
    "currency": Words("currency waehrung waers currencycode", "currenc waehrung"),
    "name": Words(
        "name name1 customername kundenname company firma fullname",
        "name company firma",
        "first last vor nach user file product produkt",
    ),
    "region": Words("region gebiet state bundesland", "state region gebiet bundesland"),
    "city": Words("city ort stadt", "city stadt"),
    "country": Words("country land", "country"),
    "since": Words(
        "since customersince kundeseit seit signup signupdate anlagedatum created",
        "since seit signup angelegt anlage created eroeffn",
    ),
    "email": Words("email mail upn emailadresse", "mail email"),
    "date": Words("date datum visitdate besuchsdatum", "date datum day tag besuch"),
    "outcome": Words("outcome ergebnis result", "outcome ergebnis result"),
}


def words_of(name: str) -> list[str]:
    """The words of a column's name: ``SalesOrderNumber`` is sales, order, number."""
    apart = re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])", " ", name)
    return re.findall(r"[a-z0-9]+", apart.lower().translate(UMLAUTS))


def speaks_for(meaning: str, name: str) -> int:
    """How much the name of a column speaks for a meaning, from 0 (nothing) to 10."""
    words, how = words_of(name), MEANINGS[meaning]
    whole = "".join(words)
    if whole in how.exact.split():
        return 10
    if any(never in whole for never in how.never.split()):
        return 0
    if not any(word.startswith(stem) for word in words for stem in how.stems.split()):
        return 0
    return 6 if how.numbered and NUMBERED & set(words) else 5
