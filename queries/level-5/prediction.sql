-- ML.PREDICT gives back the rows that it is given.
-- level: 5
-- expect: HC203
SELECT
  predicted_active_hours_sum
FROM
  ML.PREDICT(
    MODEL mozdata.analysis.activity_model,
    (SELECT country, os FROM telemetry.clients_daily)
  )
