-- A text of the time of day, to the second.
-- level: 7
-- expect: HC204
SELECT
  FORMAT_TIMESTAMP('%H:%M:%S', submission_timestamp) AS clock,
  country
FROM
  telemetry.main
