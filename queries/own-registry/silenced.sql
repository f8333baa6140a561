-- A suppression silences a finding; the verdict stays.
-- level: 3
-- expect: HC101
-- headcount: allow(HC101) the steward reads every row of it
SELECT
  country,
  COUNT(*) AS visits
FROM
  shop.visits
GROUP BY
  country
