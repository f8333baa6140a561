-- The window's partition is the group that is made after it.
-- level: 2
WITH large AS (
  SELECT
    country,
    os
  FROM
    telemetry.main
  WHERE
    TRUE
  QUALIFY
    COUNT(DISTINCT client_id) OVER (PARTITION BY country, os) >= 5000
)
SELECT
  country,
  os,
  COUNT(*) AS pings
FROM
  large
GROUP BY
  country,
  os
