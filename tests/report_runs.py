"""A small company, its study, and its runs as the three stages before the report leave them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from shared_projects import made_once

from segcore import archive, features, kpi, model, profile, rules, sources, tables, transitions
from segcore.engine import ENGINES
from segcore.params.file import load_study

DATES = ("2025-02-19", "2025-04-05", "2025-05-20")
"""45 days apart."""

STUDY = """\
title: ACME customers
currency: EUR
sources:
  transactions:
    files: [sales.csv]
    columns: {customer_id: customer, order_id: order, order_date: date, market: market, amount: amount}
    exclude: {cancelled: "order_id like 'C%'"}
  customers: {files: [accounts.csv], columns: {customer_id: customer, name: name, rep: rep, since: since}}
variables:
  recency: {classes: 3}
  frequency: {classes: 3, scale: log, window: 12 months}
  years: {classes: 2}
  products: {classes: 2}
population: {active_within: 4 months}
breaks: {policy: keep, from: 2025-04-05}
segments:
  Champions: {action: "Early access"}
  Loyal: {action: "Reward"}
  Needs attention: {action: "Call within two weeks", follow_up: true}
  Lost: {action: "Last offer"}
follow_up: {target: [Loyal, Champions]}
"""
RULES = """\
segment,recency,frequency,years,products,note
Champions,3,>=2,*,*,
Loyal,3,*,*,*,
Needs attention,2,*,*,*,call them
Lost,*,*,*,*,
"""


def write_project(root: Path, words: Mapping[str, str] | None = None, *, customers: int = 300) -> Path:
    """Write a study, its rules and its extracts; gives the path of the study.

    ``words`` replaces texts in all of them, for names that no company should have.
    """

    def put(path: str, text: str) -> None:
        for old, new in (words or {}).items():
            text = text.replace(old, new)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    put("params/acme.yaml", STUDY)
    put("params/acme.rules.csv", RULES)
    accounts, sales = ["customer,name,rep,since"], ["customer,order,date,market,amount"]
    for i in range(customers):
        since = dt.date(2019, 1, 1) + dt.timedelta(days=i * 137 % 2000)
        accounts.append(f"K{i:03},Customer {i},Rep {'A' if i % 2 else 'BCD'[i % 3]},{since}")
        begin = 425 if i % 10 == 0 else 0
        for k in range(1 + i * 7 % 13):
            days = begin + (i * 37 + k * k * 29 + k * 53) % (505 - begin)
            day = dt.date(2024, 1, 1) + dt.timedelta(days=days)
            sales.append(
                f"K{i:03},A{i}-{k},{day},M{(i + k) % (1 + i % 5)},{(i * 31 + k * 17) % 500 + 0.99:.2f}"
            )
    sales.append("K001,C1-0,2024-05-01,M1,-20.50")
    put("data/accounts.csv", "\n".join([*accounts, ""]))
    put("data/sales.csv", "\n".join([*sales, sales[1], ""]))
    return root / "params" / "acme.yaml"


def make_runs(study_path: Path, dates: Sequence[str] = DATES, earlier: Sequence[Path] = ()) -> list[Path]:
    """Make the runs of some dates after earlier ones, in folders named after them; gives all folders."""
    study, root = load_study(study_path), study_path.parent.parent
    runs = root / "runs" / study.name
    assert study.breaks.from_ is not None
    kept = _stages(study_path, runs / "fit" / study.breaks.from_.isoformat(), [])
    made = list(earlier)
    for date in dates:
        (runs / date).mkdir(parents=True)
        (runs / date / "kept_model.json").write_text(kept.to_json())
        _stages(study_path, runs / date, made)
        made.append(runs / date)
    return made


def shared_runs(factory: pytest.TempPathFactory) -> list[Path]:
    """The runs of eighty customers on all dates, made once for all tests; nobody changes them."""
    root = made_once(factory, "runs", lambda root: make_runs(write_project(root, customers=80)))
    return [root / "runs" / "acme" / date for date in DATES]


def _stages(study_path: Path, here: Path, earlier: Sequence[Path]) -> model.Model:
    study, day = load_study(study_path), dt.date.fromisoformat(here.name)
    with ENGINES["duckdb"]() as engine:
        found = sources.collect(study, study_path.parent.parent / "data", here.parent / "inputs")
        sources.ingest(engine, study, day, found, here.parent / "inputs")
        features.build(engine, study, day)
        table = rules.read_rules(study.rules_path, study)
        candidate = model.fit(engine, study, table, day)
        used = model.choose(engine, here, study, candidate)
        model.apply(engine, used)
        profile.facts(engine, study, day)
        profile.differences(engine, used, candidate)
        for make in (profile.classes, profile.rules, profile.decides, profile.segments, profile.profile):
            make(engine, used)
        profile.edges(engine, used, candidate)
        profile.drift(engine, used, candidate)
        profile.spread(engine, used.variables)
        tables.save(engine, here, *sources.KEPT, "customers", *profile.TABLES)
        model.save(here, used, candidate)
        transitions.moves(engine, used.segments, earlier, names=transitions.renamed(study))
        transitions.movers(engine)
        transitions.accounts(engine)
        transitions.matrix(engine, used.segments)
        transitions.causes(engine, study, used, earlier)
        transitions.insights(engine, study)
        transitions.headline(engine, study)
        transitions.representatives(engine, study)
        kpi.eligible(engine, study, used, earlier)
        kpi.verdict(engine, study, None)
        transitions.sizes(engine)
        transitions.flows(engine, run_dir=here, earlier=earlier, names=transitions.renamed(study))
        transitions.history(engine)
        transitions.between(engine)
        transitions.stays(engine)
        transitions.clock(engine, used, day)
        transitions.calls(engine, study, used, run_dir=here, earlier=earlier)
        transitions.last_list(engine, earlier)
        panel = transitions.panel(engine)
        transitions.unusual(engine, panel)
        transitions.rates(engine, study, panel)
        transitions.forecast(engine, study, panel, earlier=earlier)
        tables.save(engine, here, *transitions.KEPT)
    record = {
        "inputs": [e.as_json() for e in found],
        "model": {"origin": "fitted-as-of", "sha256": "ab" * 32},
    }
    (here / "run.json").write_text(json.dumps({**record, "runs": [{"run_date": p.name} for p in earlier]}))
    assert archive.earlier_runs(here, str(earlier[-1]) if earlier else "") == list(earlier)
    return used


def write_notebook(path: Path, *cells: Sequence[Mapping[str, object]]) -> Path:
    """An executed notebook whose cells have these outputs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "execution_count": number,
            "metadata": {},
            "source": "SECRET CODE",
            "outputs": list(outputs),
        }
        for number, outputs in enumerate(cells, start=1)
    ]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}))
    return path
