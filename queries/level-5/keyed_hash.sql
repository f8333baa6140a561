-- With a secret mixed in nobody else can compute it; it is still one value a client.
-- level: 5
-- expect: HC202
SELECT
  TO_HEX(SHA256(CONCAT(@secret, client_id))) AS who,
  country
FROM
  telemetry.clients_daily
