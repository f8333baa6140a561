-- The joined groups are published beside the counted clients: a country of one
-- client's pings stands in a row.
-- level: 3
-- expect: HC109
WITH busy AS (
  SELECT
    country,
    COUNT(*) AS pings
  FROM
    telemetry.main
  GROUP BY
    country
)
SELECT
  a.channel,
  MAX(busy.pings) AS pings
FROM
  telemetry.clients_daily AS a
INNER JOIN
  busy
  ON a.country = busy.country
GROUP BY
  a.channel
HAVING
  COUNT(DISTINCT a.client_id) >= 5000
