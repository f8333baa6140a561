-- The window counts clients; rows without the other identifier go, and people with them.
-- level: 3
-- expect: HC109
WITH counted AS (
  SELECT
    country,
    account_id,
    COUNT(DISTINCT client_id) OVER (PARTITION BY country) AS clients
  FROM
    analysis.pings
)
SELECT
  country,
  COUNT(*) AS pings
FROM
  counted
WHERE
  clients >= 5000
  AND account_id IS NOT NULL
GROUP BY
  country
