-- Several rows are written out: the columns tell them apart, and hold no data.
-- level: none
INSERT INTO
  static.labels (label, place)
VALUES
  ('large', 1),
  ('small', 2)
