//! What a scenario's meetings say of where they take place and how they are joined.
//!
//! It is drawn by other dice than what happens: what was drawn of a seed before there was this stays as it was.

use super::{Act, Face, Scenario, Scene, act::Deed, draw::Made, said::Pen};
use crate::dice::Dice;
use chrono::TimeDelta;
use exchange_sim::Fault;

/// What makes other dice of a seed.
const OTHER: u64 = 0x6A6F_696E;

/// How many in a hundred acts of organizers are followed by one that changes a location or a body.
const FOLLOWED: u64 = 12;

/// Writes locations and bodies into everything that people sent, and lets them change some.
pub(super) fn write(scenario: &mut Scenario, made: &[Made]) {
    let mut pen = Pen::new(Dice::new(scenario.seed ^ OTHER));
    // that a location or a body alone is another one is told by no comparison: who is deceived about it does not learn of it
    let followed = if scenario.deceives() { 0 } else { FOLLOWED };
    let is_ews = matches!(scenario.face, Face::Ews(_));
    (scenario.html, scenario.links) = (is_ews && pen.dice.chance(30), is_ews && pen.dice.chance(30));
    // whoever is told that a schema is unknown speaks an older one, which has no links
    scenario.links &= !scenario.scenes.iter().any(|scene| is_of_schemas(&scene.act));
    // a room that takes the private flag away leaves locations and links
    let keeps = |room: &usize| {
        scenario.rooms.get(*room).is_none_or(|(treatment, _)| !treatment.remove_private_property)
    };
    let is_secret = |one: &Made| one.private && one.rooms.iter().all(keeps);
    let mut sent: Vec<&Made> = Vec::new();
    let mut changes = Vec::new();
    for scene in &mut scenario.scenes {
        match &mut scene.act {
            Act::Invite(id, invitation) | Act::Book(id, invitation) => {
                let Some(one) = made.iter().find(|one| one.id == *id) else { continue };
                let (secret, organizer) =
                    (is_secret(one), Some(invitation.organizer).filter(|_| !one.booked));
                invitation.location = pen.dice.chance(60).then(|| pen.location(secret));
                invitation.body = pen.dice.chance(70).then(|| pen.body(secret, organizer));
                let linked = scenario.links && !one.booked && pen.dice.chance(30);
                invitation.link = linked.then(|| pen.link(secret));
                sent.push(one);
            }
            Act::Do(..) => {}
            _ => continue,
        }
        if pen.dice.chance(followed) {
            let after = TimeDelta::seconds(pen.dice.pick(&[0, 1, 20, 300, 5_000, 40_000]));
            let one = pen.dice.pick(&sent);
            let act = Act::Do(one.id, change(&mut pen, one, is_secret(one), is_ews));
            changes.push(Scene { at: scene.at + after, act });
        }
    }
    scenario.scenes.extend(changes);
    scenario.scenes.sort_by_key(|scene| scene.at);
}

fn is_of_schemas(act: &Act) -> bool {
    matches!(act, Act::Fault { fault: Fault::InvalidServerVersion, .. })
}

/// Another location, or another body. Over WebDAV single occurrences have no body.
fn change(pen: &mut Pen, one: &Made, secret: bool, is_ews: bool) -> Deed {
    let which = (one.recurs && pen.dice.chance(60)).then(|| pen.dice.index(12));
    match which {
        Some(which) if is_ews && pen.dice.chance(50) => Deed::RewordOne(which, pen.body(secret, None)),
        Some(which) => Deed::RelocateOne(which, pen.location(secret)),
        None if pen.dice.chance(50) => Deed::Reword(pen.body(secret, None)),
        None => Deed::Relocate(pen.location(secret)),
    }
}
