# %% [markdown]
# # Clean order lines

# %% tags=["parameters"]
extract = "online_retail_ii.csv.gz"
run_date = "2011-12-10"
folder = "."

# %%
import altair as alt
import pandas as pd

# %%
orders = pd.read_csv(extract, dtype={"Invoice": str, "StockCode": str}, parse_dates=["InvoiceDate"])
orders = orders.rename(
    columns={
        "Invoice": "order_id",
        "StockCode": "stock_code",
        "Quantity": "quantity",
        "InvoiceDate": "order_date",
        "Price": "price",
        "Customer ID": "customer_id",
    }
)
records = len(orders)
records

# %%
orders = orders.drop_duplicates()
records - len(orders)

# %%
orders = orders[orders["order_date"] < pd.Timestamp(run_date) + pd.Timedelta(days=1)]
orders = orders.dropna(subset=["customer_id"])
orders = orders[~orders["order_id"].str.startswith("C")]
orders = orders[(orders["quantity"] > 0) & (orders["price"] > 0)]
orders["customer_id"] = orders["customer_id"].astype(int).astype(str)
orders["market"] = orders["stock_code"].str[0]
orders["amount"] = orders["quantity"] * orders["price"]
orders["order_date"] = orders["order_date"].dt.normalize()
orders.head()

# %%
print(f"{records:,} records, {len(orders):,} order lines")
print(f"{orders['customer_id'].nunique():,} customers, {orders['amount'].sum():,.4f}")

# %%
by_month = orders.groupby(orders["order_date"].dt.strftime("%Y-%m"))["order_id"].nunique().reset_index()
by_month.columns = ["month", "orders"]
alt.Chart(by_month, width=600).mark_bar().encode(x="month:O", y="orders:Q")

# %%
orders.to_parquet(f"{folder}/orders.parquet")
