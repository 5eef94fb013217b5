//! Reports: what was done in a period, and who was seen. Pages exist on
//! the server only, charts with them.

mod charts;
mod tables;

use crate::activities::pages::whose_options;
use crate::activities::usual;
use crate::context::{self, url_encode};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use chrono::NaiveDate;
use db::Actor;
use db::activities::Choices;
use leptos::prelude::*;
use shared::activities::Whose;
use shared::reports::{Preset, ReportQuery};
use shared::{FieldErrors, Refusal, StaffId};

/// The same as a file.
pub const CSV: &str = "/reports.csv";

/// What the address asks for.
#[derive(Debug, Clone)]
pub struct ReportParams {
    whose: Whose,
    preset: Preset,
    from: String,
    to: String,
}

impl ReportParams {
    /// `get` answers the parameter of a name, or nothing.
    pub fn read(get: impl Fn(&str) -> String, actor: Option<&Actor>) -> ReportParams {
        let cut = |text: String| text.chars().take(20).collect();
        ReportParams {
            whose: get("whose").parse().unwrap_or_else(|_| usual(actor)),
            preset: preset(&get("period"), &format!("{} {}", get("from"), get("to")), &get("dates")),
            from: cut(get("from")),
            to: cut(get("to")),
        }
    }

    pub fn query(&self, today: NaiveDate) -> Result<ReportQuery, Refusal> {
        Ok(ReportQuery { whose: self.whose, period: self.preset.period(today, &self.from, &self.to)? })
    }

    /// Whose report it is, in words: for print, and for the file's name.
    pub fn whom(&self, actor: &Actor, choices: &Choices) -> String {
        let name = |id: StaffId| choices.staff.iter().find(|(other, _)| *other == id).map(|(_, name)| name.clone());
        match self.whose {
            Whose::All => "Everyone".to_owned(),
            Whose::Supervised => format!("Supervised by {}", actor.name()),
            Whose::Of(id) if actor.staff().is_ok_and(|me| me.id() != id) => {
                name(id).unwrap_or_else(|| "Former staff member".to_owned())
            }
            Whose::Own | Whose::Of(_) => actor.name().to_owned(),
        }
    }

    fn link(&self, path: &str) -> String {
        let mut link = format!("{path}?whose={}&period={}", self.whose, self.preset.as_str());
        if self.preset == Preset::Dates {
            link.push_str(&format!("&from={}&to={}", url_encode(&self.from), url_encode(&self.to)));
        }
        link
    }
}

/// Dates that someone has put in are meant, whatever the select beside them
/// says; with those that stood there before it is the select.
fn preset(period: &str, dates: &str, before: &str) -> Preset {
    let put_in = dates.split_whitespace().count() == 2 && dates != before;
    if put_in { Preset::Dates } else { period.parse().unwrap_or(Preset::ThisYear) }
}

#[component]
pub fn ReportsPage() -> impl IntoView {
    let params = ReportParams::read(context::query, context::maybe_actor().as_ref());
    page(move |page| async move {
        let choices = db::activities::filters(page.pool(), &page.actor).await?;
        let today = db::practice::today(page.pool()).await?;
        let (body, sub) = match params.query(today) {
            Ok(query) => {
                let report = db::reports::report(page.pool(), &page.actor, &query).await?;
                let dates = format!("{} to {}", day(query.period.first), day(query.period.last));
                let sub = format!("{}, {dates}", params.whom(&page.actor, &choices));
                (tables::report(&page, report, &query.period.months(), &params.link(CSV)), Some(sub))
            }
            Err(Refusal::Invalid(errors)) => (wrong(&errors), None),
            Err(refusal) => return Err(AppError::Refused(refusal)),
        };
        let file = sub.is_some().then(|| params.link(CSV));
        Ok(Shown::new(
            "Reports",
            view! {
                <div class="page-head">
                    <div><h1>"Reports"</h1><p class="sub tnum">{sub}</p></div>
                    <div class="actions">
                        {file.map(|href| view! {
                            <button type="button" class="button needs-script" data-print="">"Print"</button>
                            <a class="button" href=href download="">"Download CSV"</a>
                        })}
                    </div>
                </div>
                {filters(&page, &params, &choices)}
                {body}
            },
        ))
    })
}

/// `9 March 2026`.
fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

fn wrong(errors: &FieldErrors) -> AnyView {
    let item = |(field, problem): &(String, shared::Problem)| {
        let label = if field == "from" { "From" } else { "To" };
        view! { <li><a href=format!("#{field}")>{label}": "{problem.to_string()}</a></li> }
    };
    view! {
        <div class="error-summary" role="alert">
            <h2>"Please check the dates."</h2>
            <ul>{errors.0.iter().map(item).collect_view()}</ul>
        </div>
    }
    .into_any()
}

fn filters(page: &Page, params: &ReportParams, choices: &Choices) -> AnyView {
    let presets = Preset::ALL.iter().map(|preset| {
        view! { <option value=preset.as_str() selected=params.preset == *preset>{preset.label()}</option> }
    });
    let own = params.preset == Preset::Dates;
    let (from, to) = if own { (params.from.clone(), params.to.clone()) } else { Default::default() };
    view! {
        <form class="filters" method="get" action="/reports" role="search" aria-label="Reports">
            {own.then(|| view! { <input type="hidden" name="dates" value=format!("{from} {to}")/> })}
            <div class="field"><label for="whose">"Staff member"</label>
                <select id="whose" name="whose">{whose_options(&page.actor, choices, params.whose, false)}</select></div>
            <div class="field"><label for="period">"Period"</label>
                <select id="period" name="period">{presets.collect_view()}</select></div>
            <div class="field"><label for="from">"Custom range: from"</label>
                <input id="from" type="date" name="from" value=from/></div>
            <div class="field"><label for="to">"to"</label><input id="to" type="date" name="to" value=to/></div>
            <button type="submit" class="button">"Show"</button>
        </form>
    }
    .into_any()
}
