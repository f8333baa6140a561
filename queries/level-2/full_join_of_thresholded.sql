-- Both sides keep only large groups; an unmatched side is nobody.
-- level: 2
WITH desktop AS (
  SELECT
    country,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.main
  GROUP BY
    country
  HAVING
    clients >= 5000
),
mobile AS (
  SELECT
    country,
    COUNT(DISTINCT client_id) AS clients
  FROM
    telemetry.core
  GROUP BY
    country
  HAVING
    clients >= 6000
)
SELECT
  country,
  desktop.clients AS on_desktop,
  mobile.clients AS on_mobile
FROM
  desktop
FULL JOIN
  mobile
  USING (country)
