-- GROUP BY client_id makes a row of each client, even where it is not published.
-- level: 5
-- expect: HC203
SELECT
  COUNT(*) AS days,
  SUM(active_hours_sum) AS hours
FROM
  telemetry.clients_daily
GROUP BY
  client_id
