-- A client that comes back every day is counted on each.
-- level: 3
-- expect: HC104
WITH daily AS (
  SELECT
    submission_date,
    country,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.clients_daily
  GROUP BY
    submission_date,
    country
)
SELECT
  country,
  SUM(clients) AS client_days
FROM
  daily
GROUP BY
  country
HAVING
  SUM(clients) >= 5000
