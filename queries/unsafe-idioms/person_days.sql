-- A client on a hundred days is a hundred values.
-- level: 3
-- expect: HC104
SELECT
  country,
  COUNT(DISTINCT CONCAT(client_id, CAST(submission_date AS STRING))) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
