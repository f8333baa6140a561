-- The last row of each client is one row a person; NULL is asked for one more.
-- level: 2
WITH latest AS (
  SELECT
    client_id,
    country
  FROM
    telemetry.main
  WHERE
    TRUE
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY submission_timestamp DESC) = 1
)
SELECT
  country,
  COUNT(*) AS clients
FROM
  latest
GROUP BY
  country
HAVING
  clients > 5000
