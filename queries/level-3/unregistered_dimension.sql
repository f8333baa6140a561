-- What the registry does not know has no category.
-- level: 3
-- expect: HC101 HC303
SELECT
  frobnication_state,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  frobnication_state
