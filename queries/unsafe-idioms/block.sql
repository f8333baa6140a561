-- What a block writes is not followed.
-- level: none
-- expect: HC007
BEGIN
  CREATE TABLE mozdata.analysis.t AS
  SELECT
    client_id
  FROM
    telemetry.clients_daily;
END;
