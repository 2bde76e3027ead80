# %% [markdown] {"tags": ["front-matter"]}
# ---
# title: "Segment: from order lines to named segments"
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
# Every customer gets one number per variable, each number a class (the highest is the best), and
# the first rule of the rule table that matches the classes names the segment. The bounds between
# classes are natural breaks: one-dimensional k-means, solved exactly.

# %%
from pathlib import Path

from segcore import archive, charts, crosscheck, features, model, params_file, rules, tables, transitions
from segcore.engine import ENGINES

charts.enable()
archive.enter_project(study)
here = Path(run_dir)
archive.check_writable(here, run_date)
the_study = archive.study_of(here, study)
day = params_file.parse_run_date(run_date, option="run_date")
table = rules.read_rules(the_study.rules_path, the_study)
engine = ENGINES["duckdb"](memory_limit=the_study.memory_limit)
tables.load(engine, here, "transactions", "customers_source")

# %% [markdown]
# ## What is known of the customers
#
# Only orders up to the run date exist. Recency counts days since the last order, so low is good;
# years are kept in days.

# %% {"tags": ["nbval-check-output"]}
features.build(engine, the_study, day)
features.describe(engine, the_study)

# %% [markdown]
# ## How many classes?
#
# Goodness of variance fit says how much of the spread lies between the classes; it rises with
# every class, so look for where it rises little. Fewer classes are easier to explain.

# %%
model.alternatives(engine, the_study)

# %% [markdown]
# ## The candidate, and the model that is used
#
# The candidate is what this run's customers alone would give. The run uses the model that the
# study keeps, so that a customer who moves has done something, and not the ruler.

# %%
candidate, breaks = model.fit(engine, the_study, table, day)
used = model.choose(here, the_study, candidate)
model.apply(engine, used)
model.edges(used, candidate)

# %% [markdown]
# Customers whom the candidate would place elsewhere, by segment. To accept it, set `breaks.from`
# in the study to this run's date.

# %%
model.differences(engine, used, candidate)

# %% [markdown]
# ## Our breaks beside jenkspy's
#
# The same values and numbers of classes, cut by jenkspy itself. The sums of squares must agree;
# the edges may differ only where several cuts are equally good.

# %% {"tags": ["nbval-check-output"]}
crosscheck.against_jenkspy(engine, candidate)

# %% [markdown]
# ## The classes
#
# A class under 20 customers or half a percent is thin: little can be said about it. The second
# table shows what the other scale would give for such a variable.

# %%
model.class_sizes(engine, used)

# %%
model.thin(engine, used)

# %% [markdown]
# ## The rules, and the segments
#
# The first rule that matches decides. A rule that takes nobody is worth a second look.

# %%
model.rule_counts(engine, used)

# %%
charts.segment_sizes(
    model.segment_counts(engine, used),
    charts.palette(used.segments, transitions.healthy(the_study)),
)

# %% [markdown]
# ## Kept for the next stages

# %%
tables.save(engine, here, "customers")
model.save(here, used, candidate)
engine.close()
