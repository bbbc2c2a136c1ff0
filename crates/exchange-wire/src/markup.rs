//! Where tags and texts begin and end, in XML, in pages for people, and in whatever else comes in their place.

/// The first tag, comment or text, and what is behind it; nothing where its end is not there yet.
pub(crate) fn first(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    length(rest).and_then(|length| rest.split_at_checked(length))
}

/// How long it is.
fn length(rest: &[u8]) -> Option<usize> {
    let behind = |end: &[u8]| rest.windows(end.len()).position(|here| here == end).map(|at| at + end.len());
    let begins = |with: &[u8]| rest.starts_with(with);
    let may_begin = |with: &[u8]| with.starts_with(rest);
    match rest.first()? {
        b'<' if begins(b"<!--") => behind(b"-->"),
        b'<' if begins(b"<![CDATA[") => behind(b"]]>"),
        b'<' if may_begin(b"<!--") || may_begin(b"<![CDATA[") => None,
        b'<' if begins(b"<?") => behind(b"?>"),
        b'<' => end_of_tag(rest),
        _ => rest.iter().position(|byte| *byte == b'<'),
    }
}

/// A `>` within quotes ends no tag.
fn end_of_tag(rest: &[u8]) -> Option<usize> {
    let mut quote = None;
    rest.iter()
        .position(|byte| {
            match (quote, byte) {
                (None, b'>') => return true,
                (None, b'"' | b'\'') => quote = Some(*byte),
                (Some(open), byte) if open == *byte => quote = None,
                _ => {}
            }
            false
        })
        .map(|at| at + 1)
}
