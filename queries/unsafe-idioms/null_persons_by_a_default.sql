-- level: 3
-- expect: HC114
-- COALESCE lets rows without an id through: one of the 5,000 may be nobody.
WITH persons AS (
  SELECT
    country,
    client_id
  FROM
    telemetry.clients_daily
  WHERE
    submission_date = '2026-10-01'
    AND COALESCE(client_id, 'none') != ''
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
