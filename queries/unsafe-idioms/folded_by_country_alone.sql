-- The country is large enough, but country and system together need not be.
-- level: 3
-- expect: HC106
WITH labelled AS (
  SELECT
    IF(COUNT(DISTINCT client_id) OVER (PARTITION BY country) >= 5000, country, 'Other') AS country,
    os
  FROM
    telemetry.main
)
SELECT
  country,
  os,
  COUNT(*) AS pings
FROM
  labelled
GROUP BY
  country,
  os
