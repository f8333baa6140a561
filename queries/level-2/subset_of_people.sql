-- A count of some of the people bounds all of them, and its own cell.
-- level: 2
SELECT
  country,
  COUNT(DISTINCT IF(is_default_browser, client_id, NULL)) AS default_clients,
  COUNTIF(is_default_browser) AS default_rows
FROM
  telemetry.clients_daily
GROUP BY
  country
HAVING
  default_clients >= 5000
