-- Being in a large country proves nothing of a city.
-- level: 3
-- expect: HC106
SELECT
  city,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
WHERE
  country IN (
    SELECT
      country
    FROM
      telemetry.clients_daily
    GROUP BY
      country
    HAVING
      COUNT(DISTINCT client_id) >= 5000
  )
GROUP BY
  city
