-- The variables by hand, directly by customer.
select
    customer_id,
    date_diff('day', max(order_date), DATE '2025-06-30') as recency,
    count(distinct order_id) as frequency,
    date_diff('day', min(order_date), DATE '2025-06-30') as years,
    count(distinct market) as products
from transactions
group by customer_id
