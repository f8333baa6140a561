-- Whichever table's record it is, its field names a person.
-- level: 6
-- expect: HC201 HC203
WITH events AS (
  SELECT client_info FROM telemetry.main
  UNION ALL
  SELECT client_info FROM telemetry.event
),
same AS (SELECT (SELECT AS STRUCT client_info.* REPLACE ('?' AS app_channel)) AS client_info FROM events)
SELECT
  client_info.client_id,
  IF(client_info.os = 'Windows', client_info, NULL).client_id AS of_some,
  COUNT(*) AS pings
FROM same
GROUP BY ALL
