//! Which encoding bytes have that are no UTF-8: editors and shells on Windows write
//! UTF-16, with a byte order mark or without one.

use std::fmt;

/// A text in UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utf16 {
    order: Order,
    /// Whether it begins with a byte order mark.
    marked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// How many bytes are looked at: a text is one from its beginning on.
const SEEN: usize = 4096;
/// Of so many characters at least one is of Latin script, which UTF-16 writes with a
/// zero byte: keywords, spaces, punctuation and line ends are.
const LATIN_OF: usize = 4;

impl Utf16 {
    /// Recognizes UTF-16 by its byte order mark, or by zero bytes that are all on one
    /// side of the pairs. UTF-8 text has none.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        let marked = |order| {
            Some(Self {
                order,
                marked: true,
            })
        };
        match bytes {
            // UTF-32 begins alike, and has two zero bytes behind the mark.
            [0xff, 0xfe, 0, 0, ..] => return None,
            [0xff, 0xfe, ..] => return marked(Order::Little),
            [0xfe, 0xff, ..] => return marked(Order::Big),
            _ => {}
        }
        let seen = &bytes[..bytes.len().min(SEEN)];
        let (mut first, mut second, mut pairs) = (0_usize, 0_usize, 0_usize);
        for pair in seen.chunks_exact(2) {
            pairs += 1;
            first += usize::from(pair[0] == 0);
            second += usize::from(pair[1] == 0);
        }
        let order = match (first, second) {
            (0, zeros) if zeros > 0 && zeros * LATIN_OF >= pairs => Order::Little,
            (zeros, 0) if zeros > 0 && zeros * LATIN_OF >= pairs => Order::Big,
            _ => return None,
        };
        Some(Self {
            order,
            marked: false,
        })
    }

    /// What `iconv` calls it.
    fn name(self) -> &'static str {
        match (self.marked, self.order) {
            (true, _) => "UTF-16",
            (false, Order::Little) => "UTF-16LE",
            (false, Order::Big) => "UTF-16BE",
        }
    }
}

impl fmt::Display for Utf16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        if self.marked {
            f.write_str("this is UTF-16")?;
        } else {
            write!(f, "looks like UTF-16 ({name}, without a byte order mark)")?;
        }
        write!(f, ": save it as UTF-8 (`iconv -f {name} -t UTF-8`)")
    }
}

#[cfg(test)]
mod tests {
    use super::Utf16;

    fn encoded(text: &str, big: bool) -> Vec<u8> {
        let units = text.encode_utf16();
        units
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    fn said(bytes: &[u8]) -> Option<String> {
        Utf16::detect(bytes).map(|found| found.to_string())
    }

    #[test]
    fn utf_16_without_a_mark_is_recognized_by_its_zero_bytes() {
        for text in [
            "SELECT 1",
            "a",
            "[rules]\nHC304 = 'off'\n",
            "{\"path\": 1}",
            "SELECT '国家', 都市 FROM 表 -- 国家\n",
        ] {
            let little = said(&encoded(text, false)).expect(text);
            assert!(
                little.contains("UTF-16LE, without a byte order mark"),
                "{little}"
            );
            let big = said(&encoded(text, true)).expect(text);
            assert!(big.contains("`iconv -f UTF-16BE -t UTF-8`"), "{big}");
        }
    }

    #[test]
    fn mark_is_recognized_and_other_encodings_are_not_utf_16() {
        let mark = said(&[0xff, 0xfe, b'a', 0]).expect("a mark");
        assert_eq!(
            mark,
            "this is UTF-16: save it as UTF-8 (`iconv -f UTF-16 -t UTF-8`)"
        );
        assert!(said(&[0xfe, 0xff, 0, b'a']).is_some());
        for other in [
            &b""[..],
            b"a",
            b"SELECT 1",
            b"\xef\xbb\xbfSELECT 1",
            b"\x00\x00",
            // Binary, and UTF-32.
            b"SQLite format 3\x00\x10\x00\x01\x01",
            b"\xff\xfe\x00\x00S\x00\x00\x00",
            b"S\x00\x00\x00E\x00\x00\x00",
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        ] {
            assert_eq!(said(other), None, "{other:?}");
        }
    }
}
