-- One of the ways that the template may go has no threshold.
-- level: 3
-- expect: HC101
SELECT
  country,
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
GROUP BY
  country
{% if not is_init() %}
HAVING
  clients >= 5000
{% endif %}
