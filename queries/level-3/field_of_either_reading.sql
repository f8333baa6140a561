-- A name that may be a column or a field of an array's members is either's record,
-- and its field is either's field.
-- level: 3
-- expect: HC101
WITH members AS (
  SELECT client_id, metadata
  FROM telemetry.main, UNNEST(events)
)
SELECT
  metadata.geo.country AS country,
  COUNT(*) AS n
FROM members
GROUP BY country
