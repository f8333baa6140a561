-- A record may be that of one table or another: its field is one of theirs, and no
-- other field of them.
-- level: 3
-- expect: HC101
WITH events AS (
  SELECT client_info, metadata FROM telemetry.main
  UNION ALL
  SELECT client_info, metadata FROM telemetry.event
),
parsed AS (
  SELECT
    client_info.client_id,
    (SELECT AS STRUCT metadata.* REPLACE ('?' AS header)) AS metadata
  FROM events
)
SELECT
  metadata.geo.country AS country,
  COUNT(DISTINCT client_id) AS clients
FROM parsed
GROUP BY country
