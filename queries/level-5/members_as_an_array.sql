-- Everyone's value, out of one array into another.
-- level: 5
-- expect: HC203
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
  ARRAY(SELECT version FROM UNNEST(versions) AS version ORDER BY version) AS versions
FROM
  collected
