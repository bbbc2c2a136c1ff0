//! What changes while it is read.

use super::*;

#[test]
fn what_is_gone_by_the_time_it_is_asked_for_is_listed_again() {
    let mut listed = 0;
    let (asked, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => {
            listed += 1;
            if listed == 1 { page("one", true, "+moved +well") } else { page("two", true, "-moved +well") }
        }
        _ => items(request, |id| if id == "moved" { failure("ErrorItemNotFound") } else { meeting(id) }),
    });
    assert_eq!(asked, ["changes state 0/512", "items moved well", "changes state 0/512", "items well"]);
    let Outcome { observed, cursor } = outcome.unwrap();
    assert_eq!((item_names(&observed.items), names(&observed.deleted)), (vec!["well"], vec!["moved"]));
    assert_eq!(cursor.unwrap().bytes, b"two");
}

#[test]
fn whoever_lists_what_is_gone_for_ever_is_asked_three_times() {
    let (asked, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => page("s", true, "+gone +well"),
        _ => items(request, |id| if id == "gone" { failure("ErrorItemNotFound") } else { meeting(id) }),
    });
    assert_eq!(asked.len(), 6);
    let observed = outcome.unwrap().observed;
    assert_eq!((item_names(&observed.items), names(&observed.deleted)), (vec!["well"], vec![]));
}

#[test]
fn an_exception_that_is_gone_by_the_time_it_is_asked_for_has_its_series_listed_again() {
    let mut listed = 0;
    let (asked, outcome) = run(delta(Limits::default()), |request| match request.operation {
        Operation::SyncFolderItems => {
            listed += 1;
            page("s", true, "+daily")
        }
        _ => items(request, |id| match id {
            "daily" if listed == 1 => series(id, &[12, 13]),
            "daily" => series(id, &[13]),
            "daily-12" => failure("ErrorItemNotFound"),
            id => meeting(id),
        }),
    });
    assert_eq!(asked[3..], ["changes state 0/512", "items daily", "items daily-13"]);
    let series = outcome.unwrap().observed.items.remove(0).series.unwrap();
    assert!(series.exceptions.iter().all(|exception| exception.item.is_some()), "{series:?}");
}
