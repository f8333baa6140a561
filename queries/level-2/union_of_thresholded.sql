-- Each branch of the union has its own threshold.
-- level: 2
SELECT
  'desktop' AS platform,
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
UNION ALL
SELECT
  'mobile' AS platform,
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  mozdata.fenix.baseline_clients_daily
GROUP BY
  country
HAVING
  clients >= 5000
