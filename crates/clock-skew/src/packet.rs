//! What is said to an NTP server and what it answers. The one file that uses `ntp-proto`, which promises no stable interface.

use crate::error::{Kiss, NoSample};
use chrono::{DateTime, Utc};
use ntp_proto::{NoCipher, NtpAssociationMode, NtpPacket, NtpTimestamp, PollInterval};
use std::{fmt, io::Cursor};

/// The bytes of a packet without extensions (RFC 5905 §7.3).
const HEADER: usize = 48;

/// Where a kiss-o'-death packet has its code: in place of the reference id.
const KISS_CODE: std::ops::Range<usize> = 12..16;

/// From the first second of NTP's era 0 (1900) to Unix's (RFC 5905 §6).
const UNIX_EPOCH: i64 = 2_208_988_800;

/// From this stratum on a server is not synchronised (RFC 5905 §7.3).
const UNSYNCHRONISED: u8 = 16;

/// A question to a server, and how its answer is known.
pub struct Query {
    bytes: Vec<u8>,
    /// Whether a packet answers just this question: its origin timestamp is our transmit timestamp, which is random.
    is_answer: Box<dyn Fn(&NtpPacket<'_>) -> bool + Send + Sync>,
}

/// What a server answered, in seconds where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// How far the server's clock is ahead of ours (RFC 5905 §8, θ).
    pub offset: f64,
    /// How long question and answer were under way (δ).
    pub delay: f64,
    /// How fine its clock can be read.
    pub precision: f64,
    /// How far it is from a reference clock, in servers.
    pub stratum: u8,
    /// How long the way from it to the reference clock takes.
    pub root_delay: f64,
    /// How wrong it may be against the reference clock.
    pub root_dispersion: f64,
}

impl Query {
    /// A question that says it is asked every `2^poll` seconds.
    pub fn new(poll: u8) -> Self {
        let (packet, identifier) = NtpPacket::poll_message(PollInterval::from_byte(poll));
        let mut bytes = vec![0; HEADER];
        let written = packet.serialize(&mut Cursor::new(bytes.as_mut_slice()), &NoCipher, None);
        written.expect("a packet without extensions fits its header");
        Self { bytes, is_answer: Box::new(move |packet| packet.valid_server_response(identifier, false)) }
    }

    /// What to send.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Understands what came at `received` in answer to what was sent at `sent`, both by our steady clock.
    ///
    /// # Errors
    /// Where it is no answer, or one that cannot be used.
    pub fn read(
        &self,
        reply: &[u8],
        sent: DateTime<Utc>,
        received: DateTime<Utc>,
    ) -> Result<Answer, NoSample> {
        // what another version means by its bytes is not what we asked for
        if !matches!(reply.first().map(|first| first >> 3 & 0b111), Some(3 | 4)) {
            return Err(NoSample::Unreadable);
        }
        let Ok((packet, _)) = NtpPacket::deserialize(reply, &NoCipher) else {
            return Err(NoSample::Unreadable);
        };
        if packet.mode() != NtpAssociationMode::Server {
            return Err(NoSample::Mode);
        }
        if !(self.is_answer)(&packet) {
            return Err(NoSample::Origin);
        }
        if packet.is_kiss() {
            let code = reply.get(KISS_CODE).and_then(|code| code.try_into().ok()).unwrap_or_default();
            return Err(NoSample::Kiss(Kiss::of(code, packet.poll().as_log())));
        }
        if !packet.leap().is_synchronized() || packet.stratum() >= UNSYNCHRONISED {
            return Err(NoSample::Unsynchronised);
        }
        measured(&packet, timestamp(sent), timestamp(received))
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").finish_non_exhaustive()
    }
}

/// The on-wire calculation of RFC 5905 §8, with its four timestamps.
fn measured(packet: &NtpPacket<'_>, sent: NtpTimestamp, received: NtpTimestamp) -> Result<Answer, NoSample> {
    let (there, back) = (packet.receive_timestamp(), packet.transmit_timestamp());
    let zero = NtpTimestamp::default();
    let (away, inside) = ((received - sent).to_seconds(), (back - there).to_seconds());
    let precision = f64::from(packet.precision().clamp(-32, 0)).exp2();
    // a coarse clock may have stood still on one side and gone on by a step on the other
    if there == zero || back == zero || away < 0.0 || inside < 0.0 || inside > away + precision {
        return Err(NoSample::Impossible);
    }
    Ok(Answer {
        offset: f64::midpoint((there - sent).to_seconds(), (back - received).to_seconds()),
        delay: (away - inside).max(precision),
        precision,
        stratum: packet.stratum(),
        root_delay: packet.root_delay().to_seconds(),
        root_dispersion: packet.root_dispersion().to_seconds(),
    })
}

/// An instant as NTP has it: eras of 136 years are not told apart, differences are right across them.
fn timestamp(instant: DateTime<Utc>) -> NtpTimestamp {
    let seconds = (instant.timestamp() + UNIX_EPOCH).rem_euclid(1 << 32);
    // chrono counts a leap second into the second before it
    let nanos = instant.timestamp_subsec_nanos().min(999_999_999);
    NtpTimestamp::from_seconds_nanos_since_ntp_era(u32::try_from(seconds).unwrap_or(0), nanos)
}

#[cfg(test)]
mod tests;
