SELECT ARRAY_FILTER(a, (x) -> x > 1), ARRAY_TRANSFORM(b, (x, i) -> ARRAY_FILTER(c, y -> y > x + i)) FROM t
