//! Base64, as keys and fingerprints are written.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Without padding at the end.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for piece in bytes.chunks(3) {
        let mut group = [0_u8; 4];
        for (into, from) in group[1..].iter_mut().zip(piece) {
            *into = *from;
        }
        let group = u32::from_be_bytes(group);
        for place in 0..=piece.len() {
            let digit = (group >> (18 - 6 * place)) & 63;
            // A digit is below 64.
            let digit = ALPHABET[usize::try_from(digit).unwrap_or_default()];
            text.push(char::from(digit));
        }
    }
    text
}

/// With the padding that [`decode`] asks for.
pub(super) fn encode_padded(bytes: &[u8]) -> String {
    let mut text = encode(bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Takes exactly what [`encode_padded`] gives.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for piece in digits.chunks(4) {
        let mut group = 0_u32;
        for place in 0..4 {
            let value = match piece.get(place) {
                Some(digit) => ALPHABET.iter().position(|known| known == digit)?,
                None => 0,
            };
            group = group << 6 | u32::try_from(value).ok()?;
        }
        bytes.extend_from_slice(&group.to_be_bytes()[1..piece.len()]);
    }
    // One form for one key: no stray bits, and no more padding than needed.
    (encode_padded(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, encode_padded};

    #[track_caller]
    fn check(bytes: &[u8], text: &str) {
        assert_eq!(encode_padded(bytes), text);
        assert_eq!(encode(bytes), text.trim_end_matches('='));
        assert_eq!(decode(text).as_deref(), Some(bytes));
    }

    #[test]
    fn the_examples_of_rfc_4648() {
        check(b"", "");
        check(b"f", "Zg==");
        check(b"fo", "Zm8=");
        check(b"foo", "Zm9v");
        check(b"foob", "Zm9vYg==");
        check(b"fooba", "Zm9vYmE=");
        check(b"foobar", "Zm9vYmFy");
        check(&[0xFB, 0xFF, 0xFE], "+//+");
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z!==", "====", "Zg==Zg==", "Zm 9",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
