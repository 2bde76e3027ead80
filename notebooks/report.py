# %% [markdown] {"tags": ["front-matter"]}
# ---
# title: "Report: what happened, for everybody"
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
previous_run_dir: str = "runs/.scratch/demo/2025-11-16"  # not read here
data_dir: str = "data/demo"  # not read here

# %% [markdown]
# What the code cells below put out, in their order, is the report: one page without code. The text
# between them is for reviewers and stays here. Every number comes from the tables that the three
# notebooks before this one wrote; sentences are patterns that are filled in, also with one and none.

# %%
from segcore import notebook, report

here = notebook.enter(study, run_date, run_dir)
this = report.load(here.study, here.day, here.folder)

# %% [markdown]
# ## The news in one paragraph
#
# A warning stands on top if the newest order is older than the study allows: old data alone move
# customers down.

# %%
report.show(this, "top")

# %% [markdown]
# Five figures, each with its trend and, one click away, its numbers. Order value counts back from
# each run date, so that runs compare whatever lies between them.

# %%
report.show(this, "figures")

# %% [markdown]
# ## Better since the last run
#
# Of those who needed attention at the last run, how many are in a target now. The share has a
# 95 % interval (Wilson); under 20 customers there is no share.

# %%
report.show(this, "attention")

# %% [markdown]
# ## Segments today
#
# Both shares are drawn on one scale. The middle half is the range from the first to the third
# quartile, both of them values that occur.

# %%
report.show(this, "segments")

# %% [markdown]
# ## Who moved
#
# The picture shows movers to scale; the tables have the exact counts, who ordered and who did not,
# and new, returned and gone customers, which close the sums.

# %%
report.show(this, "moves")

# %% [markdown]
# ## Why they moved
#
# Customers' own moves are solid, those that another model made are hatched or white. After a change of the
# model, its bridge shows the customers of today by both models.

# %%
report.show(this, "why")

# %% [markdown]
# ## Segments over runs

# %%
report.show(this, "runs")

# %% [markdown]
# ## Sales follow-up
#
# Who was followed up, who reached a target, and what was to be expected without a follow-up. Nothing
# here is an effect unless customers were held out by lot; representatives stand in alphabetical order.

# %%
report.show(this, "followup")

# %% [markdown]
# ## Whom to call
#
# The ten of highest value who fall before the next run, and one click away the list of every
# representative. Who is left alone on purpose is on none of them; `call_list.csv` has all others.

# %%
report.show(this, "calls")

# %% [markdown]
# ## How the segments were made
#
# The breaks in use on the values of today's customers, beside those that these customers alone
# would give. A rule's sentence is made from the same cells that place the customers.

# %%
report.show(this, "breaks")

# %% [markdown]
# ## The records
#
# The equation must hold exactly, for every file. If it does not, the page says so and this notebook
# stops after it, so that the report is not released.

# %%
report.show(this, "records")

# %%
report.show(this, "provenance")

# %%
report.write_summary(this, here.folder)
report.check_released(this)
