-- A category 3 dimension without a minimum bucket is forbidden.
-- level: 3
-- expect: HC101 HC305
SELECT
  metrics.url2.page_domain AS domain,
  COUNT(*) AS loads
FROM
  mozdata.firefox_desktop.page_load
GROUP BY
  domain
