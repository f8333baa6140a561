-- A list of identifiers for each group.
-- level: 6
-- expect: HC201 HC203
SELECT
  country,
  STRING_AGG(DISTINCT client_id, ',') AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
