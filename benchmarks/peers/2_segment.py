# %% [markdown]
# # Segments of customers

# %% tags=["parameters"]
run_date = "2011-12-10"
folder = "."

# %%
import altair as alt
import jenkspy
import numpy as np
import pandas as pd

# %%
orders = pd.read_parquet(f"{folder}/orders.parquet")
today = pd.Timestamp(run_date)
customers = orders.groupby("customer_id").agg(
    last=("order_date", "max"),
    first=("order_date", "min"),
    frequency=("order_id", "nunique"),
    products=("market", "nunique"),
    monetary=("amount", "sum"),
)
customers["recency"] = (today - customers["last"]).dt.days
customers["years"] = (today - customers["first"]).dt.days
customers.describe()


# %%
def classes(values, k, better="high"):
    breaks = jenkspy.jenks_breaks(values, n_classes=k)
    print(breaks)
    found = np.searchsorted(breaks[1:-1], values) + 1
    return found if better == "high" else k + 1 - found


customers["R"] = classes(customers["recency"], 5, "low")
customers["F"] = classes(np.log1p(customers["frequency"]), 5)
customers["Y"] = classes(customers["years"], 3)
customers["P"] = classes(customers["products"], 2)


# %%
def segment(c):
    if c["R"] >= 4 and c["F"] >= 3:
        return "Champions"
    if c["R"] >= 4 and c["F"] >= 2:
        return "Loyal"
    if c["R"] >= 4 and c["Y"] >= 2 and c["P"] == 2:
        return "Loyal"
    if c["R"] >= 4 or (c["R"] == 3 and c["F"] >= 2):
        return "Needs attention"
    if c["R"] == 3 or (c["R"] == 2 and c["F"] >= 2) or (c["R"] == 1 and c["F"] >= 3):
        return "At risk"
    return "Lost"


customers["segment"] = customers.apply(segment, axis=1)
sizes = customers["segment"].value_counts().rename_axis("segment").reset_index(name="customers")
sizes

# %%
customers.groupby("segment")[["recency", "frequency", "years", "products", "monetary"]].median()

# %%
alt.Chart(sizes, width=600).mark_bar().encode(x="customers:Q", y=alt.Y("segment:N", sort="-x"))

# %%
customers.reset_index().to_parquet(f"{folder}/customers_{run_date}.parquet")
