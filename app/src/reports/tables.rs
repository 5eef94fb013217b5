//! The sums of a report, and its tables, each under its chart.

use super::charts::{self, Series};
use crate::ui::page::Page;
use crate::ui::parts::thousands;
use chrono::NaiveDate;
use leptos::prelude::*;
use shared::activities::hours_text;
use shared::clients::Kind;
use shared::practice::Section;
use shared::reports::{Cross, MONTHS, Measure, Report, Row, Table, percent};

fn number(count: i64) -> String {
    thousands(u32::try_from(count).unwrap_or(u32::MAX))
}

/// `months`: of the period; `file`: the address of the whole as a file.
pub fn report(page: &Page, report: Report, months: &[NaiveDate], file: &str) -> AnyView {
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
                {page.practice.shows(Section::Activities).then(|| view! {
                    <a class="button primary" href="/activities/new">"New activity"</a>
                })}
            </div>
        }
        .into_any();
    }
    let people = report.seen(Kind::Individual);
    let done = [("Hours", hours_text(report.minutes)), ("Activities", number(report.activities))];
    let seen = Kind::ALL.iter().map(|kind| (kind.plural(), number(report.seen(*kind))));
    let sum = |(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let sums: Vec<_> = done.into_iter().chain(seen).map(sum).collect();
    let uncounted = report.uncounted;
    let left_out = (uncounted > 0).then(|| {
        let who = match uncounted {
            1 => "1 individual, whose record you may not open, is".to_owned(),
            more => format!("{} individuals, whose records you may not open, are", number(more)),
        };
        view! { <p class="notice info">{who}" not counted by age, gender and so on."</p> }
    });
    let cross = report.by_month_and_type.map(|cross| crossed(cross, months, file));
    let tables = report.tables.into_iter().map(|table| {
        let whole = match table.measure {
            Measure::Hours => report.minutes,
            Measure::People => people - uncounted,
            // Of the people one may open.
            Measure::Groups => table.rows.iter().map(|row| row.count).sum(),
        };
        figure(table, whole, months, file)
    });
    view! {
        <dl class="sums tnum">{sums.collect_view()}</dl>
        <p class="hint">
            "Each person counts once. Includes people seen alone and as members of a couple, family or group."
        </p>
        {left_out}
        <div class="charts">{tables.collect_view()}</div>
        {cross}
    }
    .into_any()
}

/// Rows and columns, and what each adds up to.
fn crossed(cross: Cross, months: &[NaiveDate], file: &str) -> AnyView {
    let Cross { key, title, heads, rows } = cross;
    let id = format!("report-{key}");
    let series = heads.iter().enumerate().map(|(at, head)| Series {
        name: head.clone(),
        minutes: rows.iter().map(|(_, cells)| cells.get(at).map_or(0, |cell| cell.minutes)).collect(),
    });
    let chart = charts::columns(title, months, series.collect());
    let mut sums = vec![0; heads.len()];
    let heads = heads.into_iter().map(|head| view! { <th scope="col" class="num">{head}</th> }).collect_view();
    // Where nothing was done a nought would only hide the others.
    let hours = |minutes: i64| match minutes {
        0 => view! { <td class="num muted">"–"</td> }.into_any(),
        minutes => view! { <td class="num tnum">{hours_text(minutes)}</td> }.into_any(),
    };
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(label, cells)| {
            sums.iter_mut().zip(&cells).for_each(|(sum, cell)| *sum += cell.minutes);
            let whole = cells.iter().map(|cell| cell.minutes).sum();
            let cells = cells.into_iter().map(|cell| hours(cell.minutes)).collect_view();
            view! { <tr><th scope="row">{label}</th>{cells}{hours(whole)}</tr> }
        })
        .collect();
    let whole = sums.iter().sum();
    let sums = sums.into_iter().map(hours).collect_view();
    view! {
        <figure class="panel flush chart crossed" aria-labelledby=id.clone()>
            {caption(&id, title, &format!("{file}&table={key}"))}
            {chart}
            <div class="table-wrap" tabindex="0" role="region" aria-labelledby=id.clone()>
                <table class="table" aria-labelledby=id.clone()>
                    <thead><tr>
                        <th scope="col">"Month"</th>
                        {heads}
                        <th scope="col" class="num">"All"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                    <tfoot><tr><th scope="row">"Total"</th>{sums}{hours(whole)}</tr></tfoot>
                </table>
            </div>
        </figure>
    }
    .into_any()
}

fn caption(id: &str, title: &str, file: &str) -> impl IntoView + use<> {
    let (id, title, file, download) = (id.to_owned(), title.to_owned(), file.to_owned(), format!("{title} as CSV"));
    view! {
        <figcaption class="panel-head">
            <h2 id=id>{title}</h2>
            <a class="button small quiet" href=file download="" aria-label=download>"CSV"</a>
        </figcaption>
    }
}

/// A chart and its table; `whole`: what a share is of.
fn figure(table: Table, whole: i64, months: &[NaiveDate], file: &str) -> AnyView {
    let Table { key, title, note, measure, rows } = table;
    let id = format!("report-{key}");
    let chart = if key == MONTHS && months.len() > 1 {
        let minutes = rows.iter().map(|row| row.minutes).collect();
        charts::columns(&title, months, vec![Series { name: "All".to_owned(), minutes }])
    } else {
        charts::bars(&title, measure, &rows, |row| match measure {
            Measure::Hours => hours_text(row.minutes),
            Measure::People | Measure::Groups => number(row.count),
        })
    };
    let (count, sum) = rows.iter().fold((0, 0), |(count, sum), row| (count + row.count, sum + row.size(measure)));
    // Where someone may count twice there is no total.
    let total = note.is_empty().then(|| {
        view! {
            <tfoot><tr>
                <th scope="row">"Total"</th>
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
        Measure::Groups => view! { <th scope="col" class="num">"Groups"</th> }.into_any(),
    };
    let row = |row: Row| {
        let size = row.size(measure);
        view! {
            <tr>
                <th scope="row">{row.label.clone()}</th>
                {amounts(measure, &row)}
                <td class="num muted share">{percent(size, whole)}" %"</td>
            </tr>
        }
    };
    view! {
        <figure class="panel flush chart" aria-labelledby=id.clone()>
            {caption(&id, &title, &format!("{file}&table={key}"))}
            {chart}
            <div class="table-wrap">
                <table class="table" aria-labelledby=id.clone()>
                    <thead><tr>
                        <th scope="col"><span class="sr-only">"What"</span></th>
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
        Measure::People | Measure::Groups => view! { <td class="num tnum">{number(row.count)}</td> }.into_any(),
    }
}
