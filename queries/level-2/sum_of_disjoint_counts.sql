-- One row a client, so that a client is counted in one system only.
-- level: 2
WITH latest AS (
  SELECT
    client_id,
    country,
    os
  FROM
    telemetry.main
  WHERE
    TRUE
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY submission_timestamp DESC) = 1
),
systems AS (
  SELECT
    country,
    os,
    COUNT(DISTINCT client_id) AS clients
  FROM
    latest
  GROUP BY
    country,
    os
)
SELECT
  country,
  SUM(clients) AS clients
FROM
  systems
GROUP BY
  country
HAVING
  clients >= 5000
