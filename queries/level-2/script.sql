-- A script: a temporary table, a variable, a loop over countries; each way through it
-- keeps the minimum.
-- level: 2
DECLARE minimum INT64;
SET minimum = 5000;

CREATE TEMP TABLE large AS
SELECT
  country,
  os,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country,
  os
HAVING
  clients >= minimum;

IF (SELECT COUNT(*) FROM large) = 0 THEN
  RAISE USING MESSAGE = 'no group is large enough';
END IF;

CREATE OR REPLACE TABLE mozdata.analysis.large_groups AS
SELECT
  country,
  os,
  clients
FROM
  large;
