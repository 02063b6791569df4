//! A picture of nanoseconds an event against the number of rules, both axes logarithmic, as SVG.

use std::fmt::Write;

/// One line of the picture.
#[derive(Clone, Debug)]
pub struct Series {
    /// What is written at its end.
    pub name: String,
    /// Rules and nanoseconds.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 50.0;
const COLOURS: &[&str] = &["#0b6e4f", "#b5542b", "#3d5a98", "#8a3b8f", "#6b6b6b", "#a88600"];

/// Draws the series. There is a point in some of them.
pub fn svg(title: &str, series: &[Series]) -> String {
    let all = || series.iter().flat_map(|series| &series.points);
    let decade = |value: f64, up: bool| if up { value.log10().ceil() } else { value.log10().floor() };
    let x_end = all().map(|(x, _)| decade(*x, true)).fold(1.0, f64::max);
    let y_begin = all().map(|(_, y)| decade(*y, false)).fold(f64::MAX, f64::min);
    let y_end = all().map(|(_, y)| decade(*y, true)).fold(y_begin + 1.0, f64::max);
    let x = |value: f64| LEFT + value.log10() / x_end * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - (value.log10() - y_begin) / (y_end - y_begin) * (HEIGHT - TOP - BOTTOM);

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n<text x=\"{LEFT}\" y=\"26\" font-size=\"15\">{title}</text>\n"
    );
    for power in y_begin as i32..=y_end as i32 {
        let (value, at) = (10_f64.powi(power), y(10_f64.powi(power)));
        let _ = writeln!(out, "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#dddddd\"/>", WIDTH - RIGHT);
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            at + 4.0,
            nanos(value)
        );
    }
    for power in 0..=x_end as i32 {
        let (value, at) = (10_f64.powi(power), x(10_f64.powi(power)));
        let _ = writeln!(out, "<path d=\"M{at:.1} {TOP}V{}\" stroke=\"#eeeeee\"/>", HEIGHT - BOTTOM);
        let _ =
            writeln!(out, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{value}</text>", HEIGHT - BOTTOM + 20.0);
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">rules</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 10.0
    );
    for (series, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let path: Vec<String> = series.points.iter().map(|(a, b)| format!("{:.1} {:.1}", x(*a), y(*b))).collect();
        let _ = writeln!(out, "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>", path.join("L"));
        for (a, b) in &series.points {
            let _ = writeln!(out, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>", x(*a), y(*b));
        }
        if let Some((a, b)) = series.points.last() {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
                x(*a) + 8.0,
                y(*b) + 4.0,
                series.name
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn nanos(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{} ms", value / 1e6),
        value if value >= 1e3 => format!("{} us", value / 1e3),
        value => format!("{value} ns"),
    }
}
