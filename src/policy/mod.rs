//! From facts to a level, the matrix, four answers and a verdict. No SQL here.

mod decision;

pub use decision::{
    Answer, Because, Bucket, Decision, Level, PublishedColumn, Question, QuestionId, Role, Verdict,
};
