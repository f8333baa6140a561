-- Rows of single people, though no identifier is left.
-- level: 5
-- expect: HC203
SELECT
  submission_date,
  country,
  os
FROM
  telemetry.clients_daily
