SELECT country FROM shop.orders_derived.a_v1
