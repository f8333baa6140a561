-- The state of a sketch answers who is in it.
-- level: 4
-- expect: HC205
SELECT
  country,
  HLL_COUNT.INIT(client_id) AS clients_sketch
FROM
  telemetry.clients_daily
GROUP BY
  country
