//! What is recorded, and with what it begins.

use super::{
    masking::Masking,
    ring::{Ring, part_of},
    site::RecordedSite,
    told,
    written::{Beginning, Begun, FORMAT, Heard, Line, REFERENCE, body_of},
};
use meeting_model::{clock::Now, zone::ZoneDatabase};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, io, path::Path};
use sync_engine::{Action, Engine, Event, Site};

/// From this length on a body gets a line of its own, which others name.
const SHARED: usize = 200;

const MIB: usize = 1 << 20;

/// Why a record ends before the program.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// What a part begins with, or the next event, leaves no room for others.
    #[error("`flight_record` is too small for this site: `{would_do} MiB` would do")]
    TooSmall {
        /// The size that would do, in MiB.
        would_do: usize,
    },
    /// The disk, or the system, does not let us.
    #[error("it cannot be written")]
    Io(#[from] io::Error),
    /// A room is in a zone that was known a moment ago.
    #[error("a room's zone is not known")]
    Zone(#[from] meeting_model::error::Error),
}

/// A record being written: the latest of what the engine was told, in two parts, each of which can be replayed by itself.
///
/// Beside the record goes an engine that is told the same: what is recorded, and nothing else. Its state is what a part begins
/// with, and holds nothing that the record does not.
#[derive(Debug)]
pub struct Record {
    ring: Ring,
    masking: Masking,
    zones: ZoneDatabase,
    site: RecordedSite,
    shadow: Engine,
    /// Whether the shadow has done something else than the engine.
    has_strayed: bool,
    /// The bodies that this part holds, by their names.
    bodies: BTreeSet<String>,
}

impl Record {
    /// Begins a record, in files that together never become longer than so many bytes, with an engine that was made with this
    /// site and seed. The newest part that was there is kept beside it, until there is another.
    ///
    /// # Errors
    /// [`Ended`], where it ends before it begins.
    pub fn begin(
        path: &Path,
        most: u64,
        site: &Site,
        seed: u64,
        zones: &ZoneDatabase,
    ) -> Result<Self, Ended> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let masking = Masking::new(key);
        let site = RecordedSite::of(site, &|text| masking.stand_in(text));
        let shadow = Engine::new(site.clone().site(zones)?, seed);
        let first = line(&first_line(&site, Beginning::Seed(seed)))?;
        fits(part_of(most), first.len(), 0)?;
        let (ring, bodies) = (Ring::begin(path, most, &first)?, BTreeSet::new());
        Ok(Self { ring, masking, zones: zones.clone(), site, shadow, has_strayed: false, bodies })
    }

    /// Records that something has happened, and what the engine did.
    ///
    /// # Errors
    /// [`Ended`]: nothing more can be recorded.
    pub fn heard(&mut self, event: Event, now: Now, actions: &[Action]) -> Result<(), Ended> {
        self.entry(event, now, told::actions(actions))
    }

    /// The same, where what the engine did was put into words before.
    pub(super) fn entry(&mut self, event: Event, now: Now, did: Vec<String>) -> Result<(), Ended> {
        let site = match &event {
            Event::Reconfigured { site, .. } => {
                Some(RecordedSite::of(site, &|text| self.masking.stand_in(text)))
            }
            _ => None,
        };
        let mut event = self.masking.event(event);
        let body = take_body(&mut event);
        let mut heard = Heard { wall: now.wall, mono: now.mono, event, site, did };
        self.write(&heard, body.as_ref())?;
        if let (Some(Body { text, .. }), Some(there)) = (body, body_of(&mut heard.event)) {
            *there = text.into_bytes();
        }
        if let Some(site) = &heard.site {
            self.site = site.clone();
        }
        let Heard { event, did, .. } = heard.with_site(&self.zones)?;
        let does = told::actions(&self.shadow.on(event, now));
        if does != did && !self.has_strayed {
            self.has_strayed = true;
            tracing::warn!("what the flight record holds leads to something else: `replay` tells where");
        }
        Ok(())
    }

    /// Says at its end why it ends there.
    pub(super) fn end(&mut self, why: &Ended) -> io::Result<()> {
        let last: Line<&Engine, &Heard> = Line::Ended { why: why.to_string() };
        self.ring.end(&line(&last)?)
    }

    fn write(&mut self, heard: &Heard, body: Option<&Body>) -> Result<(), Ended> {
        let told = line(&Line::<&Engine, &Heard>::Heard(heard))?;
        let body = body.map(|body| Ok::<_, io::Error>((&body.name, line(&body.line())?))).transpose()?;
        let length = |(_, line): &(&String, Vec<u8>)| line.len();
        let is_new = body.as_ref().filter(|(name, _)| !self.bodies.contains(*name));
        if !self.ring.takes(told.len() + is_new.map_or(0, length)) {
            self.turn(told.len() + body.as_ref().map_or(0, length))?;
        }
        if let Some((name, line)) = body
            && self.bodies.insert(name.clone())
        {
            self.ring.write(&line)?;
        }
        Ok(self.ring.write(&told)?)
    }

    /// Begins another part, for an event of so many bytes.
    fn turn(&mut self, next: usize) -> Result<(), Ended> {
        let first = line(&first_line(&self.site, Beginning::State(&self.shadow)))?;
        fits(self.ring.part(), first.len(), next)?;
        self.ring.turn(&first)?;
        self.bodies.clear();
        Ok(())
    }
}

/// Whether a part of so many bytes has room for its first line and the event that comes next, with a quarter of it left for others:
/// else one part would follow another all the time.
fn fits(part: usize, first: usize, next: usize) -> Result<(), Ended> {
    let needed = first + next;
    if needed <= part / 4 * 3 {
        return Ok(());
    }
    // in half of a part, as what rooms know grows
    Err(Ended::TooSmall { would_do: (4 * needed).div_ceil(MIB) })
}

fn first_line<'a>(site: &RecordedSite, engine: Beginning<&'a Engine>) -> Line<&'a Engine, &'a Heard> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Line::Begun(Box::new(Begun { format: FORMAT, version, site: site.clone(), engine }))
}

fn line(line: &Line<&Engine, &Heard>) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

/// A body that is written once, however often it comes.
struct Body {
    name: String,
    text: String,
}

impl Body {
    fn line<'a>(&self) -> Line<&'a Engine, &'a Heard> {
        Line::Body { name: self.name.clone(), text: self.text.clone() }
    }
}

/// Puts its name into the place of a body that is long. Of any body only what is text is kept.
fn take_body(event: &mut Event) -> Option<Body> {
    let body = body_of(event)?;
    let text = String::from_utf8_lossy(body).into_owned();
    if text.len() < SHARED {
        *body = text.into_bytes();
        return None;
    }
    let name: String = hex::encode(Sha256::digest(&text)).chars().take(16).collect();
    *body = [&[REFERENCE], name.as_bytes()].concat();
    Some(Body { name, text })
}
