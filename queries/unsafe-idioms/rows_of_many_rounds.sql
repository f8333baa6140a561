-- Each round adds a row of a client that is there already.
-- level: 3
-- expect: HC103
DECLARE day DATE DEFAULT '2024-01-01';
CREATE TEMP TABLE clients (client_id STRING, country STRING);
WHILE day < '2024-02-01' DO
  INSERT INTO
    clients
  SELECT
    client_id,
    country
  FROM
    telemetry.main
  WHERE
    DATE(submission_timestamp) = day
    AND client_id IS NOT NULL
  GROUP BY
    client_id,
    country;
  SET day = DATE_ADD(day, INTERVAL 1 DAY);
END WHILE;
SELECT
  country,
  COUNT(*) AS clients
FROM
  clients
GROUP BY
  country
HAVING
  COUNT(*) >= 5000;
