-- level: 2
-- The code, which the list has once, determines the name that it gives, beside
-- whatever rows it is joined to: a partition by the code lies whole in one group.
WITH names AS (
  SELECT
    code,
    MAX(name) AS name
  FROM
    static.country_codes_v1
  GROUP BY
    code
)
SELECT
  country,
  name,
  COUNT(DISTINCT client_id) AS clients
FROM
  (
    SELECT
      day.country,
      names.name,
      day.client_id,
      COUNT(DISTINCT day.client_id) OVER (PARTITION BY names.code) AS everyone
    FROM
      telemetry.clients_daily AS day
    INNER JOIN
      names
      ON day.country = names.code
    WHERE
      day.submission_date = '2026-10-01'
  )
WHERE
  everyone >= 5000
GROUP BY
  country,
  name
