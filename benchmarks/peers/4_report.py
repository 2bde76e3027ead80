# %% [markdown]
# # Customer segments

# %% tags=["parameters"]
run_date = "2011-12-10"
previous = "2011-10-26"
folder = "."

# %%
import altair as alt
import pandas as pd

# %%
now = pd.read_parquet(f"{folder}/customers_{run_date}.parquet")
before = pd.read_parquet(f"{folder}/customers_{previous}.parquet")
print(f"{len(now):,} customers, {now['monetary'].sum():,.2f} GBP; {len(before):,} at the last time")

# %%
overview = now.groupby("segment").agg(
    customers=("customer_id", "size"),
    recency=("recency", "median"),
    frequency=("frequency", "median"),
    monetary=("monetary", "sum"),
)
overview["share"] = (overview["customers"] / len(now)).round(3)
overview

# %%
moves = pd.read_csv(f"{folder}/moves.csv")
moves.groupby(["segment_before", "segment_now"]).size().sort_values(ascending=False).head(15)

# %%
history = pd.concat([before.assign(run=previous), now.assign(run=run_date)])
sizes = history.groupby(["run", "segment"]).size().reset_index(name="customers")
alt.Chart(sizes, width=400).mark_bar().encode(x="run:O", y="customers:Q", color="segment:N")
