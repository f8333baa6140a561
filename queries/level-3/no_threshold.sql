-- Groups of any size are published.
-- level: 3
-- expect: HC101
SELECT
  country,
  os,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country,
  os
