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
from IPython.display import display

from segcore import charts, crosscheck, features, model, notebook, profile, rules, tables, transitions
from segcore.language import say
from segcore.sentences import crosscheck as of_crosscheck
from segcore.sentences import drift as of_drift
from segcore.sentences import model as of_model
from segcore.sentences import segments as of_segments

this = notebook.enter(study, run_date, run_dir)
engine = this.engine("transactions", "customers_source")
table = rules.read_rules(this.study.rules_path, this.study)

# %% [markdown]
# ## What is known of the customers
#
# Only orders up to the run date exist. Recency counts days since the last order, so low is good.
# Every customer must have a number for every variable, or this notebook stops. The table does not
# show how customers lie between these values.

# %% {"tags": ["nbval-check-output"]}
features.build(engine, this.study, this.day)
model.check_values(engine, this.study.variables)
described = features.describe(engine, this.study)
notebook.show(described)

# %% [markdown]
# How each variable is spread, before anything is cut: where customers crowd, and how far out a few of
# them are. Where a few are very far out, `scale: log` in the study lets the others count. The bars do
# not show how the variables go together, or who the customers far out are.

# %%
uncut = profile.uncut(engine, this.study)
bars = dict(list(profile.spread(engine, uncut, "features").groupby("variable")))
drawn = [charts.spread(bars[v.name], v) for v in uncut]
notebook.show_each(drawn, of_model.described(described))

# %% [markdown]
# ## How many classes?
#
# Goodness of variance fit (`gvf`) says how much of the spread lies between the classes; it rises with
# every class, so look for where it rises little. Fewer classes are easier to explain. The fit does
# not show how many classes are of use: every further one fits better.

# %%
alternatives = model.alternatives(engine, this.study)
notebook.show(alternatives)
print(*of_model.alternatives(alternatives), sep="\n")

# %% [markdown]
# ## The candidate, and the model that is used
#
# The candidate is what this run's customers alone would give. The run uses the model that the
# study keeps, so that a customer who moves has done something, and not the ruler.
#
# How sure are its edges? The customers whom they were fitted on were drawn anew 200 times, and each
# draw was cut: `between` holds the middle 95 % of what came out. Whoever lies there may be on either
# side by chance, and is *fragile* if that would change the segment. The interval does not show that
# an edge is wrong, only how far chance could have moved it.

# %%
candidate = model.fit(engine, this.study, table, this.day)
used = model.choose(engine, this.folder, this.study, candidate)
model.apply(engine, used)
edges = model.edges(used, candidate)
profile.edges(engine, used, candidate)
notebook.show(edges)
print(of_model.edges(edges))

# %% [markdown]
# What holds for the whole run, and the customers whom the candidate would place elsewhere, by
# segment. To accept it, set `breaks.from` in the study to this run's date. The list does not show
# that the candidate would be better: nobody on it did anything.

# %%
facts = profile.facts(engine, this.study, this.day)
customers = int(facts["customers"].iloc[0])
print(of_segments.known(facts))

# %%
differences = profile.differences(engine, used, candidate)
notebook.show(differences, none=say("There is none to list."))
moving = int(differences["customers"].sum())
print(of_model.made(used.fitted_as_of, this.day, moving), *of_model.differences(differences), sep="\n")

# %% [markdown]
# ## The candidate's edges beside those of a second method
#
# The same values and numbers of classes, cut by jenkspy, or above 10,000 customers as the textbook
# says. The sums of squares within classes must agree; the edges may differ only where several cuts
# are equally good. It does not show that these classes are of use, only that they were found as they
# should be.

# %% {"tags": ["nbval-check-output"]}
second = crosscheck.against_jenkspy(engine, candidate)
notebook.show(second)
print(of_crosscheck.compared(second))

# %% [markdown]
# ## The classes
#
# A class under 20 customers or half a percent is thin: little can be said about it. The second table
# shows what the other scale would give for such a variable. The table does not show what a class is
# worth: the highest is the best of its variable only.

# %%
classes = profile.classes(engine, used)
notebook.show(profile.shown_classes(classes, used))
print(of_model.classes(classes))

# %% [markdown]
# Do the edges in use still fit? Three signs: customers shifted between the classes since the fit
# (PSI, beside what chance alone stays under in 95 of 100 cases; 0.10 is the usual rule), this run's
# own edges explain more of the spread (by 0.01 or more), and one of them lies outside the interval of
# the edge in use. If all three agree on a variable, a refit is proposed, and never done unasked. The
# signs do not show why values shifted: customers may have changed, or what is delivered.

# %%
drift = profile.drift(engine, used, candidate)
notebook.show(
    drift.round({"psi": 4, "psi_limit": 4, "gvf": 3, "gvf_now": 3, "gvf_own": 3}), *of_drift.drift(drift)
)
print(of_drift.proposal(drift, this.study.breaks.dates, this.day, used.fitted_as_of))

# %% [markdown]
# The table does not show that the other scale would be better, only how large classes would be.

# %%
thin = model.thin(engine, used)
notebook.show(thin, none=say("There is none to list."))
print(of_model.thin(thin))

# %% [markdown]
# ## The rules, and who decides
#
# The first rule that matches decides. A rule that takes nobody is worth a second look, and so is a
# variable on which nobody's segment hangs: how many customers would be in another segment if only
# their class of this one variable were another? The table does not show that a rule makes sense, only
# whom it takes.

# %%
counted = profile.rules(engine, used)
notebook.show(counted)
print(of_segments.rules(counted))

# %% [markdown]
# The table does not show that a variable is of no use: it is about these rules only.

# %%
deciding = profile.decides(engine, used)
notebook.show(deciding)
print(*of_segments.decides(deciding, customers), sep="\n")

# %% [markdown]
# ## The segments
#
# What their customers ordered, exactly, and how much of the whole that is. The table does not show
# what customers are going to order, or what they earn: segments look back, and order value is no
# profit.

# %%
palette = charts.palette(used.segments, transitions.healthy(this.study))
segments = profile.segments(engine, used)
notebook.show(profile.shown_segments(segments, this.study.currency))
display(charts.segment_sizes(segments, palette))
print(of_segments.two_best(segments), of_segments.largest(segments), of_drift.by_segment(segments), sep="\n")

# %% [markdown]
# Where the middle half of each segment's customers lies, with the median in brackets: at most a
# quarter of them lies below it, and at most a quarter above. It is kept in `profile.parquet`. The
# table does not show the other half, or any one customer in the middle of all ranges.

# %%
middle = profile.shown_profile(profile.profile(engine, used), used)
notebook.show(middle)
print(of_segments.profile(middle))

# %% [markdown]
# The same bars as before the cut, in the colours of the segments. Solid lines are the edges in use,
# dotted ones those of the candidate where they are others. The bars do not show a gap between two
# kinds of customers: those just left and right of an edge are nearly alike.

# %%
bars = dict(list(profile.spread(engine, used.variables).groupby("variable")))
others = [model.other_edges(candidate, v) for v in used.variables]
pairs = zip(used.variables, others, strict=True)
drawn = [charts.spread(bars[v.name], v, palette, candidate=other) for v, other in pairs]
notebook.show_each(drawn, of_model.cuts(edges, bars))

# %% [markdown]
# ## Kept for the next stages

# %%
tables.save(engine, this.folder, "customers", *profile.TABLES)
model.save(this.folder, used, candidate)
engine.close()
