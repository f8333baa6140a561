-- Large groups added up are larger still.
-- level: 2
WITH by_os AS (
  SELECT
    country,
    os,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.clients_daily
  GROUP BY
    country,
    os
  HAVING
    clients > 4999
)
SELECT
  country,
  SUM(clients) AS client_systems
FROM
  by_os
GROUP BY
  country
