# %% [markdown] {"tags": ["front-matter"]}
# ---
# title: "Transitions: who moved since the last run"
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
data_dir: str = "data/demo"  # not read here

# %% [markdown]
# This run is laid beside the one before it. Every customer of either run is in exactly one state:
# **stayed** (in both), **new** (in no earlier run), **returned** (not in the last run, but in an
# earlier one), or **gone** (in the last run, no longer in this one). Nobody drops out unseen: the
# counts are held against the customers of both runs, and this notebook stops if they do not add up.

# %%
from segcore import archive, charts, model, notebook, outputs, tables, transitions

this = notebook.enter(study, run_date, run_dir)
the_study, day, here = this.study, this.day, this.folder
engine = this.engine("customers", "reps")
used = model.read(here / "model.json")
palette = charts.palette(used.segments, transitions.healthy(the_study))

# %% [markdown]
# ## The runs so far
#
# All published runs of the study before this date, oldest first. The last of them is the one that
# this run is compared with.

# %%
earlier = archive.earlier_runs(here, previous_run_dir)
print(", ".join([folder.name for folder in earlier]) or "none")

# %% [markdown]
# ## The accounts
#
# What every kind of mover ordered since the last run, and what they are worth.

# %% {"tags": ["nbval-check-output"]}
tables.load(engine, here, "transactions", "facts")
if not engine.has("facts"):  # until the segment notebook makes it
    facts = {"run_date": "DATE", "value_window": "VARCHAR"}
    tables.put(engine, "facts", facts, [(day, "12 months")])
transitions.moves(engine, used.segments, earlier)
transitions.movers(engine)

# %%
transitions.accounts(engine)

# %% [markdown]
# ## From where to where
#
# Rows say where customers were, columns where they are now. The percentage is that of the row; a
# cell of fewer than 20 customers has none, for it would say little. New and returned customers come
# from no segment, gone ones are in none.

# %% {"tags": ["nbval-check-output"]}
matrix = transitions.matrix(engine, used.segments)
transitions.crosstab(matrix)

# %% [markdown]
# ## Over all runs

# %%
transitions.history(engine)
transitions.stays(engine)

# %%
transitions.sizes(engine)

# %%
transitions.flows(engine, run_dir=here, earlier=earlier)

# %% {"tags": ["nbval-check-output"]}
transitions.headline(engine, the_study)

# %%
transitions.representatives(engine, the_study)

# %%
transitions.verdict(engine)

# %% [markdown]
# ## Kept for the report and for sales
#
# `moves.csv` lists every customer of both runs with the representative and the variables now.

# %%
tables.save(engine, here, *transitions.KEPT)
outputs.write(engine, the_study, here)
engine.close()
