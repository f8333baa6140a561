-- Large countries joined to raw rows and grouped again.
-- level: 3
-- expect: HC106
WITH large AS (
  SELECT
    country,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.clients_daily
  GROUP BY
    country
  HAVING
    clients >= 5000
)
SELECT
  large.country,
  pings.os,
  COUNT(*) AS pings
FROM
  large
INNER JOIN
  telemetry.main AS pings
  ON pings.country = large.country
GROUP BY
  large.country,
  pings.os
