-- What is not published is assessed for those who read it, and fails nothing.
-- level: 6
-- expect: HC201
-- headcount: internal kept for the billing department alone
SELECT
  person_id,
  country
FROM
  shop.visits
