-- What only one side of a full join gives, only the people of that side are in.
-- level: 2
-- expect: HC111
WITH today AS (
  SELECT client_id, country, active_hours_sum
  FROM telemetry.clients_daily
  WHERE submission_date = '2026-07-02' AND client_id IS NOT NULL
),
yesterday AS (
  SELECT client_id, country, active_hours_sum
  FROM telemetry.clients_daily
  WHERE submission_date = '2026-07-01' AND client_id IS NOT NULL
)
SELECT
  COALESCE(today.country, yesterday.country) AS country,
  SUM(IF(today.client_id IS NOT NULL, today.active_hours_sum, today.active_hours_sum)) AS hours_today,
  SUM(IF(today.client_id IS NULL, today.active_hours_sum, yesterday.active_hours_sum)) AS hours_wrong_way_round
FROM today
FULL JOIN yesterday ON today.client_id = yesterday.client_id
GROUP BY country
HAVING COUNT(DISTINCT COALESCE(today.client_id, yesterday.client_id)) >= 5000
