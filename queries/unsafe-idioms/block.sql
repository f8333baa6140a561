-- What a block writes is published too.
-- level: 6
-- expect: HC201
BEGIN
  CREATE TABLE mozdata.analysis.t AS
  SELECT
    client_id
  FROM
    telemetry.clients_daily;
END;
