-- Inside a struct, as JSON.
-- level: 6
-- expect: HC201
SELECT
  country,
  TO_JSON_STRING(STRUCT(client_id AS a, os AS b)) AS payload
FROM
  telemetry.clients_daily
