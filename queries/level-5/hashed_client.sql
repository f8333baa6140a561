-- A plain hash replaces the client one-to-one.
-- level: 5
-- expect: HC202 HC206
SELECT
  TO_HEX(SHA256(client_id)) AS who,
  country
FROM
  telemetry.clients_daily
