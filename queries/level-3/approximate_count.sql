-- APPROX_COUNT_DISTINCT is an ordinary number, but never exact.
-- level: 3
-- expect: HC108
SELECT
  country,
  APPROX_COUNT_DISTINCT(client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
