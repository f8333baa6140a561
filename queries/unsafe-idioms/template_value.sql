-- Nobody says what stands there when it runs.
-- level: 3
-- expect: HC002 HC107
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= {{ minimum }}
