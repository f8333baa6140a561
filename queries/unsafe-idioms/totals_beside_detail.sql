-- A country that was left out is the total less all others.
-- level: 2
-- expect: HC113
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  ROLLUP (country)
HAVING
  clients >= 5000
