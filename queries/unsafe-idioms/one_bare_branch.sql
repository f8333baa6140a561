-- The second branch brings back what the first removed.
-- level: 3
-- expect: HC109
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
UNION ALL
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
