-- A function picks from what a group collected, and tells who someone is.
-- level: 6
-- expect: HC201
CREATE TEMP FUNCTION mode_last(list ANY TYPE) AS (
  (SELECT v FROM UNNEST(list) AS v WITH OFFSET AS o GROUP BY v ORDER BY COUNT(v) DESC, MAX(o) LIMIT 1)
);

SELECT
  country,
  mode_last(ARRAY_AGG(client_id)) AS loudest
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
