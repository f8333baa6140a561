-- The clients of a condition are enough in each part, and so in their sum.
-- level: 2
SELECT
  country,
  SUM(clients) AS clients
FROM
  (
    SELECT
      country,
      os,
      COUNT(DISTINCT IF(is_default_browser, client_id, NULL)) AS clients
    FROM
      telemetry.clients_daily
    GROUP BY
      country,
      os
    HAVING
      COUNT(DISTINCT IF(is_default_browser, client_id, NULL)) >= 5000
  )
GROUP BY
  country
