"""Ten companies' extracts in their own habits, made in code from a seed."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

LAST = dt.date(2025, 12, 30)
GROUPS = ("Werkzeug", "Elektro", "Garten", "Farben")
PEOPLE = ("Nowak", "Meyer", "Schäfer", "Öztürk")


@dataclass(frozen=True)
class Company:
    """What it delivers, and the lines of orders that must be loaded: customer, order, amount."""

    files: Mapping[str, bytes]
    loaded: pd.DataFrame

    @property
    def facts(self) -> tuple[int, int, int, Decimal]:
        """Lines, customers, orders, and what they are worth."""
        lines = self.loaded
        return len(lines), lines.customer.nunique(), lines.order.nunique(), sum(lines.amount, Decimal(0))


def trade(seed: int, *, orders: int = 420) -> pd.DataFrame:
    """Order lines of two and a half years, as they happened."""
    chance = random.Random(seed)
    rows = []
    for number in range(orders):
        customer = 1 + int(70 * chance.random() ** 2)
        day = LAST - dt.timedelta(days=int(900 * (1 - number / orders)))
        state = "Cancelled" if chance.random() < 0.05 else "Shipped"
        for place in range(1, chance.choice((1, 1, 2, 3, 4)) + 1):
            product = chance.randrange(40)
            quantity, price = chance.randint(1, 9), Decimal(chance.randint(199, 94999)) / 100
            discount = Decimal(chance.choice((0, 0, 0, 10, 25))) / 100
            rows.append(
                {
                    "customer": f"{20000 + customer}", "name": f"Firma {customer:03} Söhne", "day": day,
                    "order": f"{700000 + number}", "item": place * 10, "product": f"A{100 + product}",
                    "group": GROUPS[product % 4], "quantity": quantity, "price": price, "discount": discount,
                    "amount": quantity * price, "rep": PEOPLE[customer % 4], "state": state,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def german(number: Decimal) -> str:
    """1.234,56"""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def american(number: Decimal) -> str:
    """$1,234.56"""
    return f"${number:,.2f}"


def text(columns: Mapping[str, pd.Series], delimiter: str, encoding: str, **around: str) -> bytes:
    """A table as text, with what stands above and below it."""
    table = pd.DataFrame(columns).to_csv(sep=delimiter, index=False, lineterminator="\r\n")
    return (around.get("above", "") + table + around.get("below", "")).encode(encoding)


def sheet(rows: list[list[object]], *more: tuple[str, list[list[object]]]) -> bytes:
    """A workbook of typed cells."""
    import xlsxwriter

    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, cells in (("Tabelle1", rows), *more):
            page = book.add_worksheet(name)
            for at, row in enumerate(cells):
                page.write_row(at, 0, [float(c) if isinstance(c, Decimal) else c for c in row])
    return held.getvalue()


def german_retail(lines: pd.DataFrame) -> Company:
    """A till's export: semicolons, cp1252, and walk-in customers without a number."""
    known = lines.order.astype(int) % 9 != 0
    made = text(
        {
            "Bon-Nr. Beleg": lines.order,
            "Kundennummer": lines.customer.where(known, ""),
            "Verkaufsdatum": lines.day.map(lambda day: f"{day:%d.%m.%Y}"),
            "Pos.": lines["item"],
            "Artikelnummer": lines["product"],
            "Artikelbezeichnung": lines["product"].map("Gerät {}".format),
            "Warengruppe": lines.group,
            "Menge": lines.quantity,
            "Einzelpreis": lines.price.map(german),
            "Umsatz": lines.amount.map(german),
        },
        ";",
        "cp1252",
    )
    return Company({"kasse.csv": made}, lines[known])


def wholesale(lines: pd.DataFrame) -> Company:
    """Heads, lines, products and customers in four files; the state stands in the heads."""
    heads = lines.drop_duplicates("order")
    products = lines.drop_duplicates("product")
    customers = lines.drop_duplicates("customer")
    files = {
        "orders.csv": text(
            {
                "orderNumber": heads.order,
                "orderDate": heads.day,
                "requiredDate": heads.day.map(lambda day: day + dt.timedelta(days=9)),
                "status": heads.state,
                "customerNumber": heads.customer,
            },
            ",",
            "utf-8",
        ),
        "orderdetails.csv": text(
            {
                "orderNumber": lines.order,
                "productCode": lines["product"],
                "quantityOrdered": lines.quantity,
                "priceEach": lines.price,
                "orderLineNumber": lines["item"] // 10,
            },
            ",",
            "utf-8",
        ),
        "products.csv": text(
            {
                "productCode": products["product"],
                "productName": products["product"].map("Tool {}".format),
                "productLine": products.group,
            },
            ",",
            "utf-8",
        ),
        "customers.csv": text(
            {
                "customerNumber": customers.customer,
                "customerName": customers.name,
                "country": "Germany",
                "salesRepEmployeeNumber": customers.rep,
            },
            ",",
            "utf-8",
        ),
    }
    return Company(files, lines[lines.state != "Cancelled"])


def crm(lines: pd.DataFrame) -> Company:
    """Opportunities: accounts have names only, amounts dollars, and not all were won."""
    made = text(
        {
            "Opportunity ID": "006" + lines.order + lines["item"].astype(str),
            "Account Name": lines.name,
            "Account Owner": lines.rep,
            "Type": lines.group,
            "Amount": lines.amount.map(american),
            "Close Date": lines.day.map(lambda day: f"{day.month}/{day.day}/{day.year}"),
            "Stage": lines.state.map({"Shipped": "Closed Won", "Cancelled": "Closed Lost"}),
        },
        ",",
        "utf-8-sig",
    )
    won = lines[lines.state != "Cancelled"]
    return Company({"report1700000000.csv": made}, won.assign(order=won.order + won["item"].astype(str)))


def american_sheet(lines: pd.DataFrame) -> Company:
    """A workbook of texts: $57.68, month before day, CUSTOMERNAME."""
    header = ["Order ID", "Order Date", "CUSTOMERNAME", "Product Category", "Line", "Sales"]
    rows = [
        [one.order, f"{one.day:%m/%d/%Y}", one.name, one.group, str(one.item), american(one.amount)]
        for one in lines.itertuples(index=False)
    ]
    return Company({"Sales 2025.xlsx": sheet([header, *rows])}, lines)


def german_sheet(lines: pd.DataFrame) -> Company:
    """A workbook of numbers and dates, with titles above, a sum below, and notes on another sheet."""
    header = ["Auftrag", "Pos.", "Kunde", "Kundenname", "Datum", "Sparte", "Umsatz netto", "Umsatz netto VJ"]
    rows: list[list[object]] = [
        [int(one.order), one.item, int(one.customer), one.name, one.day, one.group, one.amount, one.price]
        for one in lines.itertuples(index=False)
    ]
    total: list[object] = ["Gesamtsumme", "", "", "", "", "", sum(lines.amount), ""]
    above: list[list[object]] = [["Umsatzliste Vertrieb Süd"], ["Stand: 31.12.2025"], []]
    made = sheet([*above, header, *rows, total], ("Hinweise", [["nur intern"], ["ohne Gewähr"]]))
    return Company({"Umsatzliste.xlsx": made}, lines)


def sap(lines: pd.DataFrame) -> Company:
    """Technical names, numbers with zeros before them, a minus behind, and cancellations of type S1."""
    back = lines.state == "Cancelled"
    made = text(
        {
            "VBELN": lines.order.str.zfill(10),
            "POSNR": lines["item"].astype(str).str.zfill(6),
            "FKART": back.map({True: "S1", False: "F2"}),
            "FKDAT": lines.day.map(lambda day: f"{day:%Y%m%d}"),
            "KUNAG": lines.customer.str.zfill(10),
            "NAME1": lines.name,
            "MATNR": lines["product"],
            "MATKL": lines.group,
            "FKIMG": lines.quantity,
            "NETWR": [f"{german(a)}{'-' if b else ''}" for a, b in zip(lines.amount, back, strict=True)],
            "WAERK": "EUR",
        },
        ";",
        "cp1252",
    )
    return Company({"VBRP_20251231.csv": made}, lines[~back])


def business_objects(lines: pd.DataFrame) -> Company:
    """Unicode text with tabs, prompts above, the overall result below, and # for no customer."""
    known = lines.order.astype(int) % 11 != 0
    made = text(
        {
            "Sold-to party": lines.customer.where(known, "#"),
            "Sold-to party - Name": lines.name.where(known, "Not assigned"),
            "Billing Document": lines.order,
            "Item": lines["item"],
            "Billing date": lines.day.map(lambda day: f"{day:%d.%m.%Y}"),
            "Material group": lines.group,
            "Net value": lines.amount.map(german),
            "Net value LY": lines.price.map(german),
        },
        "\t",
        "utf-16",
        above="Sales by customer\r\nPrompt year:\t2023-2025\r\nLast refreshed: 31.12.2025\r\n\r\n",
        below="Overall Result\t\t\t\t\t\t" + german(sum(lines.amount)) + "\t\r\n",
    )
    return Company({"Sales by customer.txt": made}, lines[known])


def access(lines: pd.DataFrame) -> Company:
    """A database's export: times at midnight, last year's value beside this year's."""
    made = text(
        {
            "KdNr": lines.customer,
            "Firma": lines.name,
            "BelegNr": lines.order,
            "PosNr": lines["item"],
            "BelegDatum": lines.day.map(lambda day: f"{day:%d.%m.%Y} 00:00:00"),
            "Sparte": lines.group,
            "Umsatz VJ": lines.price.map(german),
            "Umsatz 2024": lines.price.map(german),
            "Umsatz 2025": lines.amount.map(german),
            "Vertreter": lines.rep,
        },
        ";",
        "cp1252",
    )
    return Company({"abfrage1.txt": made}, lines)


def web_shop(lines: pd.DataFrame) -> Company:
    """Quantity, unit price and a discount as a share; cancelled orders stay in the list."""
    made = text(
        {
            "order_id": lines.order,
            "line_no": lines["item"] // 10,
            "created_at": lines.day.map(lambda day: f"{day:%Y-%m-%d} 10:30:00"),
            "customer_id": lines.customer,
            "sku": lines["product"],
            "category": lines.group,
            "quantity": lines.quantity,
            "unit_price": lines.price,
            "discount": lines.discount,
            "order_status": lines.state.str.lower(),
        },
        ",",
        "utf-8",
    )
    worth = lines.amount * (1 - lines.discount)
    return Company({"shop-orders.csv": made}, lines.assign(amount=worth)[lines.state != "Cancelled"])


def services(lines: pd.DataFrame) -> Company:
    """A file each month with the month before it, and the day of the export in each line; no line numbers."""
    lines = lines[lines.day > LAST - dt.timedelta(days=150)]
    months = lines.day.map(lambda day: day.year * 12 + day.month - 1)
    files = {}
    for month in range(months.min(), months.max() + 1):
        part = lines[(months == month) | (months == month - 1)]
        files[f"Leistungen_{month // 12}-{month % 12 + 1:02}.csv"] = text(
            {
                "Auftragsnr": part.order,
                "Kunde": part.customer,
                "Leistungsdatum": part.day.map(lambda day: f"{day:%d.%m.%Y}"),
                "Sparte": part.order.map(lambda order: GROUPS[int(order) % 4]),
                "Betrag": part.amount.map(german),
                "Betreuer": part.rep,
                "Stand": f"{dt.date(month // 12, month % 12 + 1, 28):%d.%m.%Y}",
            },
            ";",
            "utf-8",
        )
    return Company(files, lines)


COMPANIES: tuple[Callable[[pd.DataFrame], Company], ...] = (
    german_retail, wholesale, crm, american_sheet, german_sheet,
    sap, business_objects, access, web_shop, services,
)  # fmt: skip
