-- Noise bounds no number of people exactly.
-- level: 3
-- expect: HC101
SELECT
  WITH DIFFERENTIAL_PRIVACY
    OPTIONS (epsilon = 1.0, delta = 1e-6, privacy_unit_column = client_id)
  country,
  COUNT(*) AS client_days
FROM
  telemetry.clients_daily
GROUP BY
  country
