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
from pathlib import Path

from IPython.display import display

from segcore import notebook, report

this = report.load(notebook.enter(study, run_date, run_dir).study, run_date, run_dir)

# %% [markdown]
# ## The news in one paragraph
#
# A warning stands on top if the newest order is older than the study allows: old data alone move
# customers down.

# %%
display(*report.begin(this))

# %% [markdown]
# Five figures, each with its trend. Order value counts one year back from each run date, so that
# runs compare whatever lies between them.

# %%
display(*report.figures(this))

# %% [markdown]
# ## Of those who needed attention
#
# The share has a 95 % interval (Wilson). Representatives stand in alphabetical order; under 20
# customers there is no share.

# %%
display(*report.attention(this))

# %% [markdown]
# ## Segments today
#
# Both shares are drawn on one scale. The middle half is the range from the first to the third
# quartile, both of them values that occur.

# %%
display(*report.segments_today(this))

# %% [markdown]
# ## Who moved
#
# The picture shows movers to scale; the table has the exact counts, and new, returned and gone
# customers, which close the sums.

# %%
display(*report.who_moved(this))

# %%
display(*report.matrix(this))

# %% [markdown]
# ## Segments over all runs

# %%
display(*report.over_runs(this))

# %% [markdown]
# ## How the segments were made
#
# The breaks in use on the values of today's customers, beside those that these customers alone
# would give. A rule's sentence is made from the same cells that place the customers.

# %%
display(*report.how_made(this))

# %%
display(*report.breaks_and_rules(this))

# %% [markdown]
# ## The records
#
# The equation must hold exactly, for every file. If it does not, the page says so and this notebook
# stops after it, so that the report is not released.

# %%
display(*report.records(this))

# %%
display(*report.provenance(this))

# %%
report.write_summary(this, Path(run_dir))
report.check_released(this)
