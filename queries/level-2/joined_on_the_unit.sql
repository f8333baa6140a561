-- Two tables joined on the client are one population.
-- level: 2
SELECT
  a.country,
  COUNT(DISTINCT a.client_id) AS clients
FROM
  telemetry.clients_daily AS a
INNER JOIN
  telemetry.addons AS b
  ON a.client_id = b.client_id
GROUP BY
  a.country
HAVING
  COUNT(DISTINCT a.client_id) >= 5000
