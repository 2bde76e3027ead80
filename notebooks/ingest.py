# %% [markdown] {"tags": ["front-matter"]}
# ---
# title: "Ingest: from delivered extracts to clean order lines"
# format:
#   html:
#     embed-resources: true
#     html-table-processing: none
# execute:
#   echo: false
# ---

# %% {"tags": ["parameters"]}
#| tags: [parameters]
#| include: false
study: str = "params/demo.yaml"  # the study
run_date: str = "2025-12-31"  # the day the run looks from
run_dir: str = "runs/.scratch/demo/2025-12-31"  # read and write
previous_run_dir: str = "runs/.scratch/demo/2025-11-16"  # empty for none
data_dir: str = "data/demo"  # where the extracts lie

# %% [markdown]
# The extracts are read as text, checked against the study, and every single record has one of a
# few fates: it is used, or it is a duplicate, dated after the run date, excluded by a rule with a
# name, or quarantined with the reason. Nothing is lost silently; the figures must add up for every
# file, or this notebook stops.

# %%
from pathlib import Path

from segcore import archive, charts, notebook, sources, tables
from segcore.language import say
from segcore.sentences import records

this = notebook.enter(study, run_date, run_dir)
engine = this.engine(earlier=archive.earlier_runs(this.folder, previous_run_dir))

# %% [markdown]
# ## What was delivered
#
# Later extracts win over earlier ones where both hold the same order line. The hash says which
# content was read; it is kept under `inputs/`, so that the run can be repeated.

# %%
extracts = sources.staged(this.study, Path(data_dir), this.folder)
delivered = sources.delivered(extracts)
notebook.show(delivered, records.delivered(delivered))

# %% [markdown]
# ## What became of every record
#
# records = loaded + duplicates + after the run date + excluded + quarantined, for every file.

# %% {"tags": ["nbval-check-output"]}
sources.ingest(engine, this.study, this.day, extracts, this.folder.parent / "inputs")
notebook.show(tables.rows(engine, "reconciliation"))

# %% {"tags": ["nbval-check-output"]}
of_sources = tables.rows(engine, "records")
notebook.show(of_sources, records.outcome(of_sources), *records.others(of_sources))

# %% [markdown]
# Records that a rule of the study excludes, in the order of the rules: the first that applies
# counts. Cancelled orders are left out, not netted; the amount says how much was credited.

# %% {"tags": ["nbval-check-output"]}
excluded = tables.rows(engine, "excluded")
notebook.show(excluded, records.excluded(excluded, this.study.currency))

# %% [markdown]
# ## Whether the deliveries are what they should be
#
# A gate looks at what no single record shows: how many records are refused, whether every customer
# of an order line is known, whether a delivery shrank. It warns, or it stops the run; a study says
# otherwise under `gates:`, and `--accept GATE --because TEXT` passes one once.

# %%
gates = sources.check_gates(engine, this.study, extracts, previous_run_dir, run_dir=this.folder)
notebook.show(records.measured(gates), *records.gates(gates, sources.accepted_in(this.folder)))

# %%
sources.stop_at(gates)

# %% [markdown]
# ## What needs a human eye
#
# Refused records with the text that could not be read: the first 20 of `quarantine.parquet`. Where
# no column is named, the record as a whole is refused.

# %%
quarantine = engine.frame(
    'select * replace (coalesce("column", \'\') as "column") from quarantine '
    "order by source, file, record limit 20"
)
notebook.show(quarantine, records.refused(of_sources))

# %% [markdown]
# Order lines of which two extracts say different things: how often, and the first 20 of
# `conflicts.parquet`.

# %%
conflicts = engine.frame(
    'select source, "column", count(*) as times from conflicts group by all order by source, times desc, 2'
)
notebook.show(conflicts, records.disagreed(conflicts))

# %%
first = engine.frame(
    'select key, "column", kept_value, dropped_value, kept_file, dropped_file from conflicts '
    'order by source, key, "column", dropped_file, dropped_record limit 20'
)
notebook.show(first, none=say("There is no conflict to list."))

# %% [markdown]
# ## The orders that remain
#
# One look at the months shows a delivery that was cut short, or one that is missing.

# %%
months = sources.orders_by_month(engine)
charts.orders_by_month(months)

# %%
print(records.months(months, this.day))

# %% [markdown]
# ## Kept for the next stages

# %%
tables.save(engine, this.folder, *sources.KEPT)
engine.close()
