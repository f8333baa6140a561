-- HAVING means the alias, and the alias is a constant.
-- level: 3
-- expect: HC101
SELECT
  country,
  99999 AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
