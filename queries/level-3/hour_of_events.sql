-- Time at the hour is no finer than it has to be.
-- level: 3
-- expect: HC101
SELECT
  TIMESTAMP_TRUNC(submission_timestamp, HOUR) AS hour,
  COUNT(*) AS pings
FROM
  telemetry.main
GROUP BY
  hour
