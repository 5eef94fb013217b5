//! A blank sheet for codes and the clients they stand for, to be filled in and kept
//! outside. It says nothing of anyone here.

use crate::ui::capital;
use crate::ui::page::{Shown, page};
use leptos::prelude::*;

/// Blank lines of the printed sheet.
const LINES: usize = 25;

pub const COLUMNS: [&str; 6] = ["Code", "Name", "Date of birth", "Phone", "Email", "Remarks"];

#[component]
pub fn CodeSheetPage() -> impl IntoView {
    page(|page| async move {
        page.actor.staff()?;
        let word = page.practice.client_word.clone();
        let line = || view! { <tr>{COLUMNS.iter().map(|_| view! { <td></td> }).collect_view()}</tr> };
        Ok(Shown::new(
            "Code sheet",
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/clients">{format!("All {}", page.practice.client_word_plural)}</a>
                        <h1>{format!("{} code sheet", capital(&word))}</h1>
                        <p class="sub">"Write down who each code stands for and keep this sheet somewhere safe. Kindred doesn’t store it."</p>
                    </div>
                    <div class="actions">
                        <button type="button" class="button needs-script" data-print="">"Print"</button>
                        <a class="button primary" href="/clients/code-sheet.csv" download="code-sheet.csv">"Download as CSV"</a>
                    </div>
                </div>
                <p class="hint paper-hint">"To have it on paper, print this page."</p>
                <div class="panel table-wrap" role="region" aria-label="Sheet" tabindex="0">
                    <table class="table code-sheet">
                        <thead><tr>{COLUMNS.iter().map(|column| view! { <th scope="col">{*column}</th> }).collect_view()}</tr></thead>
                        <tbody>{(0..LINES).map(|_| line()).collect_view()}</tbody>
                    </table>
                </div>
            },
        ))
    })
}

/// The same as a file, with a hundred blank lines.
pub fn csv() -> String {
    let blank = ",".repeat(COLUMNS.len() - 1);
    // The mark tells spreadsheets that it is UTF-8.
    format!("\u{FEFF}{}\r\n{}", COLUMNS.join(","), format!("{blank}\r\n").repeat(100))
}
