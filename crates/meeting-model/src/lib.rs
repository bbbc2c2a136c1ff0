//! What a room, a meeting, an occurrence and a decision are, and the rules that decide.
//!
//! This crate is pure: no clock, no network, no files but the zone database that is passed in. Everything that
//! a display will say is decided here, once, by [`plan`](plan::plan): what the server holds goes in
//! ([`Observed`](observed::Observed)), with what we knew before ([`Known`](known::Known)), and a
//! [`Plan`](plan::Plan) comes out, with a rule and a sentence for every decision.
//!
//! The modules follow the data: [`item`] is what a calendar holds, [`observed`] is one read of it, [`known`] what
//! we held before, [`identity`] gives every occurrence its key, [`series`] expands a recurrence, [`acceptance`],
//! [`subject`], [`privacy`] and [`join`] are the rules of those names, [`plan`] joins them, [`display`] is what leaves, and
//! [`day`] is what one local day lists. Beside the plan, [`compare`](mod@compare) holds our expansion against the server's,
//! [`availability`](mod@availability) says whether a room is taken, [`switch`](mod@switch) what another way of accepting would
//! hide, [`explain`](mod@explain) why a meeting is shown, [`meeting_request`] where a subject that Exchange took away still stands,
//! [`migration`] whether a room shows the same when it is read elsewhere, and [`warning`] what an administrator has to know.

pub mod acceptance;
mod answering;
pub mod availability;
pub mod clock;
pub mod compare;
pub mod day;
pub mod decision;
pub mod display;
pub mod error;
#[cfg(test)]
mod example;
pub mod explain;
pub mod fact;
pub mod global_object_id;
pub mod id;
pub mod identity;
pub mod item;
pub mod join;
pub mod known;
pub mod meeting_request;
pub mod migration;
pub mod observed;
pub mod plan;
mod planner;
pub mod privacy;
pub mod recurrence;
pub mod series;
pub mod settings;
pub mod signs;
pub mod subject;
pub mod switch;
pub mod tombstone;
pub mod warning;
pub mod withheld;
pub mod zone;
