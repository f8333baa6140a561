-- Each client has one row in the inner query, so that rows are people.
-- level: 2
WITH clients AS (
  SELECT
    client_id,
    country
  FROM
    telemetry.main
  WHERE
    client_id IS NOT NULL
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
