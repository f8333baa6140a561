-- MERGE writes what its source brings.
-- level: 6
-- expect: HC201
MERGE
  mozdata.analysis.latest AS t
USING
  (SELECT client_id, country FROM telemetry.clients_daily) AS s
ON
  t.country = s.country
WHEN MATCHED THEN
  UPDATE SET who = s.client_id
WHEN NOT MATCHED THEN
  INSERT (country, who) VALUES (s.country, s.client_id)
