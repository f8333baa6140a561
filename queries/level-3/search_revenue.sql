-- Search counts imply revenue, which is sensitive at every level.
-- level: 3
-- expect: HC101 HC302
SELECT
  country,
  SUM(sap) AS searches
FROM
  search.search_clients_daily
GROUP BY
  country
