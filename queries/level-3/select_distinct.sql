-- SELECT DISTINCT is GROUP BY without aggregates.
-- level: 3
-- expect: HC101
SELECT DISTINCT
  country,
  os
FROM
  telemetry.clients_daily
