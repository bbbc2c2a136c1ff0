//! Asks a key distribution centre (RFC 4120 §7.2.2).

use crate::error::KerberosRefusal;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long an answer is waited for.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// The most that an answer has: tickets of accounts in a thousand groups stay far below it.
const LARGEST_ANSWER: u32 = 1 << 20;

/// Sends one message with its length before it, and reads one back with its length before it.
///
/// # Errors
/// Where it cannot be reached, or does not answer in time or within reason.
pub(super) async fn ask(kdc: &str, message: &[u8], within: Duration) -> io::Result<Vec<u8>> {
    timeout(within, async {
        let mut stream = TcpStream::connect(kdc).await?;
        stream.write_all(message).await?;
        let length = stream.read_u32().await?;
        if length > LARGEST_ANSWER {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is too large"));
        }
        let mut answer = length.to_be_bytes().to_vec();
        stream.take(length.into()).read_to_end(&mut answer).await?;
        Ok(answer)
    })
    .await?
}

/// The code of a KRB-ERROR, with its length before it (RFC 4120 §5.9.1); nothing where the answer is another.
pub(crate) fn refusal(answer: &[u8]) -> Option<KerberosRefusal> {
    const KRB_ERROR: u8 = 0x7e;
    const SEQUENCE: u8 = 0x30;
    const ERROR_CODE: u8 = 0xa6;
    let (KRB_ERROR, error, _) = element(answer.get(4..)?)? else { return None };
    let (SEQUENCE, mut fields, _) = element(error)? else { return None };
    loop {
        let (tag, field, rest) = element(fields)?;
        if tag == ERROR_CODE {
            let (_, code, _) = element(field)?;
            return u32::try_from(number(code)?).ok().map(KerberosRefusal);
        }
        fields = rest;
    }
}

/// The tag and content of the first element in DER (X.690 §8.1), and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    // Up to 127 it is the length, beyond that it counts the bytes of the length.
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (number(digits)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// A number of the largest digit first.
fn number(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0_usize, |number, digit| number.checked_mul(256)?.checked_add(usize::from(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// What is read of a centre that says this and no more, but stays.
    async fn asked(says: &'static [u8], within: Duration) -> io::Result<Vec<u8>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let kdc = listener.local_addr()?.to_string();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            stream.write_all(says).await?;
            // until whoever asked has gone
            stream.read_to_end(&mut Vec::new()).await
        });
        let answer = ask(&kdc, b"request", within).await;
        assert_eq!(serving.await??, b"request".len(), "nobody is kept");
        answer
    }

    #[tokio::test]
    async fn what_is_too_large_or_too_slow_is_not_waited_for() {
        let patience = Duration::from_secs(20);
        for length in [b"\x40\0\0\0", b"\xff\xff\xff\xff", b"\0\x10\0\x01"] {
            let error = asked(length, patience).await.unwrap_err();
            assert_eq!(error.to_string(), "the answer is too large", "{length:?}");
        }
        assert_eq!(asked(b"\0\0\0\x02\x6b\x00", patience).await.unwrap(), b"\0\0\0\x02\x6b\x00");
        for begun in [&b""[..], b"\0\0", b"\0\x10\0\0\x7e"] {
            let error = asked(begun, Duration::from_millis(50)).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{begun:?}");
        }
    }

    #[test]
    fn the_code_of_an_error_is_found_and_nothing_else_is_one() {
        // KRB-ERROR with pvno 5, msg-type 30, susec 7, error-code 24
        let error = b"\0\0\0\x18\x7e\x16\x30\x14\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa5\x03\x02\x01\x07\xa6\x03\x02\x01\x18";
        assert_eq!(refusal(error), Some(KerberosRefusal(24)));
        for cut in 0..error.len() {
            assert_eq!(refusal(&error[..cut]), None, "{cut}");
        }
        assert_eq!(refusal(b"\0\0\0\x02\x6b\x00"), None);
        assert_eq!(refusal(b"\0\0\0\x09\x7e\x88\xff\xff\xff\xff\xff\xff\xff\xff"), None);
    }
}
