-- level: 2
-- A text of a value tells the value: a partition by it lies whole in one group.
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  (
    SELECT
      country,
      client_id,
      COUNT(DISTINCT client_id) OVER (PARTITION BY CAST(country AS STRING)) AS everyone
    FROM
      telemetry.clients_daily
    WHERE
      submission_date = '2026-10-01'
  )
WHERE
  everyone >= 5000
GROUP BY
  country
