-- The row is large, the part of it that the ratio shows need not be.
-- level: 2
-- expect: HC111
SELECT
  country,
  COUNTIF(is_default_browser) / COUNT(*) AS default_share
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
