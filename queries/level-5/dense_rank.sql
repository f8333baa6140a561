-- A dense rank over the client is another name of it.
-- level: 5
-- expect: HC202
SELECT
  DENSE_RANK() OVER (ORDER BY client_id) AS who,
  country
FROM
  telemetry.clients_daily
