-- Documents are not people.
-- level: 3
-- expect: HC104
SELECT
  country,
  COUNT(DISTINCT document_id) AS pings
FROM
  telemetry.main
GROUP BY
  country
HAVING
  COUNT(DISTINCT document_id) >= 5000
