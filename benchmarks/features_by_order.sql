-- The variables by hand, by order and then by customer; distinct markets beside them.
with orders as (
    select customer_id, order_id, max(order_date) as last_day, min(order_date) as first_day
    from transactions
    group by customer_id, order_id
), people as (
    select
        customer_id,
        date_diff('day', max(last_day), DATE '2025-06-30') as recency,
        count(*) as frequency,
        date_diff('day', min(first_day), DATE '2025-06-30') as years
    from orders
    group by customer_id
), markets as (
    select customer_id, count(*) as products
    from (select distinct customer_id, market from transactions)
    group by customer_id
)
select customer_id, recency, frequency, years, products
from people join markets using (customer_id)
