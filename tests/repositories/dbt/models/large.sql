{{ config(materialized='table') }}
SELECT country, COUNT(DISTINCT client_id) AS buyers
FROM {{ source('shop', 'purchases') }}
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000
