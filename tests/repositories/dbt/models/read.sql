SELECT country, buyers FROM {{ ref('large') }}
