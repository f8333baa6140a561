-- level: 2
-- NOT (… IS NULL) is IS NOT NULL: the group of those without an id is gone before
-- the groups are counted.
WITH persons AS (
  SELECT
    country,
    client_id
  FROM
    telemetry.clients_daily
  WHERE
    submission_date = '2026-10-01'
    AND NOT (client_id IS NULL)
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
