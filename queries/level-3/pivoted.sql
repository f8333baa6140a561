-- PIVOT groups by every column that it does not name.
-- level: 3
-- expect: HC101
SELECT
  *
FROM
  (
    SELECT
      country,
      os,
      client_id
    FROM
      telemetry.clients_daily
  )
  PIVOT (COUNT(DISTINCT client_id) AS clients FOR os IN ('Linux' AS linux, 'Windows_NT' AS windows))
