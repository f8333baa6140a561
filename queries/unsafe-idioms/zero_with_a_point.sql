-- 0.0 adds nothing either: the sum is of those alone who use a Mac.
-- level: 2
-- expect: HC111
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients,
  SUM(IF(os = 'Darwin', active_hours_sum, 0.0)) AS hours_on_macs
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
