-- The last moment at which each client was seen.
-- level: 7
-- expect: HC203 HC204
SELECT
  country,
  MAX(submission_timestamp) AS last_seen
FROM
  telemetry.main
GROUP BY
  client_id,
  country
