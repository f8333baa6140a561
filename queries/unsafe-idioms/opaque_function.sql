-- What the function does cannot be seen.
-- level: 3
-- expect: HC005 HC101
SELECT
  mozdata.analysis.normalize(country) AS country,
  COUNT(*) AS client_days
FROM
  telemetry.clients_daily
GROUP BY
  1
