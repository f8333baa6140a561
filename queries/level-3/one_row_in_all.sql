-- One row in all is a group too, and nothing bounds it.
-- level: 3
-- expect: HC101
SELECT
  COUNT(*) AS rows_in_all
FROM
  telemetry.clients_daily
