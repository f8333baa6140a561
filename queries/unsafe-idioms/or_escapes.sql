-- One client with 5,000 pings lets its group through.
-- level: 3
-- expect: HC105
SELECT
  country,
  COUNT(*) AS pings,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.main
GROUP BY
  country
HAVING
  pings >= 5000
  OR clients >= 5000
