//! Tests of the template station.
