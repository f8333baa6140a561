-- Seconds divided by those of a day tell the day; those of a minute tell the minute.
-- level: 3
-- expect: HC101
SELECT
  DIV(UNIX_SECONDS(submission_timestamp), 86400) AS day,
  DIV(UNIX_SECONDS(submission_timestamp), 60) AS minute,
  COUNT(*) AS pings
FROM
  telemetry.main
GROUP BY
  day,
  minute
