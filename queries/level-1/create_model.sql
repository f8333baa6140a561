-- A model of daily activity, made without identifiers.
-- level: 1
CREATE OR REPLACE MODEL mozdata.analysis.activity_model
OPTIONS (model_type = 'linear_reg', input_label_cols = ['active_hours_sum']) AS
SELECT
  country,
  os,
  active_hours_sum
FROM
  telemetry.clients_daily
WHERE
  submission_date = '2026-01-01';
