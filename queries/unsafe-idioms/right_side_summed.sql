-- The threshold is on all clients, the sum on those who are in the other table.
-- level: 2
-- expect: HC111
SELECT
  main.country,
  SUM(daily.active_hours_sum) AS active_hours
FROM
  telemetry.main AS main
LEFT JOIN
  telemetry.clients_daily AS daily
  ON main.client_id = daily.client_id
GROUP BY
  main.country
HAVING
  COUNT(DISTINCT main.client_id) >= 5000
