-- Conditions alone read the joined sides, and the rows depend on their people:
-- on groups that are large enough, and on the newest day, which is nobody's.
-- level: 2
WITH busy AS (
  SELECT
    country,
    COUNT(*) AS pings
  FROM
    telemetry.main
  GROUP BY
    country
  HAVING
    COUNT(DISTINCT client_id) >= 5000
)
SELECT
  a.channel,
  COUNT(DISTINCT a.client_id) AS clients
FROM
  telemetry.clients_daily AS a
INNER JOIN
  busy
  ON a.country = busy.country
CROSS JOIN
  (SELECT MAX(submission_date) AS newest FROM telemetry.clients_daily) AS days
WHERE
  busy.pings > 1000000
  AND DATE_DIFF(days.newest, a.submission_date, DAY) < 28
GROUP BY
  a.channel
HAVING
  COUNT(DISTINCT a.client_id) >= 5000
