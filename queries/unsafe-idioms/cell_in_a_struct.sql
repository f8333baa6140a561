-- The sum is of those alone who have a struct.
-- level: 2
-- expect: HC111
SELECT
  country,
  SUM(picked.hours) AS hours
FROM
  (
    SELECT
      country,
      client_id,
      IF(is_default_browser, STRUCT(active_hours_sum AS hours), NULL) AS picked
    FROM
      telemetry.clients_daily
  )
GROUP BY
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
