-- A field of a record that only some people have stands for these alone, however
-- the record came to be missing.
-- level: 2
-- expect: HC111 HC304
SELECT
  clients.metadata.geo.country AS country,
  SUM(IF(clients.sample_id = 1, clients.payload.info, NULL).subsession_length) AS of_a_sample,
  SUM(yesterday.info.subsession_length) AS of_a_column,
  SUM(yesterday.made.hours) AS of_a_struct
FROM telemetry.main AS clients
LEFT JOIN (
  SELECT
    client_id,
    payload.info,
    STRUCT(payload.info.subsession_length AS hours) AS made
  FROM telemetry.main
) AS yesterday
  ON clients.client_id = yesterday.client_id
GROUP BY country
HAVING COUNT(DISTINCT clients.client_id) >= 5000
