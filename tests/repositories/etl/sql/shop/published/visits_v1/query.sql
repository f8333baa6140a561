SELECT * FROM shop.orders_derived.visits_v1
