-- Rows are no people: one client may send them all.
-- level: 3
-- expect: HC103
SELECT
  country,
  COUNT(*) AS pings
FROM
  telemetry.main
GROUP BY
  country
HAVING
  pings >= 5000
