-- An identifier inside a document, named by a path.
-- level: 6
-- expect: HC201
SELECT
  DATE(submission_timestamp) AS day,
  JSON_VALUE(TO_JSON(ping_info), '$.client_id') AS asked_by,
FROM
  telemetry.deletion_request
