//! Formats numbers for readers.

use std::fmt;

/// A number that prints with a comma between groups of three digits: `5,000`.
///
/// SQL and JSON print plain digits instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupedNumber(pub u64);

impl fmt::Display for GroupedNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.write_str(",")?;
            }
            write!(out, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::GroupedNumber;

    #[test]
    fn thousands_are_separated_by_commas() {
        let shown =
            [0, 999, 5_000, 12_345, 1_000_000].map(|number| GroupedNumber(number).to_string());
        assert_eq!(shown, ["0", "999", "5,000", "12,345", "1,000,000"]);
    }
}
