-- One condition folds both labels: a combination is shown whole, or as "Other".
-- level: 2
-- expect: HC110
WITH counted AS (
  SELECT
    country,
    os,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.clients_daily
  WHERE
    submission_date = '2026-03-01'
  GROUP BY
    country,
    os
)
SELECT
  IF(clients >= 5000, country, 'Other') AS country,
  IF(clients >= 5000, os, 'Other') AS os,
  SUM(clients) AS clients
FROM
  counted
GROUP BY
  1,
  2
