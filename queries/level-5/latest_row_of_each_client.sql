-- QUALIFY keeps a row of each client.
-- level: 5
-- expect: HC203
SELECT
  country,
  os
FROM
  telemetry.clients_daily
WHERE
  submission_date = '2026-01-01'
QUALIFY
  ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY submission_date DESC) = 1
