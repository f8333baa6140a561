SELECT country FROM shop.orders_derived.b_v1
