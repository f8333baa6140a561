-- Re-encoded, cut and renamed, it can still be read.
-- level: 6
-- expect: HC201
WITH renamed AS (
  SELECT
    client_id AS visitor,
    country
  FROM
    telemetry.clients_daily
)
SELECT
  TO_BASE64(CAST(UPPER(SUBSTR(visitor, 1, 30)) AS BYTES)) AS token,
  country
FROM
  renamed
