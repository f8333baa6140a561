-- Fifty is not five thousand.
-- level: 3
-- expect: HC102
SELECT
  city,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  city
HAVING
  clients > 50
