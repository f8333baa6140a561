-- Who reads the view may only ask for groups of 5,000 people.
-- level: 2
CREATE OR REPLACE VIEW
  analysis.clients
OPTIONS
  (
    privacy_policy = '{"aggregation_threshold_policy": {"threshold": 5000, "privacy_unit_columns": "client_id"}}'
  )
AS
SELECT
  client_id,
  country
FROM
  telemetry.main
