-- Each client has one row on either side, and so one row of both together.
-- level: 2
WITH pinged AS (
  SELECT
    client_id,
    COUNT(*) AS pings
  FROM
    telemetry.main
  WHERE
    client_id IS NOT NULL
  GROUP BY
    client_id
),
active AS (
  SELECT
    client_id,
    COUNT(*) AS days
  FROM
    telemetry.clients_daily
  WHERE
    client_id IS NOT NULL
  GROUP BY
    client_id
)
SELECT
  COALESCE(pinged.pings, 0) > 100 AS pings_often,
  COUNT(*) AS clients
FROM
  pinged
FULL JOIN
  active
  USING (client_id)
GROUP BY
  pings_often
HAVING
  COUNT(*) >= 5000
