-- Rows without an identifier make one row of the inner query, and nobody.
-- level: 3
-- expect: HC114
WITH clients AS (
  SELECT
    client_id,
    country
  FROM
    telemetry.main
  GROUP BY
    client_id,
    country
)
SELECT
  country,
  COUNT(*) AS clients
FROM
  clients
GROUP BY
  country
HAVING
  COUNT(*) >= 5000
