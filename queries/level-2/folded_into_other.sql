-- Small countries become "Other", and the groups are made again.
-- level: 2
-- expect: HC110
WITH counted AS (
  SELECT
    submission_date,
    country,
    COUNT(DISTINCT client_id) AS clients,
    SUM(active_hours_sum) AS active_hours
  FROM
    telemetry.clients_daily
  GROUP BY
    submission_date,
    country
)
SELECT
  submission_date,
  IF(clients >= 5000, country, 'Other') AS country,
  SUM(active_hours) AS active_hours
FROM
  counted
GROUP BY
  submission_date,
  2
