-- The small groups are all there, under one label.
-- level: 3
-- expect: HC101
SELECT
  IF(COUNT(DISTINCT client_id) >= 5000, country, 'Other') AS label,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
