-- NOT is pushed inwards, BETWEEN is its lower end, AND adds to it.
-- level: 2
SELECT
  os,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  os
HAVING
  NOT (clients < 5000)
  AND clients BETWEEN 6000 AND 900000000
  AND os IS NOT NULL
