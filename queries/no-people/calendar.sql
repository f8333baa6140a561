-- Dates out of nothing.
-- level: none
SELECT
  day,
  EXTRACT(DAYOFWEEK FROM day) IN (1, 7) AS is_weekend
FROM
  UNNEST(GENERATE_DATE_ARRAY('2026-01-01', '2026-12-31')) AS day
