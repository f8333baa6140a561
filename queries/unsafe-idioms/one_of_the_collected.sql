-- The group is large enough, the member that is looked for is one person.
-- level: 2
-- expect: HC111 HC112
WITH collected AS (
  SELECT
    country,
    ARRAY_AGG(os_version) AS versions
  FROM
    telemetry.clients_daily
  GROUP BY
    country
  HAVING
    COUNT(DISTINCT client_id) >= 5000
)
SELECT
  country,
  (SELECT version FROM UNNEST(versions) AS version LIMIT 1) AS some_version,
  (SELECT COUNT(*) FROM UNNEST(versions) AS version WHERE version = '10.0') AS tens,
  EXISTS(SELECT 1 FROM UNNEST(versions) AS version WHERE version = '6.1') AS any_seven,
  (SELECT COUNT(*) FROM UNNEST(versions) AS version) AS days
FROM
  collected
