-- What was folded is left out again, so every row is proven.
-- level: 2
WITH counted AS (
  SELECT
    country,
    COUNT(DISTINCT client_id) AS clients,
    COUNT(*) AS pings
  FROM
    telemetry.main
  GROUP BY
    country
)
SELECT
  IF(clients >= 5000, country, 'Other') AS country,
  SUM(pings) AS pings
FROM
  counted
GROUP BY
  1
HAVING
  country != 'Other'
