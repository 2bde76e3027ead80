"""What the names of columns say, in English, in German, and in SAP's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
NUMBERED = frozenset(("id", "no", "nr", "num", "nummer", "number", "key", "code"))
WHOLE, PART = 100, 50  # what a name says as a whole, and what one word of it says
OTHER_TIMES = (
    "vj vorjahr vorjahres vorj vvj prior previous prev last ly py lastyear prioryear plan budget forecast "
    "soll ziel target ytd kum kumuliert cumulated"
)
"""Words of columns that hold another time than the record's, or what was only hoped for."""


@dataclass(frozen=True)
class Words:
    """How columns of one meaning are called; each text holds words separated by blanks.

    Parameters
    ----------
    exact
        Whole names, in small letters without blanks and signs; a bar stands before less likely ones.
        What SAP calls a column counts as one word of a longer name, too.
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


NO_KEY = "date datum name bezeich text type typ status group gruppe mail seit since segment land country "
NO_MONEY = (
    "date datum order territor tax steuer mwst cost kosten person rep rabatt discount channel office "
    "organi nummer key document beleg margin marge freight fracht profit gewinn"
)

DOCUMENTS = (
    "faktura auftrag auftrags beleg rechnung rechnungs bestell verkaufsbeleg verkaufsbelegs invoice order "
    "billing billingdocument document salesorder salesdocument salesdoc"
)
LINES = "pos position posnr positionsnr positionsnummer item itemid itemno line lineno linenumber"
ITEMS = " ".join(f"{doc}{no} {no}{doc}" for doc in DOCUMENTS.split() for no in LINES.split())

# A new meaning is one entry here.
MEANINGS: dict[str, Words] = {
    "customer_id": Words(
        "customerid customernumber customerno customernr customerkey customercode kundennr kundennummer "
        "kundeid kdnr kunag soldtoparty soldtopt soldtopartykey soldto auftraggeber auftraggebernr "
        "debitor debitornr debitorennr debitorennummer clientid accountid accountno | kunnr customer "
        "kunde client account accountnumber buyerid resellerkey kunrg",
        "customer kund client debitor reseller soldto account buyer auftraggeber mandant",
        NO_KEY + "city region age ort service rating owner manager rep", numbered=True,
    ),
    "order_id": Words(
        "orderid orderno ordernr ordernumber salesorder salesordernumber auftrag auftragsnr "
        "auftragsnummer bestellnr bestellnummer bestellung verkaufsbeleg verkaufsbelegnr salesdoc "
        "salesdocument vbeln opportunityid dealid verkaufschance order | invoice invoiceid invoiceno "
        "invoicenumber faktura fakturanr rechnung rechnungsnr rechnungsnummer billingdoc billingdocument "
        "billdoc beleg belegnr belegnummer document documentno docno receipt aubel",
        "order invoice auftrag beleg rechnung bestell receipt document transaction faktura billing",
        NO_KEY + "auftraggeber line item pos quantity menge value wert amount betrag price preis "
        "count anzahl total unit", numbered=True,
    ),
    "order_date": Words(
        "orderdate auftragsdatum bestelldatum bestelltam audat salesdate verkaufsdatum purchasedate | "
        "invoicedate rechnungsdatum billingdate billdate fakturadatum fkdat belegdatum documentdate "
        "docdate | date datum day tag calendarday kalendertag postingdate buchungsdatum budat "
        "leistungsdatum | erdat createdon createdat angelegtam closedate",
        "order invoice auftrag beleg rechnung bestell date datum day tag faktura billing",
        "delivery liefer ship due faellig birth geburt since seit update change stand refresh required "
        "payment zahl kunde customer",
    ),
    "item": Words(
        "item position pos posnr lineitem line lineno linenumber zeile positionsnr positionsnummer itemsd "
        + ITEMS,
        "item position posnr line zeile",
        "total amount date datum price preis name text type wert value betrag umsatz menge quantity "
        "product produkt sku status", numbered=True,
    ),
    "amount": Words(
        "netvalue nettowert netwr nettoumsatz nettobetrag netamount netsales netrevenue linetotal netto "
        "salesamount auftragswert rechnungsbetrag zeilenwert zeilenbetrag positionswert positionsbetrag "
        "netvaluestatcurr nettowertinhauswaehrung extendedprice extprice extdprice extendedamount extamount "
        "extamt extdamt extended lineamount lineamt linevalue lineprice linenet | amount umsatz sales "
        "revenue betrag turnover erloes verkaufspreisgesamt gesamtpreis totalprice | brutto bruttoumsatz "
        "bruttowert bruttobetrag grosssales grossamount",
        "umsatz amount betrag revenue nett sales turnover net total gesamt wert value erloes summe",
        NO_MONEY + " unit person count anzahl",
    ),
    "quantity": Words(
        "quantity qty menge fkimg kwmeng auftragsmenge fakturamenge quantityordered",
        "quantity qty menge anzahl stueck units", "einheit uom price preis",
    ),
    "price": Words(
        "unitprice einzelpreis stueckpreis price preis netpr nettopreis priceeach unitpriceusd vkpreis",
        "price preis unitprice einzelpr stueckpr", "total gesamt unitof einheit list discount ext",
    ),
    "discount": Words("discount rabatt nachlass discountpct discountpercent", "discount rabatt nachlass"),
    "status": Words(
        "status stage phase orderstatus bestellstatus auftragsstatus belegstatus state storno cancelled "
        "canceled fksto storniert stornokennzeichen fkart billingtype fakturaart documenttype belegart "
        "doctype auart vbtyp",
        "status storn cancel fakturaart billingtype belegart", "date datum",
    ),
    "market": Words(
        "market markt productgroup produktgruppe warengruppe materialgruppe materialgroup matlgroup matkl "
        "sparte spart division productcategory productline category kategorie artikelgruppe businessarea "
        "producttype produkttyp produktart artikelart materialart materialtype productfamily "
        "produktfamilie itemgroup itemcategory",
        "market markt categor kategor sparte division warengr productgr produktgr materialgr productline "
        "artikelgr matkl",
        "sub date datum region marketing",
    ),
    "product": Words(
        "productid productkey productno productcode productnumber stockcode sku artikelnr artikelnummer "
        "artikelid material materialnr materialnummer materialnumber matnr itemcode itemno | product "
        "produkt artikel article materialno",
        "product produkt stock sku artikel material article",
        "name group gruppe categor kategor price preis cost descr bezeich text line kurz type typ family "
        "familie", numbered=True,
    ),
    "rep": Words(
        "rep repid salesrep salesrepid representative vertreter vertreternr vertriebsmitarbeiter "
        "verkaeufer salesperson salespersonid employee employeeid employeekey aussendienst accountmanager "
        "accountowner vrtnr pernr betreuer kundenbetreuer berater owner salesrepemployeenumber | "
        "verkaeufergruppe vkgrp salesgroup keyaccountmanager keyaccount kam salesagent",
        "rep salesrep vertret verkaeuf salesperson employee aussendienst betreuer kundenbetreu accountown "
        "accountman vertriebsb vertriebsm vertriebsv vertriebler handelsvertr gebietsleit",
        "date datum mail region report repeat replac count anzahl", numbered=True,
    ),
    "currency": Words(
        "currency waehrung waerk waers currencycode belegwaehrung documentcurrency curr",
        "currenc waehrung",
    ),
    "name": Words(
        "customername kundenname kundename name name1 companyname company firma fullname accountname "
        "soldtopartyname nameauftraggeber auftraggebername debitorenname",
        "name company firma",
        "first last vor nach user file product produkt artikel material contact rep vertret employee "
        "sales gruppe group category",
    ),
    "region": Words("region regio gebiet state bundesland verkaufsgebiet", "state region gebiet bundesland"),
    "city": Words("city ort stadt ort01", "city stadt"),
    "country": Words("country land land1 laenderschluessel", "country"),
    "since": Words(
        "since customersince kundeseit seit signup signupdate anlagedatum created createddate angelegtam "
        "erdat",
        "since seit signup angelegt anlage created eroeffn", "valid gueltig",
    ),
    "valid_from": Words(
        "validfrom gueltigab gueltigvon datab begda from von ab startdate effectivefrom effectivedate",
        "validfrom gueltigab gueltigvon",
    ),
    "valid_to": Words(
        "validto validuntil validthru gueltigbis datbi endda to bis enddate effectiveto expirydate",
        "validto validuntil gueltigbis",
    ),
    "email": Words("email mail upn emailadresse smtpaddr", "mail email"),
    "date": Words("visitdate besuchsdatum date datum activitydate", "date datum day tag besuch visit"),
    "outcome": Words("outcome ergebnis result", "outcome ergebnis result"),
}  # fmt: skip
EXACT = {
    meaning: [frozenset(group.split()) for group in how.exact.split("|")] for meaning, how in MEANINGS.items()
}
SAP_WORDS = (
    "vbeln aubel posnr kunag kunnr kunrg erdat fkdat audat budat matnr matkl spart netwr netpr waerk waers "
    "fkimg kwmeng name1 vrtnr pernr vkgrp land1 ort01 regio fkart fksto auart vbtyp"
)
SAP = frozenset(SAP_WORDS.split())


@cache
def words_of(name: str) -> list[str]:
    """The words of a column's name: ``SalesOrderNumber`` is sales, order, number."""
    apart = re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])", " ", name)
    return re.findall(r"[a-z0-9]+", apart.lower().translate(UMLAUTS))


def speaks_for(meaning: str, name: str) -> int:
    """How much the name of a column speaks for a meaning, from 0 (nothing) to 100."""
    words, how = words_of(name), MEANINGS[meaning]
    # "Umsatz in EUR", "Sales (USD)": what stands for a currency or a year says nothing here.
    whole = "".join(word for word in words if not _aside(word)) or "".join(words)
    if meaning in ("amount", "quantity", "price", "order_date") and another_time(name):
        return 0
    said = {whole, whole.rstrip("0123456789"), *(SAP & set(words) if len(words) > 1 else ())}
    for place, known in enumerate(EXACT[meaning]):
        if not known.isdisjoint(said):
            return WHOLE - 10 * place
    if any(never in whole for never in how.never.split()):
        return 0
    if not any(word.startswith(tuple(how.stems.split())) for word in words):
        return 0
    return PART + 1 if how.numbered and NUMBERED & set(words) else PART


def _aside(word: str) -> bool:
    return word in ("in", "eur", "usd", "chf", "gbp", "euro", "dollar", "ex", "excl") or is_year(word)


def is_year(word: str) -> bool:
    """Whether a word is a year of our times."""
    return re.fullmatch(r"(19|20)\d\d", word) is not None


def another_time(name: str) -> bool:
    """Whether a column holds last year's values, or a plan's: ``Umsatz VJ``, ``Sales LY``."""
    words = words_of(name)
    return bool(set(OTHER_TIMES.split()) & set(words)) or any(
        "vorjahr" in w or "lastyear" in w for w in words
    )
