-- One person's row, taken apart.
-- level: 2
-- expect: HC112
SELECT
  country,
  ANY_VALUE(STRUCT(os, os_version)).os_version AS some_version,
  ARRAY_AGG(STRUCT(os_version AS v) ORDER BY submission_date LIMIT 1)[OFFSET(0)].v AS first_version,
  LOGICAL_OR(os_version = '6.1') AS any_seven,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
