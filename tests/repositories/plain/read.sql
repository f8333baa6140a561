SELECT country, buyers FROM shop.large
