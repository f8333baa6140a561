-- The threshold stands in a WHERE above a CTE.
-- level: 2
WITH by_country AS (
  SELECT
    country,
    os,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.clients_daily
  GROUP BY
    country,
    os
)
SELECT
  country,
  os,
  clients
FROM
  by_country
WHERE
  clients >= 5000
