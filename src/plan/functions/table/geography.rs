//! Geography.
//!
//! Locations remain locations: a function that returns a location, a coordinate of
//! it, or a cell that contains it, preserves identity.

use super::super::{FunctionClass, ScalarClass};
use super::{Group, failing, handling, plain};

const fn class(class: ScalarClass) -> FunctionClass {
    FunctionClass::Scalar(class)
}

pub(super) const GROUPS: &[Group] = &[
    failing(
        class(ScalarClass::Encoding),
        &[
            "S2_CELLIDFROMPOINT",
            "S2_COVERINGCELLIDS",
            "ST_BUFFER",
            "ST_BUFFERWITHTOLERANCE",
            "ST_GEOGFROM",
            "ST_GEOGFROMGEOJSON",
            "ST_GEOGFROMKML",
            "ST_GEOGFROMTEXT",
            "ST_GEOGFROMWKB",
            "ST_GEOGPOINT",
            "ST_GEOGPOINTFROMGEOHASH",
            "ST_GEOHASH",
            "ST_LINEINTERPOLATEPOINT",
            "ST_LINESUBSTRING",
            "ST_MAKELINE",
            "ST_MAKEPOLYGON",
            "ST_MAKEPOLYGONORIENTED",
            "ST_POINTN",
            "ST_REGIONSTATS",
            "ST_SNAPTOGRID",
            "ST_X",
            "ST_Y",
        ],
    ),
    plain(
        class(ScalarClass::Encoding),
        &[
            "ST_ASBINARY",
            "ST_ASGEOJSON",
            "ST_ASKML",
            "ST_ASTEXT",
            "ST_BOUNDARY",
            "ST_BOUNDINGBOX",
            "ST_CENTROID",
            "ST_CLOSESTPOINT",
            "ST_CONVEXHULL",
            "ST_DIFFERENCE",
            "ST_DUMP",
            "ST_DUMPPOINTS",
            "ST_ENDPOINT",
            "ST_EXTERIORRING",
            "ST_INTERIORRINGS",
            "ST_INTERSECTION",
            "ST_SIMPLIFY",
            "ST_STARTPOINT",
            "ST_UNARYUNION",
        ],
    ),
    handling(class(ScalarClass::Encoding), &["ST_UNION"]),
    // Distances to known locations determine a location.
    failing(
        class(ScalarClass::Arithmetic),
        &[
            "ST_ANGLE",
            "ST_AREA",
            "ST_AZIMUTH",
            "ST_DISTANCE",
            "ST_HAUSDORFFDISTANCE",
            "ST_LENGTH",
            "ST_LINELOCATEPOINT",
            "ST_MAXDISTANCE",
            "ST_PERIMETER",
        ],
    ),
    plain(
        class(ScalarClass::Measure),
        &[
            "ST_DIMENSION",
            "ST_GEOMETRYTYPE",
            "ST_NPOINTS",
            "ST_NUMGEOMETRIES",
            "ST_NUMPOINTS",
        ],
    ),
    plain(
        class(ScalarClass::Predicate),
        &[
            "ST_CONTAINS",
            "ST_COVEREDBY",
            "ST_COVERS",
            "ST_DISJOINT",
            "ST_DWITHIN",
            "ST_EQUALS",
            "ST_HAUSDORFFDWITHIN",
            "ST_INTERSECTS",
            "ST_INTERSECTSBOX",
            "ST_ISCLOSED",
            "ST_ISCOLLECTION",
            "ST_ISEMPTY",
            "ST_ISRING",
            "ST_TOUCHES",
            "ST_WITHIN",
        ],
    ),
];
