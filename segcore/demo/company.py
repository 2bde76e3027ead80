"""Who the made-up company sells to, who sells for it, and in which markets.

The names hold what real master data hold: a formula, a script, apostrophes, semicolons and
quotation marks, a no-break space, a name longer than any column. Whatever shows a name must show
these as they are.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from segcore.demo.behaviour import Traits
from segcore.demo.truth import scripts

MARKETS = ("Büro", "Möbel", "Küche", "Technik", "Verpackung", "Werbemittel bis 5 €")
"""Markets by how many customers buy there; the euro sign is where cp1252 and latin-1 differ."""

TYPICAL_AMOUNT = (140.0, 900.0, 260.0, 640.0, 210.0, 75.0)
"""Median amount of an order line in each market, in euros."""

HOSTILE_NAMES = (
    '=HYPERLINK("http://x")',
    "<script>alert(1)</script> GmbH",
    "O'Neil & Söhne",
    'Kranz; Kübler "Die Einrichter" OHG',
    "Süd\N{NO-BREAK SPACE}West Logistik GmbH",
    "+49 Telefonbau AG",
    "-Minus- Kältetechnik",
    "@home Büroservice",
    "Robert'); DROP TABLE customers;--",
    "{{ 7*7 }} ${HOME} %s Druckerei",
    "NULL",
    "Betriebs- und Beteiligungsgesellschaft für " + "Großküchentechnik und " * 11 + "Zubehör mbH & Co. KG",
)

PLANTED_NAMES = tuple(scripts())
"""Those who live by a script come after them, in this order."""

REPS = (
    ("0101", "Anke Möller", "anke.moeller"),
    ("0102", "Bernd Scholz", "bernd.scholz"),
    ("0103", "Carla Süß", "carla.suess"),
    ("0104", "Dirk O'Brien", "dirk.obrien"),
    ("0105", "Elif Aydin", "elif.aydin"),
    ("0106", "Frank Jäger", "frank.jaeger"),
    ("0107", "Gesa Petersen", "gesa.petersen"),
    ("0108", "Hüseyin Kaya", "hueseyin.kaya"),
    ("0109", "Ines Krüger", "ines.krueger"),
    ("0110", "Jörg Bauer-Lang", "joerg.bauer-lang"),
    ("0111", "Katja Weiß", "katja.weiss"),
    ("0112", "Lars Nygård", "lars.nygaard"),
)
"""Number, name and local part of the address of each representative."""

REGIONS = ("Nord", "Ost", "Süd", "West", "Österreich", "Schweiz")

OUTCOMES = (
    "Termin",
    "Rückruf vereinbart",
    "Angebot über 500 € verschickt",
    "nicht erreicht; später wieder",
    "kein Bedarf",
)
CLAIM = "Auftrag erhalten"

_FAMILIES = """
    Ahrens Bäcker Brandt Dörfler Ebert Fuchs Gärtner Hübner Huß Jansen Kästner Köhler Lindqvist
    Lüders Marx Möller Naumann Özkan Pauli Quandt Röder Schäfer Thießen Uhlig Vogt Wächter Wülfing
    Ziegler Zöllner Álvarez Dubois Núñez
"""
_TRADES = """
    Bau Bürobedarf Druck Elektro Fördertechnik Gastro Getränke Handel Hotelbedarf Kältetechnik
    Kanzlei Küchenbau Labor Logistik Maschinenbau Medien Metallbau Möbelhaus Optik Pflegedienst
    Praxis Reisen Schulen Software Spedition Textil Verlag Werbung Werkzeuge Zahntechnik
"""
_FORMS = ("GmbH", "AG", "KG", "e.K.", "OHG", "GmbH & Co. KG", "eG")


@dataclass(frozen=True)
class Account:
    """One customer as the address file has it."""

    number: int
    name: str
    rep: str
    region: str
    since: dt.date


def draw_accounts(rng: np.random.Generator, traits: Traits, first_day: dt.date) -> tuple[Account, ...]:
    """Number, name, representative, region and age of every customer, in the order of the traits.

    Parameters
    ----------
    rng
        The source of all chance.
    traits
        Of n customers; says who sells to them and when they begin to buy.
    first_day
        The day that ``traits.start`` counts from. Who buys from then on has been a customer since
        some day between 2012 and then; the others since two weeks or less before their first day.
    """
    count = len(traits.rate)
    numbers = rng.choice(np.arange(1_000, 1_000_000), size=count, replace=False)
    names = _names(rng, count)
    regions = rng.integers(0, len(REGIONS), size=count)
    # Squaring makes young accounts more frequent than old ones.
    age = 1 + (rng.random(count) ** 2 * (first_day - dt.date(2012, 1, 1)).days).astype(int)
    notice = rng.integers(0, 15, size=count)
    accounts = []
    for i in range(count):
        start = int(traits.start[i])
        since = first_day + dt.timedelta(days=start - int(notice[i]) if start else -int(age[i]))
        rep = REPS[int(traits.rep[i])][0]
        accounts.append(Account(int(numbers[i]), names[i], rep, REGIONS[int(regions[i])], since))
    return tuple(accounts)


def _names(rng: np.random.Generator, count: int) -> list[str]:
    """The hostile names, the planted ones, then made-up ones; beyond some 7,000 customers these repeat."""
    families, trades = _FAMILIES.split(), _TRADES.split()
    kinds = [f"{family} {trade} {form}" for family in families for trade in trades for form in _FORMS]
    picks = rng.choice(len(kinds), size=count, replace=len(kinds) < count)
    return [*HOSTILE_NAMES, *PLANTED_NAMES, *(kinds[pick] for pick in picks)][:count]
