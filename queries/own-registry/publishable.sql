-- With a registry that links a data review for every column, nothing is left to ask.
-- level: 2
SELECT
  country,
  COUNT(DISTINCT person_id) AS people
FROM
  shop.visits
GROUP BY
  country
HAVING
  people >= 10000
