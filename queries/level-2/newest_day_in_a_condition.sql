-- A subquery in a condition chooses rows; nobody of it stands in them.
-- level: 2
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
WHERE
  DATE_DIFF(
    (SELECT MAX(submission_date) FROM telemetry.main),
    submission_date,
    DAY
  ) < 28
GROUP BY
  country
HAVING
  COUNT(DISTINCT client_id) >= 5000
