-- Of each person the row of today, or else that of yesterday: somebody is in
-- every row, and so in every value that either side gives.
-- level: 2
WITH today AS (
  SELECT client_id, country, active_hours_sum
  FROM telemetry.clients_daily
  WHERE submission_date = '2026-07-02' AND client_id IS NOT NULL
),
yesterday AS (
  SELECT client_id, country, active_hours_sum
  FROM telemetry.clients_daily
  WHERE submission_date = '2026-07-01' AND client_id IS NOT NULL
),
seen AS (
  SELECT
    IF(today.client_id IS NOT NULL, today, yesterday).*,
    COALESCE(today.active_hours_sum, yesterday.active_hours_sum) AS hours
  FROM today
  FULL JOIN yesterday USING (client_id)
)
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients,
  SUM(active_hours_sum) AS active_hours,
  SUM(hours) AS hours
FROM seen
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000
