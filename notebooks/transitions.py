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
from segcore import archive, charts, model, notebook, tables, transitions

this = notebook.enter(study, run_date, run_dir)
the_study, day, here = this.study, this.day, this.folder
engine = this.engine("customers", "reps")
used = model.read(here / "model.json")
colours = charts.palette(used.segments, transitions.healthy(the_study))

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
# Customers at the last run + new + returned − gone = customers now. Up and down are those who
# stayed and are in a better or a worse segment, by the order of segments of this run.

# %% {"tags": ["nbval-check-output"]}
transitions.moves(engine, used.segments, earlier)
book = transitions.accounting(engine)
print(transitions.equation(book))

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
# The same as a picture: only those who moved are drawn to scale, in the colour of the segment that
# they left. A band that rises is good news.

# %%
charts.flow(matrix, colours, transitions.dates(engine, day)) if book else print(transitions.FIRST_RUN)

# %% [markdown]
# How sure are the rates? Each with its 95 % interval (Wilson), for the cells in which somebody is.

# %%
matrix[matrix["customers"] > 0].drop(columns="few").round(3)

# %% [markdown]
# ## Of those who needed attention
#
# The question that the follow-ups of sales are to answer. The interval says how far the share could
# be off with so few customers; it does not say that a follow-up caused anything, for some customers
# move up by themselves.

# %% {"tags": ["nbval-check-output"]}
print(transitions.sentence(transitions.headline(engine, the_study)))

# %% [markdown]
# By the representative at the last run, in alphabetical order. This is no ranking: with few
# customers each, chance alone sets representatives far apart. `few` marks fewer than 20 customers.

# %%
by_representative = transitions.by_representative(engine, the_study)
by_representative.round(3)

# %% [markdown]
# ## Segments over all runs
#
# Every segment on the same scale. A dotted line stands where the model changed: there, a step in
# the curve may be the ruler's doing and not the customers'.

# %%
transitions.history(engine, day)
transitions.sizes(engine, day)
transitions.flows(engine, day, run_dir=here, earlier=earlier)
sizes = engine.frame("from sizes order by run_date, rank desc nulls last, segment")
changed = transitions.changed_models(engine)
charts.history(sizes, colours, changed=changed) if book else print(transitions.FIRST_RUN)

# %% [markdown]
# How many moved in each run. The counts of earlier runs are those that they published.

# %%
engine.frame("from flows order by run_date")

# %% [markdown]
# ## How long customers have been where they are
#
# Days count from the run in which the present stay began; an absence ends a stay. Customers who
# were better once are worth more than their segment says.

# %%
transitions.stays(engine)

# %% [markdown]
# ## Kept for the report and for sales
#
# `moves.csv` lists every customer of both runs with the representative and the variables now.

# %%
tables.save(engine, here, "moves", "history", "sizes", "flows")
matrix.to_parquet(here / "data" / "matrix.parquet", index=False)
by_representative.to_parquet(here / "data" / "headline.parquet", index=False)
transitions.write_moves_csv(engine, here / "report" / "moves.csv", the_study.resolved_variables())
engine.close()
