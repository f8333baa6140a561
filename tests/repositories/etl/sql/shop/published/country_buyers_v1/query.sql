SELECT * FROM shop.orders.country_buyers
