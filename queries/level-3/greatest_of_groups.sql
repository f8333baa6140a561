-- The greatest of counts of groups is no one person's value.
-- level: 3
-- expect: HC101
SELECT
  country,
  MAX(pings) AS most
FROM
  (
    SELECT
      country,
      os,
      COUNT(*) AS pings
    FROM
      telemetry.clients_daily
    GROUP BY
      country,
      os
  )
GROUP BY
  country
