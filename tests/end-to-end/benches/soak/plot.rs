//! The measurements as a picture: one panel for each thing that was measured, in SVG 1.1.

use crate::{bounds::Measure, usage::Usage};
use std::{fmt::Write, time::Duration};

const WIDTH: f64 = 720.0;
const PANEL: f64 = 120.0;
/// Room for the names and numbers left of a panel, and between panels.
const LEFT: f64 = 120.0;
const GAP: f64 = 28.0;
const TOP: f64 = 16.0;

/// The picture; what lies before `warm` is shaded.
pub(crate) fn svg(series: &[Usage], warm: Duration) -> String {
    let last = series.last().map_or(1.0, |usage| usage.at.as_secs_f64()).max(1.0);
    let panels = Measure::ALL.iter().fold(0.0, |panels, _| panels + 1.0);
    let height = TOP + (PANEL + GAP) * panels;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let mut top = TOP;
    for measure in &Measure::ALL {
        panel(&mut out, measure, series, (last, warm.as_secs_f64().min(last)), top);
        top += PANEL + GAP;
    }
    out.push_str("</svg>\n");
    out
}

fn panel(out: &mut String, measure: &Measure, series: &[Usage], (last, warm): (f64, f64), top: f64) {
    let wide = WIDTH - LEFT - 16.0;
    let values = || series.iter().map(|usage| (measure.of)(usage) / measure.unit.1);
    let most = round_up(values().fold(0.0, f64::max));
    let x = |at: f64| LEFT + at / last * wide;
    let y = |value: f64| top + PANEL * (1.0 - value / most);
    let bottom = top + PANEL;
    let points = series.iter().zip(values()).fold(String::new(), |mut points, (usage, value)| {
        let separator = if points.is_empty() { "" } else { " " };
        write!(points, "{separator}{:.1},{:.1}", x(usage.at.as_secs_f64()), y(value)).expect(TAKES);
        points
    });
    let (name, unit) = (measure.name, measure.unit.0);
    write!(
        out,
        "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{:.1}\" height=\"{PANEL}\" fill=\"#eee\"/>\n\
         <path d=\"M{LEFT} {top}V{bottom}H{:.1}\" fill=\"none\" stroke=\"#888\"/>\n\
         <text x=\"8\" y=\"{:.1}\" font-weight=\"bold\">{name}</text>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{most} {unit}</text>\n\
         <text x=\"{:.1}\" y=\"{bottom}\" text-anchor=\"end\">0</text>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} min</text>\n\
         <polyline points=\"{points}\" fill=\"none\" stroke=\"#0b5394\" stroke-width=\"1.5\"/>\n",
        x(warm) - LEFT,
        LEFT + wide,
        top + PANEL / 2.0,
        LEFT - 6.0,
        top + 10.0,
        LEFT - 6.0,
        LEFT + wide,
        bottom + 14.0,
        last / 60.0,
    )
    .expect(TAKES);
}

/// The next number that is easy to read: 1, 2 or 5 with zeros behind it.
fn round_up(value: f64) -> f64 {
    let mut ten = 1.0;
    while ten * 10.0 < value {
        ten *= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0].map(|times| times * ten).into_iter().find(|round| *round >= value).unwrap_or(value)
}

const TAKES: &str = "a string takes all that is written to it";
