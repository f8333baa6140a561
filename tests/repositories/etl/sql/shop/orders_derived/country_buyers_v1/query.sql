-- Buyers of a day by country; small countries are left out.
SELECT
  submission_date,
  country,
  COUNT(DISTINCT client_id) AS buyers
FROM
  shop.orders_stable.purchase_v1
WHERE
  submission_date = @submission_date
GROUP BY
  submission_date,
  country
HAVING
  COUNT(DISTINCT client_id) > 375
