-- Sketches that are merged are sketches.
-- level: 4
-- expect: HC205
WITH daily AS (
  SELECT
    submission_date,
    country,
    HLL_COUNT.INIT(client_id) AS sketch
  FROM
    telemetry.clients_daily
  GROUP BY
    submission_date,
    country
)
SELECT
  country,
  HLL_COUNT.MERGE_PARTIAL(sketch) AS sketch
FROM
  daily
GROUP BY
  country
