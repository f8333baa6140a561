CREATE TABLE shop.large AS
SELECT country, COUNT(DISTINCT client_id) AS buyers
FROM shop.purchases
GROUP BY country
HAVING COUNT(DISTINCT client_id) >= 5000;
