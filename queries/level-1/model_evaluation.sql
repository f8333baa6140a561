-- How well a model does: numbers out of the model alone.
-- level: 1
SELECT
  mean_absolute_error,
  r2_score
FROM
  ML.EVALUATE(MODEL mozdata.analysis.activity_model)
