-- The window counts all systems, and WHERE then keeps one of them.
-- level: 3
-- expect: HC109
WITH counted AS (
  SELECT
    country,
    os,
    COUNT(DISTINCT client_id) OVER (PARTITION BY country) AS clients
  FROM
    telemetry.main
)
SELECT
  country,
  COUNT(*) AS pings
FROM
  (SELECT country, os FROM counted WHERE clients >= 5000)
WHERE
  os = 'Linux'
GROUP BY
  country
