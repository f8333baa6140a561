-- One identifier out of a large group is one too many.
-- level: 6
-- expect: HC201
SELECT
  country,
  ANY_VALUE(client_id) AS example,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
