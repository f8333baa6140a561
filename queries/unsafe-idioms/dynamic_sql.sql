-- A statement made of a string.
-- level: none
-- expect: HC006
DECLARE target STRING DEFAULT 'main';
EXECUTE IMMEDIATE FORMAT('CREATE TABLE d.t AS SELECT * FROM telemetry.%s', target);
