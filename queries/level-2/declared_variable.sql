-- A variable that is declared with a constant and never set is that constant.
-- level: 2
DECLARE minimum INT64 DEFAULT 5 * 1000;

SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  ALL
HAVING
  clients >= minimum;
