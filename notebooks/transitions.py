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
# In this order: who moved, why, and whether that is unusual; whether customers who needed attention are
# better off, and whether following them up had anything to do with it; whom to call next. Each figure
# is followed by what it says in words, and by what it does not show.
#
# This run is laid beside the one before it. Every customer of either run is in exactly one state:
# in both runs **up**, **down**, **stayed** (in the same segment) or **unranked** (from a segment that
# no longer exists); **new** (no order up to the last run), **returned** (not in the last run, but
# ordered before), or **gone** (in the last run, not in this one). Nobody drops out unseen: the
# accounts of every segment must close, or this notebook stops.

# %%
from segcore import archive, charts, kpi, model, notebook, outputs, tables, transitions
from segcore.language import say

this = notebook.enter(study, run_date, run_dir)
the_study, day, here = this.study, this.day, this.folder
used = model.read(here / "model.json")
palette = charts.palette(used.segments, transitions.healthy(the_study))

# %% [markdown]
# ## The runs so far
#
# All published runs of the study before this date, oldest first. The last of them is the one that
# this run is compared with.

# %%
earlier = archive.earlier_runs(here, previous_run_dir)
engine = this.engine("customers", "reps", earlier=earlier)
print(", ".join([folder.name for folder in earlier]) or say("none"))

# %% [markdown]
# ## What movers did
#
# `ordered` counts those who ordered since the last run, `idle` those who did not, `value` what they
# ordered within the window of order value, and `missing` those of whom the data hold no order any
# more. More go down than up wherever new customers begin high and those who are gone leave from the
# bottom: so this says who ordered and who did not. The table does not show why they ordered or did
# not, or whether anybody had called them.

# %% {"tags": ["nbval-check-output"]}
from IPython.display import display

from segcore.sentences import attention as of_attention
from segcore.sentences import causes as of_causes
from segcore.sentences import moves as of_moves
from segcore.sentences import runs as of_runs
from segcore.sentences import usual as of_usual
from segcore.wording import short_date

tables.load(engine, here, "transactions", "customers_source", "facts", "renumbered", "followups", "credits")
transitions.moves(engine, used.segments, earlier, names=transitions.renamed(the_study))
last_run = transitions.last_run(engine)
movers = transitions.movers(engine)
if last_run:
    display(movers)
    print(f"{of_moves.moved(movers)}.", of_moves.what_others_did(movers))
    window = engine.rows("select value_window from facts")[0][0]
    print(of_moves.worth(movers, the_study.currency, window) or say("Nobody moved, came or went."))
    print(of_moves.gone(movers, the_study.population.active_within) or say("Nobody is gone."))
print(of_moves.equation(movers))

# %% [markdown]
# ## What came into every segment and went out of it
#
# First in customers, then in what they order: the value of a customer is the same in every part, so
# the value, too, adds up from start to end. The accounts do not show who these customers are: a
# segment of the same size may hold others than before.

# %% {"tags": ["nbval-check-output"]}
accounts = transitions.accounts(engine)
if last_run:
    display(transitions.across(accounts, "customers"), transitions.across(accounts, "value"))
print(of_moves.accounts(accounts))

# %% [markdown]
# ## From where to where
#
# Rows say where customers were, columns where they are now. The percentage is that of the row; a cell
# of fewer than 20 customers has none, for it would say little. New and returned customers come from
# no segment, gone ones are in none. The matrix does not show what happened between the two runs: who
# left a segment and came back in between stands there as stayed.

# %% {"tags": ["nbval-check-output"]}
matrix = transitions.matrix(engine, used.segments)
if last_run:
    display(transitions.crosstab(matrix))
print(of_moves.kept(matrix) if last_run else of_moves.FIRST_RUN)

# %% [markdown]
# The same as a picture: only those who moved are drawn to scale, in the colour of the segment that
# they left. A band that rises is good news. The picture does not show how large the segments are, or
# why anybody moved.

# %%
if last_run:
    display(charts.flow(matrix, palette, (short_date(last_run), short_date(day))))
    print(of_moves.not_drawn(movers) or say("Nobody is left out of it."))
else:
    print(of_moves.FIRST_RUN)

# %% [markdown]
# How sure are the rates? Each with its 95 % interval (Wilson), for the cells in which somebody is. A
# rate does not show what the next run brings: its interval holds chance, not another season.

# %%
if last_run:
    display(matrix[matrix["customers"] > 0].drop(columns=["position", "few"]).round(3))
print(of_moves.sure(matrix) if last_run else of_moves.FIRST_RUN)

# %% [markdown]
# ## Why they moved
#
# A move is split into what the customer did (activity), what time did (ageing), and what we did:
# other boundaries, other rules, or both where they cannot be told apart (model). A correction is
# neither: old orders were changed, or came late. Each move is marked by its largest part. A mark does
# not show the whole of a move, only its largest part.

# %% {"tags": ["nbval-check-output"]}
marks = transitions.causes(engine, the_study, used, earlier)
if last_run:
    display(marks)
    print(of_causes.moved(marks, "up"), of_causes.moved(marks, "down"))
    print(of_causes.masked(marks) or say("Nobody who stayed would have moved under the model before."))
print(f"{of_causes.finding(marks)}." if last_run else of_moves.FIRST_RUN)

# %% [markdown]
# The same for every segment, by the one that customers left. Solid is what customers did or did not do,
# hatched and white what we changed. It does not show why anybody ordered: that a customer earned a move
# says that orders made the difference, not that a follow-up led to them.

# %%
if marks["customers"].sum():
    display(charts.causes(tables.rows(engine, "causes"), palette))
else:
    print(say("There is nothing to draw."))

# %% [markdown]
# The bridge: the customers of this run by the model before and by that of this one. It has no rows
# where the model is the same. The bridge does not show who moved since the last run: both models look
# at the same customers on the same day.

# %%
bridge = tables.rows(engine, "bridge")
notebook.show(bridge, none=say("The model is that of the last run."))
print(of_causes.bridge(bridge, used.segments))

# %% [markdown]
# ## Who they are
#
# Whether movers have something in common, as it was at the last run: each region, representative and so
# on, the market they mainly bought from, order value and years with us in quarters. `expected` is how many
# would have moved if those of a level moved as everybody in the same segments, and `lift` is movers /
# expected. So many levels are tested that chance alone would lift some: `q_value` allows for it. What
# segments are made of is told last, and whom only our method moved is left out. It does not show why anybody
# moved.

# %% {"tags": ["nbval-check-output"]}
from segcore.sentences import insights as of_insights

insights = transitions.insights(engine, the_study)
standing = insights[insights["q_value"].le(of_insights.MOST_FALSE)].head(of_insights.SHOWN)
notebook.show(
    notebook.rounded(standing.drop(columns=["kind", "level", "variable", "p_value"]), 3),
    *(of_insights.told(insights) if last_run else [of_moves.FIRST_RUN]),
)

# %% [markdown]
# ## Segments over all runs
#
# Every segment on the same scale. A dotted line stands where the model changed: there, a step in the
# curve may be the ruler's doing and not the customers'. The picture does not show who is in a
# segment: it may keep its size while customers come and go.

# %%
sizes = transitions.sizes(engine)
flows = transitions.flows(engine, run_dir=here, earlier=earlier, names=transitions.renamed(the_study))
changed = list(flows.loc[flows["model_changed"].eq(True), "run_date"])
if last_run:
    display(charts.history(sizes, palette, changed=changed))
    print(f"{of_runs.over_runs(sizes, changed)}.")
else:
    print(of_moves.FIRST_RUN)

# %% [markdown]
# How many moved in each run, and what was ordered up to it within the window of order value. The
# moves of earlier runs are those that they published. The table does not show why more or fewer moved
# than before.

# %%
display(flows.convert_dtypes())
print(of_runs.flows(flows))

# %% [markdown]
# ## How long customers have been where they are
#
# `median_days` is after how many days half of all stays are over (Kaplan-Meier), of all customers and
# all runs; a stay that goes on today counts as longer than it is by now. Nobody knows when those
# began that the first run already saw, so they are not in it but told apart: `since_first` customers
# have been there for at least `days_since_first`. An absence ends a stay. The table does not show the
# day on which somebody left: only runs look, so no stay is shorter here than the time between two runs.

# %%
transitions.history(engine)
stays = transitions.stays(engine)
if last_run:
    display(stays)
print(of_usual.stays(stays) if last_run else of_moves.FIRST_RUN)

# %% [markdown]
# ## From any earlier run to this one
#
# For every earlier run where its customers are now; below, for the first. Empty at the left is who was
# not in it, empty at the right who is not in this run. The table does not show what became of anybody in
# the runs in between, so its numbers are no sums of the moves of single runs. The dashboard compares any
# two runs with it.

# %%
between = transitions.between(engine)
if last_run:
    display(between[between["run_date"].eq(between["run_date"].min())])
else:
    print(of_moves.FIRST_RUN)

# %% [markdown]
# ## Is this run unusual?
#
# First, whether customers moved as in the runs before, and in all runs alike. Chance alone calls one
# run in twenty unusual. With thousands of customers every season differs by more than chance, so
# `usual spread` says whether this run is further from those before it than they are from each other.
# The test does not show why a run is unusual.

# %%
panel = transitions.panel(engine)
unusual = transitions.unusual(engine, panel)
if len(unusual):
    display(notebook.rounded(unusual, 3))
print(of_usual.unusual(unusual))

# %% [markdown]
# How fast customers move. Runs at uneven gaps are not comparable as they stand, so moving is taken to
# go on at steady rates all the time: `rate` is that of a move per customer of the segment and
# `run_every` (below zero: that of leaving), `share` the chance to be there one `run_every` later by
# whatever way, `sojourn_days` how long a stay lasts on average. The rates do not show who moves: all
# customers of a segment are taken to be alike, however long they have been there.

# %%
rates = transitions.rates(engine, the_study, panel)
if len(rates):
    display(rates.drop(columns=["from_rank", "to_rank", "runs", "days"]).round(3))
print(of_usual.rates(rates))

# %% [markdown]
# What these rates lead to: for every run the size of each segment beside the one to be expected from
# the run before, and the next run. A band holds the size 95 times in 100 if customers go on moving,
# coming and going as so far. A forecast does not show what sales are going to do differently: it goes
# on as so far.

# %%
forecast = transitions.forecast(engine, the_study, panel, earlier=earlier)
if len(forecast):
    display(tables.rows(engine, "expected_sizes"), notebook.rounded(forecast, 3))
print(of_usual.forecast(forecast), of_usual.in_the_end(forecast))
print(of_usual.held(forecast, day) or of_usual.NOT_JUDGED)

# %% [markdown]
# ## Of those who needed attention
#
# The question that the follow-ups of sales are to answer, for every run and, in the last row, over
# all of them. The interval says how far the share could be off with so few customers; it does not say
# that a follow-up caused anything, for some customers move up by themselves.

# %% {"tags": ["nbval-check-output"]}
headline = transitions.headline(engine, the_study)
if len(headline):
    display(headline.round({"share": 3, "low": 3, "high": 3}))
    print(of_attention.told(headline, transitions.ends(the_study)[1], last_run))
else:
    print(of_attention.NOTHING)

# %% [markdown]
# ## Did following up help?
#
# Everybody who was to be followed up at the last run, and what happened since. Whoever is in a target
# now and ordered in between has reached it; both dates are seen with the model of the last run, so
# that no boundary moves anybody. Earlier runs are read as they were published.

# %%
from segcore.sentences import books as of_books
from segcore.sentences import checks, evidence
from segcore.sentences import followup as of_followup

log = kpi.has_log(engine)
transitions.clock(engine, used, day)
kpi.eligible(engine, the_study, used, earlier)
if log:
    kpi.gather(engine, earlier, names=transitions.renamed(the_study))
measured = kpi.measure(engine) if log else None
print(of_followup.begun(log, last_run))

# %% [markdown]
# How many would have reached a target without a follow-up? Everybody counts as unfollowed until the
# day after the first follow-up; the pace of those days, among customers of the same segment and
# classes and in the same week after the run, is what to expect of the days after a follow-up. So
# nobody counts as a success of a call for having ordered before it.

# %%
if log:
    followed = kpi.followed(engine, measured)
    display(notebook.rounded(followed.dropna(axis=1, how="all")))
    targets = (transitions.ends(the_study) or ("", ()))[1]
    print(of_followup.told(followed, last_run, targets, the_study.currency))
else:
    print(of_followup.NO_LOG)

# %% [markdown]
# The overall difference, with the best evidence there is: a hold-out drawn by lot, else followed and
# unfollowed customers made alike in what is known, else the bare shares. Only the first is an effect.
# The last row says what a hold-out would show.

# %%
if log:
    effect = kpi.overall(engine, the_study, measured)
    display(notebook.rounded(effect.drop(columns="position"), 3))
    print(evidence.told(effect, followed, targets))
else:
    print(of_followup.NO_LOG)

# %% [markdown]
# Whether those who reached a target stay there, once the date has passed on which they would have
# fallen without another order.

# %%
if log:
    sustained = kpi.sustained(engine, the_study)
    display(notebook.rounded(sustained, 3))
    print(of_followup.stayed(sustained))
else:
    print(of_followup.NO_LOG)

# %% [markdown]
# By the representative at the run before, in alphabetical order and not a ranking, for with few customers
# each chance alone sets representatives far apart: one verdict on whether they differ at all comes first.
# With follow-ups over all runs; then, called or not, those of the headline who are now in a target.

# %%
verdict = kpi.verdict(engine, the_study, measured)
print(of_books.told(verdict) or of_attention.NOTHING)
representatives = transitions.representatives(engine, the_study)
if log:
    books, limits = kpi.books(engine), kpi.limits(engine)
    display(notebook.rounded(books.drop(columns="position")))
    credited = kpi.credited(engine)
    says = (of_books.unrecorded(books, followed), of_books.credited(credited))
    notebook.say(*says, of_followup.NOT_SHOWN["books"])
    if len(limits) and len(drawn := kpi.drawn(books)):
        display(charts.funnel(drawn, limits))
        notebook.say(*of_books.funnel(books, followed))
if len(headline):
    display(representatives.drop(columns="position").round(3))
    print(of_attention.books(representatives) or say("Every one of them has a representative."))

# %% [markdown]
# ## What no figure would survive
#
# Follow-ups that cannot be what they say, and checks against gaming and mistakes: a book is compared
# with all others, and spoken of where chance makes as much in one run of a thousand.

# %%
if log:
    counted, suspicions = kpi.late(engine, earlier), kpi.suspicions(engine, used)
    tables.load(engine, here, "reconciliation")
    display(counted, suspicions, credited)
    late = tables.rows(engine, "late")
    told = checks.told(late, tables.rows(engine, "reconciliation"), suspicions)
    notebook.say(*told, *checks.not_shown(late, suspicions))
else:
    print(of_followup.NO_LOG)

# %% [markdown]
# ## Whom to call
#
# With nothing bought, only the days since the last order and the years with us move. So for every
# customer the day is known on which the segment falls, and the cheapest change that would lift it.
# Orders that leave a window before that day are not foreseen.

# %%
from segcore.sentences import calls as of_calls

tables.load(engine, here, "reconciliation", "rules", "segments")
lists = transitions.calls(engine, the_study, used, run_dir=here, earlier=earlier)
together = lists.iloc[0].to_dict()
until = of_calls.day(transitions.next_date(the_study, day), day)
falling, worth = together["falling"], together["value"]
windowed = any(variable.window for variable in used.variables)
print(f"{of_calls.falling(falling, worth, until, the_study.currency, windowed=windowed)}.")
print(of_calls.lists(together, the_study.follow_up.capacity))

# %% [markdown]
# How the last list did: what became of those of whom the last run said that they would fall unless they
# ordered, and who fell without being named. It does not show what calls did: whoever ordered counts,
# called or not.

# %%
last = transitions.last_list(engine, earlier)
notebook.show(last, none=say("No run before this one made a list."))
if len(last):
    notebook.say(of_calls.last_list(last, day))

# %% [markdown]
# By representative, in alphabetical order; the first row is all together. The lists themselves stand
# in `calls.parquet` and, without those who are left alone on purpose, in `call_list.csv`. The lists
# do not show whether a call changes anything: they say who falls, and when.

# %%
notebook.show(lists)
draw = tables.rows(engine, "draw")
notebook.show(
    draw, *of_calls.held_out(draw, first_run=not last_run), none=say("Nobody is to be followed up.")
)

# %% [markdown]
# ## Kept for the report and for sales
#
# `moves.csv` lists every customer of both runs with the representative and the variables now,
# `call_list.csv` whom each representative should call. `workbook.xlsx` has both with filters and notes, the
# segments, and every customer where there are up to 100,000. `customers.html` has every customer to search,
# `slides.pptx` what a meeting should know, `crm.csv` whose segment changed.

# %%
tables.save(engine, here, *transitions.KEPT)
outputs.write(engine, the_study, here)
engine.close()
