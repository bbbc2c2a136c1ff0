//! How meetings are treated and joined, for all rooms and for one.

use super::*;
use meeting_model::{
    join::{JoinRule, JoinRules, NumberPattern},
    settings::{SubjectPolicy, SubjectSettings},
};
use std::time::Duration;

#[test]
fn what_a_room_says_goes_before_what_is_said_for_all() {
    let text = format!(
        "{}\n[meetings]\nsubjects = \"busy\"\nrecover = false\nrecover_from_inbox = true\nforget_after = \"2d\"\n\
         [join]\norder = [\"zoom\"]\ndomains = [\"Video.example.com\"]\n[[join.number]]\ndigits = \"6-8\"\n",
        with("acceptance =", "subjects = \"organizer\"\nprivate_flag = \"kept\"\nacceptance =")
    );
    let settings = parse(&text).unwrap().rooms[0].settings.clone();
    let subjects = SubjectSettings {
        shown: SubjectPolicy::Organizer,
        recover: false,
        recover_from_inbox: true,
        private_flag_kept: true,
    };
    assert_eq!(settings.subjects, subjects);
    assert_eq!(settings.forget_after, Duration::from_hours(48));
    let all = NumberPattern { label: None, prefix: String::new(), digits: 6..=8 };
    let join = |order, numbers| JoinRules { order, domains: vec!["video.example.com".into()], numbers };
    assert_eq!(settings.join, join(vec![JoinRule::Zoom], vec![all]));

    let own = "[room.join]\norder = [\"webex\"]\n[[room.join.number]]\nprefix = \"7\"\ndigits = \"7\"\n";
    let settings =
        parse(&text.replace("[meetings]", &format!("{own}[meetings]"))).unwrap().rooms[0].settings.clone();
    let own = NumberPattern { label: None, prefix: "7".into(), digits: 7..=7 };
    assert_eq!(settings.join, join(vec![JoinRule::Webex], vec![own]));
}

#[test]
fn mistakes_in_how_meetings_are_treated_and_joined() {
    let text = format!(
        r#"{LEAST}[room.join]
order = ["zom"]
[meetings]
subjects = "hidden"
private_flag = "keep"
forget_after = "1h"
recovr = true
[join]
order = ["webex", "webex"]
domains = ["example"]
[[join.number]]
prefix = "8899"
digits = "3"
[[join.number]]
prefix = "x"
[[join.number]]
digits = "8-6"
"#
    );
    assert_snapshot!(mistakes(&text), @"
    callboard.toml:17:10: `order`: expected `online-meeting-url`, `location-uri`, `webex`, `teams`, `zoom`, `pexip`, `google-meet`, `number` or `body-uri`, found `zom`: did you mean `zoom`?
    callboard.toml:19:12: `subjects`: expected `show`, `organizer` or `busy`, found `hidden`
    callboard.toml:20:16: `private_flag`: expected `judged` or `kept`, found `keep`: did you mean `kept`?
    callboard.toml:21:16: `forget_after`: expected a span of time from `1d` to `365d`, found `1h`
    callboard.toml:22:1: unknown key `recovr` in [meetings]: did you mean `recover`?
    callboard.toml:24:19: `order`: `webex` is already in this list
    callboard.toml:25:12: `domains`: expected a domain such as `video.example.com`, found `example`
    callboard.toml:27:10: `prefix`: expected at most the 3 digits of the number, found `8899`
    callboard.toml:29:1: missing key `digits` in [[join.number]]
    callboard.toml:30:10: `prefix`: expected digits, found `x`
    callboard.toml:32:10: `digits`: expected how many digits there are, as `7` or `6-8`, at most 32, found `8-6`
    ");
}
