CREATE OR REPLACE VIEW
  `shop.orders.country_buyers`
AS
SELECT
  *
FROM
  `shop.orders_derived.country_buyers_v1`
