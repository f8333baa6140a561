-- Nobody knows what a star brings tomorrow.
-- level: 5
-- expect: HC003 HC203
SELECT
  *
FROM
  telemetry_derived.some_table_v1
