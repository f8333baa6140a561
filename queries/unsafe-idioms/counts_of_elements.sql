-- Top values of a large group are of fewer people.
-- level: 3
-- expect: HC109
WITH by_country AS (
  SELECT
    country,
    APPROX_TOP_COUNT(city, 10) AS cities,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.clients_daily
  GROUP BY
    country
  HAVING
    clients >= 5000
)
SELECT
  country,
  city.value AS city,
  city.count AS client_days
FROM
  by_country,
  UNNEST(cities) AS city
