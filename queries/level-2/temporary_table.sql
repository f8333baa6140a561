-- A temporary table feeds the dataset that is published.
-- level: 2
CREATE TEMP TABLE daily AS
SELECT
  client_id,
  country
FROM
  telemetry.clients_daily
WHERE
  submission_date >= '2026-01-01';

CREATE OR REPLACE TABLE mozdata.analysis.country_clients AS
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  daily
GROUP BY
  country
HAVING
  clients >= 5000;
