-- COUNT(DISTINCT …) counts the systems of all others too.
-- level: 3
-- expect: HC104
SELECT
  country,
  COUNT(DISTINCT IF(is_default_browser, client_id, os)) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
