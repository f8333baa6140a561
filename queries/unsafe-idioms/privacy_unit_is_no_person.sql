-- Documents are the privacy unit here, so one person may have them all.
-- level: 3
-- expect: HC104
SELECT
  WITH AGGREGATION_THRESHOLD OPTIONS (threshold = 5000, privacy_unit_column = document_id)
  country,
  COUNT(*) AS pings
FROM
  telemetry.main
GROUP BY
  country
