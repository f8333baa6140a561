-- level: 2
-- An id is compared where it is negated, too: NULL is neither equal nor not.
WITH persons AS (
  SELECT
    country,
    client_id
  FROM
    telemetry.clients_daily
  WHERE
    submission_date = '2026-10-01'
    AND NOT (client_id = 'none')
  GROUP BY
    country,
    client_id
)
SELECT
  country,
  COUNT(*) AS clients
FROM
  persons
GROUP BY
  country
HAVING
  clients >= 5000
