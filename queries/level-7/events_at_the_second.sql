-- The moment of each event.
-- level: 7
-- expect: HC203 HC204
SELECT
  submission_timestamp,
  country
FROM
  telemetry.main
