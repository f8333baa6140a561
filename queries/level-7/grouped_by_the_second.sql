-- A group of one second is a single event.
-- level: 7
-- expect: HC101 HC204
SELECT
  submission_timestamp,
  COUNT(*) AS pings
FROM
  telemetry.main
GROUP BY
  submission_timestamp
