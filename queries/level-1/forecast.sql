-- A forecast comes out of a model alone.
-- level: 1
SELECT
  forecast_timestamp,
  forecast_value
FROM
  ML.FORECAST(MODEL mozdata.analysis.dau_model, STRUCT(30 AS horizon, 0.9 AS confidence_level))
