-- Numbers out of themselves.
-- level: none
WITH RECURSIVE numbers AS (
  SELECT
    1 AS n
  UNION ALL
  SELECT
    n + 1
  FROM
    numbers
  WHERE
    n < 28
)
SELECT
  n
FROM
  numbers
