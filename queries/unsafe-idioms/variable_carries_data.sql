-- A variable holds whatever was put into it: here, everybody's identifiers.
-- level: 6
-- expect: HC201
DECLARE ids ARRAY<STRING> DEFAULT (SELECT ARRAY_AGG(client_id) FROM telemetry.main);
SELECT
  id
FROM
  UNNEST(ids) AS id
