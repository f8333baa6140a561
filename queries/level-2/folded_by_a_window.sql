-- A window counts the people of each country; the label is grouped again.
-- level: 2
-- expect: HC110
WITH labelled AS (
  SELECT
    CASE
      WHEN COUNT(DISTINCT client_id) OVER (PARTITION BY country) >= 5000
        THEN country
      ELSE 'Other'
    END AS country
  FROM
    telemetry.main
)
SELECT
  country,
  COUNT(*) AS pings
FROM
  labelled
GROUP BY
  country
