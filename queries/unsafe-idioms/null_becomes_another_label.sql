-- Small countries get one of two labels: leaving one out leaves the other, whose
-- rows may be a single person's.
-- level: 3
-- expect: HC103
WITH labelled AS (
  SELECT
    IF(
      COUNT(*) > 100,
      IFNULL(IF(COUNT(DISTINCT client_id) >= 5000, country, NULL), 'few'),
      'Other'
    ) AS label,
    COUNT(*) AS pings
  FROM
    telemetry.main
  GROUP BY
    country
)
SELECT
  label,
  SUM(pings) AS pings
FROM
  labelled
GROUP BY
  label
HAVING
  label != 'Other'
