//! The sums of a report, and its tables: each row with a bar.

use crate::ui::page::Page;
use crate::ui::parts::thousands;
use leptos::prelude::*;
use shared::activities::hours_text;
use shared::clients::Kind;
use shared::reports::{Measure, Report, Row, Table, percent};

fn number(count: i64) -> String {
    thousands(u32::try_from(count).unwrap_or(u32::MAX))
}

/// `file`: the address of the whole as a file.
pub fn report(page: &Page, report: Report, file: &str) -> AnyView {
    if report.activities == 0 {
        let words = format!(
            "Reports add up what is logged as activities: hours by type, setting and month, and which {} they were with. \
             Choose another period, or log the first.",
            page.practice.client_word_plural
        );
        return view! {
            <div class="panel empty">
                <h2>"Nothing logged in this period"</h2>
                <p>{words}</p>
                <a class="button primary" href="/activities/new">"New activity"</a>
            </div>
        }
        .into_any();
    }
    let people = report.seen(Kind::Individual);
    let sums = [
        ("Hours", hours_text(report.minutes)),
        ("Activities", number(report.activities)),
        ("Individuals", number(people)),
        ("Couples", number(report.seen(Kind::Couple))),
        ("Families", number(report.seen(Kind::Family))),
        ("Groups", number(report.seen(Kind::Group))),
    ];
    let sums = sums.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    let tables = report.tables.into_iter().map(|table| {
        let whole = match table.measure {
            Measure::Hours => report.minutes,
            Measure::People => people,
        };
        figure(table, whole, file)
    });
    view! {
        <dl class="sums tnum">{sums.collect_view()}</dl>
        <p class="hint">
            "Each counts once, however often seen. Individuals are those seen by themselves, and those who were there as members of a couple, family or group, whether or not they have left it since."
        </p>
        <div class="charts">{tables.collect_view()}</div>
    }
    .into_any()
}

/// A table with a bar in each row; `whole`: what a share is of.
fn figure(table: Table, whole: i64, file: &str) -> AnyView {
    let Table { key, title, note, measure, rows } = table;
    let id = format!("report-{key}");
    let most = rows.iter().map(|row| row.size(measure)).max().unwrap_or_default();
    let (count, sum) = rows.iter().fold((0, 0), |(count, sum), row| (count + row.count, sum + row.size(measure)));
    // Where somebody may count twice there is no total.
    let total = note.is_empty().then(|| {
        view! {
            <tfoot><tr>
                <th scope="row">"Total"</th><td></td>
                {amounts(measure, &Row { label: String::new(), count, minutes: sum })}
                <td class="share"></td>
            </tr></tfoot>
        }
    });
    let heads = match measure {
        Measure::Hours => {
            view! { <th scope="col" class="num">"Hours"</th><th scope="col" class="num">"Activities"</th> }.into_any()
        }
        Measure::People => view! { <th scope="col" class="num">"People"</th> }.into_any(),
    };
    let row = |row: Row| {
        let size = row.size(measure);
        view! {
            <tr>
                <th scope="row">{row.label.clone()}</th>
                <td class="bar-cell">{bar(percent(size, most))}</td>
                {amounts(measure, &row)}
                <td class="num muted share">{percent(size, whole)}" %"</td>
            </tr>
        }
    };
    let file = format!("{file}&table={key}");
    let download = format!("{title} as CSV");
    view! {
        <figure class="panel flush chart" aria-labelledby=id.clone()>
            <figcaption class="panel-head">
                <h2 id=id.clone()>{title}</h2>
                <a class="button small quiet" href=file download="" aria-label=download>"CSV"</a>
            </figcaption>
            <div class="table-wrap">
                <table class="table" aria-labelledby=id.clone()>
                    <thead><tr>
                        <th scope="col"><span class="sr-only">"What"</span></th>
                        <td></td>
                        {heads}
                        <th scope="col" class="num share">"Share"</th>
                    </tr></thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                    {total}
                </table>
            </div>
            {(!note.is_empty()).then(|| view! { <p class="panel-foot hint">{note}</p> })}
        </figure>
    }
    .into_any()
}

fn amounts(measure: Measure, row: &Row) -> AnyView {
    match measure {
        Measure::Hours => {
            view! { <td class="num tnum">{hours_text(row.minutes)}</td><td class="num tnum">{number(row.count)}</td> }
                .into_any()
        }
        Measure::People => view! { <td class="num tnum">{number(row.count)}</td> }.into_any(),
    }
}

/// The number stands beside it; for those who see, how it compares.
fn bar(hundredths: i64) -> impl IntoView {
    view! {
        <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect width=hundredths.to_string() height="10"></rect>
        </svg>
    }
}
