-- Whoever runs it decides how small a group may be.
-- level: 3
-- expect: HC107
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= @minimum
