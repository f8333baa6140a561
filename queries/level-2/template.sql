-- A template: both ways that it may go keep the minimum.
-- level: 2
{% set keys = ["country", "os"] %}
SELECT
  {% for key in keys %}
  {{ key }},
  {% endfor %}
  COUNT(DISTINCT client_id) AS clients
FROM
  telemetry.clients_daily
WHERE
  {% if is_init() %}
  submission_date > '2020-01-01'
  {% else %}
  submission_date = @submission_date
  {% endif %}
GROUP BY
  {{ keys | join(", ") }}
HAVING
  clients >= 5000
