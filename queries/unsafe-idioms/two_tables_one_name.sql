-- Both tables may have the column.
-- level: 5
-- expect: HC004
SELECT
  a.country,
  distribution
FROM
  telemetry.main AS a
INNER JOIN
  telemetry.event AS b
  ON a.document_id = b.document_id
