-- A bucket of an identifier's hash with few values is a dimension.
-- level: 3
-- expect: HC101
SELECT
  MOD(ABS(FARM_FINGERPRINT(client_id)), 100) AS bucket,
  COUNT(*) AS client_days
FROM
  telemetry.clients_daily
GROUP BY
  bucket
