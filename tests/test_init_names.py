"""What the names of columns say to `segcore init`."""

from __future__ import annotations

import pytest

from segcore.init.names import MEANINGS, speaks_for, words_of


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Customer ID", "customer_id"),
        ("customerNumber", "customer_id"),
        ("Kundennr.", "customer_id"),
        ("KUNNR", "customer_id"),
        ("ResellerKey", "customer_id"),
        ("Debitor", "customer_id"),
        ("Client", "customer_id"),
        ("SalesOrderNumber", "order_id"),
        ("Auftragsnummer", "order_id"),
        ("Beleg-Nr", "order_id"),
        ("Invoice", "order_id"),
        ("Order_Date", "order_date"),
        ("Rechnungsdatum", "order_date"),
        ("Datum", "order_date"),
        ("Position", "item"),
        ("LineItem", "item"),
        ("Faktura-Pos.", "item"),
        ("Fakturaposition", "item"),
        ("Auftragspos.", "item"),
        ("Position (Faktura)", "item"),
        ("Umsatz", "amount"),
        ("Umsatz EUR", "amount"),
        ("Net value", "amount"),
        ("Sales", "amount"),
        ("Nettowert", "amount"),
        ("LineTotal", "amount"),
        ("Ext. Price", "amount"),
        ("Extended Amount", "amount"),
        ("Ext Amt", "amount"),
        ("Menge", "quantity"),
        ("Unit Price", "price"),
        ("Einzelpreis", "price"),
        ("Sparte", "market"),
        ("Product Category", "market"),
        ("Warengruppe", "market"),
        ("product_type", "market"),
        ("StockCode", "product"),
        ("Artikelnummer", "product"),
        ("Verkäufer", "rep"),
        ("EmployeeKey", "rep"),
        ("Vertriebsbeauftragter", "rep"),
        ("Außendienst", "rep"),
        ("Sales Rep", "rep"),
        ("Key Account Manager", "rep"),
        ("Währung", "currency"),
        ("Kunde seit", "since"),
        ("State-Province", "region"),
        ("E-Mail", "email"),
        ("Ergebnis", "outcome"),
        # SAP's captions, its technical names, and those of BusinessObjects
        ("Verkaufsbeleg", "order_id"),
        ("Sales Doc.", "order_id"),
        ("VBELN", "order_id"),
        ("Faktura", "order_id"),
        ("Billing Document", "order_id"),
        ("POSNR", "item"),
        ("Sales Document Item", "item"),
        ("Fakturadatum", "order_date"),
        ("Billing date", "order_date"),
        ("FKDAT", "order_date"),
        ("AUDAT", "order_date"),
        ("Calendar Day", "order_date"),
        ("Auftraggeber", "customer_id"),
        ("Sold-to party", "customer_id"),
        ("Sold-to party Key", "customer_id"),
        ("KUNAG", "customer_id"),
        ("Materialgruppe", "market"),
        ("Material group", "market"),
        ("MATKL", "market"),
        ("SPART", "market"),
        ("MATNR", "product"),
        ("Net value", "amount"),
        ("NETWR", "amount"),
        ("VBRP-NETWR", "amount"),
        ("FKIMG", "quantity"),
        ("KWMENG", "quantity"),
        ("WAERK", "currency"),
        ("NAME1", "name"),
        ("VRTNR", "rep"),
        ("FKSTO", "status"),
        # without a sign between the words
        ("CUSTOMERNAME", "name"),
        ("ORDERLINENUMBER", "item"),
        ("QUANTITYORDERED", "quantity"),
        ("PRICEEACH", "price"),
        ("PRODUCTLINE", "market"),
    ],
)
def test_a_name_speaks_most_for_its_meaning(name: str, meaning: str) -> None:
    among = [m for m in MEANINGS if m != "date"]
    assert max(among, key=lambda m: speaks_for(m, name)) == meaning


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Customer Name", "customer_id"),
        ("Kunde seit", "customer_id"),
        ("Order Date", "order_id"),
        ("Order Status", "order_id"),
        ("Delivery Date", "order_date"),
        ("Geburtsdatum", "order_date"),
        ("SalesTerritoryKey", "amount"),
        ("Sales Tax", "amount"),
        ("Subcategory", "market"),
        ("Product Name", "product"),
        ("Report Date", "rep"),
        ("First Name", "name"),
        ("Tenure", "amount"),
        ("Umsatz VJ", "amount"),
        ("Umsatz Vorjahr", "amount"),
        ("Sales LY", "amount"),
        ("Prior year revenue", "amount"),
        ("Plan-Umsatz", "amount"),
        ("Account Owner", "customer_id"),
        ("Requested delivery date", "order_date"),
    ],
)
def test_a_name_does_not_speak_for_what_it_only_resembles(name: str, meaning: str) -> None:
    assert speaks_for(meaning, name) == 0


def test_words_are_told_apart_at_signs_and_capitals() -> None:
    assert words_of("SalesOrderNumber (Überweisung)_2") == ["sales", "order", "number", "ueberweisung", "2"]
