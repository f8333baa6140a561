-- GoogleSQL's own minimum bucket.
-- level: 2
SELECT
  WITH AGGREGATION_THRESHOLD OPTIONS (threshold = 5000, privacy_unit_column = client_id)
  country,
  COUNT(*) AS client_days
FROM
  telemetry.clients_daily
GROUP BY
  country
