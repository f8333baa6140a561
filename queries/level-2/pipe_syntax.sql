-- The same question in pipe syntax.
-- level: 2
FROM telemetry.clients_daily
|> WHERE submission_date = '2026-01-01'
|> AGGREGATE COUNT(DISTINCT client_id) AS clients GROUP BY country, os
|> WHERE clients >= 5000
|> ORDER BY clients DESC
