-- A sign before the number changes nothing.
-- level: 2
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  COUNT(DISTINCT client_id) >= +5000
