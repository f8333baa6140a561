-- The identifier itself.
-- level: 6
-- expect: HC201 HC203
SELECT
  client_id,
  country
FROM
  telemetry.clients_daily
