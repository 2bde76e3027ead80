# %% [markdown]
# # Who moved since the last time

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
both = before[["customer_id", "segment"]].merge(
    now[["customer_id", "segment"]], on="customer_id", how="outer", suffixes=("_before", "_now")
)
both = both.fillna({"segment_before": "(new)", "segment_now": "(gone)"})
matrix = pd.crosstab(both["segment_before"], both["segment_now"], margins=True)
matrix

# %%
shares = pd.crosstab(both["segment_before"], both["segment_now"], normalize="index")
shares.round(3)

# %%
needed = both[both["segment_before"] == "Needs attention"]
reached = needed["segment_now"].isin(["Loyal", "Champions"]).sum()
print(f"Of {len(needed)} customers who needed attention, {reached} are now Loyal or Champions.")

# %%
cells = shares.stack().reset_index(name="share")
alt.Chart(cells, width=400, height=300).mark_rect().encode(
    x="segment_now:N", y="segment_before:N", color="share:Q"
)

# %%
both[both["segment_before"] != both["segment_now"]].to_csv(f"{folder}/moves.csv", index=False)
