-- The elements of the array are single rows.
-- level: 5
-- expect: HC203
SELECT
  country,
  ARRAY_AGG(STRUCT(os, active_hours_sum)) AS details
FROM
  telemetry.clients_daily
GROUP BY
  country
