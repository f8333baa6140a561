-- Each client has one row in a country, and weighs 1 or nothing in the sum.
-- level: 2
SELECT
  country,
  SUM(CAST(pings > 1 AS INT64)) AS clients
FROM
  (
    SELECT
      client_id,
      country,
      COUNT(*) AS pings
    FROM
      telemetry.clients_daily
    WHERE
      client_id IS NOT NULL
    GROUP BY
      client_id,
      country
  )
GROUP BY
  country
HAVING
  SUM(CAST(pings > 1 AS INT64)) >= 5000
