-- The row is large enough, one of its cells need not be.
-- level: 2
-- expect: HC111
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients,
  COUNTIF(is_default_browser) AS defaults
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
