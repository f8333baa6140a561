-- The table that is kept large is joined with a table of single people.
SELECT
  buyers.country,
  visits.os,
  buyers.buyers
FROM
  orders.country_buyers AS buyers
JOIN
  shop.orders_stable.visit_v1 AS visits
USING
  (country)
