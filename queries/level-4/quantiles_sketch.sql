-- The state of a quantiles sketch holds values of single people.
-- level: 4
-- expect: HC205
SELECT
  os,
  KLL_QUANTILES.INIT_FLOAT64(active_hours_sum) AS hours_sketch
FROM
  telemetry.clients_daily
GROUP BY
  os
