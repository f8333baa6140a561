-- The plain case: groups by country, each of at least 5,000 clients.
-- level: 2
SELECT
  submission_date,
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
WHERE
  submission_date = '2026-01-01'
GROUP BY
  submission_date,
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
