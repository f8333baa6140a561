-- Conditions alone read the other side, but a row finds several of its rows: the
-- pings of the country's clients weigh in the sum.
-- level: 3
-- expect: HC109
SELECT
  a.channel,
  SUM(a.active_hours_sum) AS hours
FROM
  telemetry.clients_daily AS a
INNER JOIN
  telemetry.main AS b
  ON a.country = b.country
WHERE
  b.channel = 'nightly'
GROUP BY
  a.channel
HAVING
  COUNT(DISTINCT a.client_id) >= 5000
