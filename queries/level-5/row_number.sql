-- A number for each row tells rows apart for ever.
-- level: 5
-- expect: HC203 HC207
SELECT
  ROW_NUMBER() OVER (ORDER BY submission_date) AS row_id,
  country
FROM
  telemetry.clients_daily
